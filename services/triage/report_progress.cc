#include "services/triage/report_progress.h"

#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/policy/life.h"
#include "services/triage/report_content.h"

namespace chanyan::triage {
namespace {

// A row of each team and one of all: name, a figure of each stage, and what `finish` adds.
void AddTeams(const v1::ReportContent& content,
              absl::FunctionRef<int64_t(const v1::FunnelStep&)> of,
              absl::FunctionRef<void(const v1::FunnelGroup&, std::vector<std::string>&)> finish,
              v1::ReportTable* table) {
  const auto add = [&](const std::string& name, const v1::FunnelGroup& group) {
    std::vector<std::string> cells = {name};
    for (const v1::FunnelStep& step : group.steps()) cells.push_back(absl::StrCat(of(step)));
    cells.resize(1 + v1::FunnelStage_MAX, "0");
    finish(group, cells);
    AddReportRow(table, group.key(), std::move(cells));
  };
  for (const v1::FunnelGroup& team : content.teams()) add(team.title(), team);
  add("合计", content.total());
}

}  // namespace

void AddColumns(v1::ReportTable* table, const std::vector<std::string>& names) {
  for (const std::string& name : names) table->add_columns(name);
}

void AddReportRow(v1::ReportTable* table, const std::string& subject,
                  std::vector<std::string> cells) {
  table->set_total(table->total() + 1);
  if (table->rows_size() >= kMaxReportRows) return;
  v1::ReportRow* row = table->add_rows();
  row->set_subject(subject);
  for (std::string& cell : cells) row->add_cells(std::move(cell));
}

std::string StageDeed(v1::FunnelStage stage) {
  const std::string label = policy::LabelOf(stage);
  return std::string(absl::StripSuffix(absl::StripPrefix(label, "已"), "中"));
}

void FillProgress(const v1::ReportContent& content, v1::ReportTable* table) {
  AddColumns(table, {"服务专班"});
  for (int stage = 1; stage <= v1::FunnelStage_MAX; ++stage) {
    table->add_columns(policy::LabelOf(static_cast<v1::FunnelStage>(stage)));
  }
  AddColumns(table, {"合同金额（万元）"});
  AddTeams(
      content, [](const v1::FunnelStep& step) { return step.reached(); },
      [](const v1::FunnelGroup& group, std::vector<std::string>& cells) {
        cells.push_back(TenThousands(group.contract_yuan()));
      },
      table);
}

void FillProgressOfPeriod(const v1::ReportContent& content, const std::string& title,
                          v1::ReportTable* table) {
  table->set_part(kProgressOfPeriod);
  table->set_title(absl::StrCat(title, "（本期新增）"));
  AddColumns(table, {"服务专班"});
  for (int stage = 1; stage <= v1::FunnelStage_MAX; ++stage) {
    table->add_columns(absl::StrCat("本期新增", StageDeed(static_cast<v1::FunnelStage>(stage))));
  }
  AddTeams(
      content, [](const v1::FunnelStep& step) { return step.entered(); },
      [](const v1::FunnelGroup&, std::vector<std::string>&) {}, table);
}

}  // namespace chanyan::triage
