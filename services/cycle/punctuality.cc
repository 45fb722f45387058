// Who reported, and when (CYC-5).
#include <map>

#include "absl/strings/str_cat.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"

namespace chanyan::cycle {
namespace {

void AddTo(const v1::PunctualityLine& line, v1::PunctualityLine* total) {
  total->set_expected(total->expected() + line.expected());
  total->set_actual(total->actual() + line.actual());
  total->set_on_time(total->on_time() + line.on_time());
}

// "高校院所：应报送 2，已报送 1，按时报送 1，按时率 50%".
std::string InOneLine(const v1::PunctualityLine& total) {
  std::string line = absl::StrCat(total.title(), "：应报送 ", total.expected(), "，已报送 ",
                                  total.actual(), "，按时报送 ", total.on_time());
  if (total.expected() > 0) {
    absl::StrAppend(&line, "，按时率 ", total.on_time() * 100 / total.expected(), "%");
  }
  return line;
}

}  // namespace

absl::StatusOr<v1::Punctuality> CycleService::QueryPunctuality(
    const rpc::Call& call, const v1::QueryPunctualityRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const auto unit_titles,
                           FetchUnitTitles(deps_.peers, rpc::AsService(call)));
  v1::Cycle cycle;
  std::vector<v1::Form> forms;
  std::map<std::string, EnterpriseReturn> returns;
  Expected expected;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(cycle, LoadCycle(session, call, request.name()));
    CHANYAN_ASSIGN_OR_RETURN(
        forms, forms_.Select(session, Below(absl::StrCat(cycle.name(), "/forms")), "university"));
    CHANYAN_ASSIGN_OR_RETURN(returns, LoadReturns(session, cycle.name()));
    CHANYAN_ASSIGN_OR_RETURN(expected, LoadExpected(session, cycle, returns));
    return absl::OkStatus();
  };
  db::TransactOptions options;
  options.deadline = call.deadline;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(options, read));

  v1::Punctuality result;
  *result.mutable_as_of() = time::ToTimestamp(NowIn(cycle, deps_.store.clock.Now()));
  for (const v1::Form& form : forms) {
    v1::PunctualityLine& line = *result.add_lines();
    line.set_organization(form.university());
    line.set_title(form.university_title());
    line.set_expected(1);
    line.set_actual(form.revision() > 0 ? 1 : 0);
    line.set_on_time(form.revision() > 0 && form.on_time() ? 1 : 0);
    AddTo(line, result.mutable_universities());
  }
  result.mutable_universities()->set_title("高校院所");
  const bool counted = deps_.pack.proto().cycle_plan().reporters().count_unpublished();
  for (const v1::UnpublishedOwner& owner : cycle.unpublished()) {
    v1::PunctualityLine& line = *result.add_lines();
    line.set_organization(owner.organization());
    line.set_title(owner.title());
    line.set_note("未发布平台");
    line.set_expected(1);
    AddTo(line, result.mutable_unpublished());
    if (counted) {
      AddTo(line, result.mutable_universities());
    } else {
      line.set_expected(0);
    }
  }
  result.mutable_unpublished()->set_title("未发布平台的高校院所");
  for (const auto& [unit, enterprises] : expected) {
    v1::PunctualityLine& line = *result.add_lines();
    line.set_organization(unit);
    line.set_title(TitleOf(unit_titles, unit));
    line.set_expected(static_cast<int32_t>(enterprises.size()));
    for (const std::string& enterprise : enterprises) {
      const auto given = returns.find(enterprise);
      if (given == returns.end()) continue;
      line.set_actual(line.actual() + 1);
      line.set_on_time(line.on_time() + (given->second.on_time ? 1 : 0));
    }
    AddTo(line, result.mutable_enterprises());
  }
  result.mutable_enterprises()->set_title("企业");
  return result;
}

absl::StatusOr<google::api::HttpBody> CycleService::ExportPunctuality(
    const rpc::Call& call, const v1::ExportPunctualityRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                           rpc::Fetch(deps_.store.db, call, cycles_, request.name()));
  v1::QueryPunctualityRequest query;
  query.set_name(cycle.name());
  CHANYAN_ASSIGN_OR_RETURN(const v1::Punctuality result, QueryPunctuality(call, query));
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, QuarterOf(cycle.name()));
  sheet::TableLayout layout;
  layout.title_rows = {absl::StrCat(quarter.LabelZh(), "季度报表按时报送情况表",
                                    cycle.rehearsal() ? "（演练或补录）" : ""),
                       InOneLine(result.universities()), InOneLine(result.enterprises())};
  if (result.unpublished().expected() > 0) {
    layout.title_rows.push_back(absl::StrCat(
        result.unpublished().title(), "：", result.unpublished().expected(), "家",
        deps_.pack.proto().cycle_plan().reporters().count_unpublished() ? "，已计入应报送"
                                                                        : "，未计入应报送"));
  }
  return rpc::ExportSheet<v1::PunctualityLine>("按时报送情况", time::ToTime(result.as_of()),
                                               result.lines(), layout);
}

}  // namespace chanyan::cycle
