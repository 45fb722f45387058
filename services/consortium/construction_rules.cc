#include "services/consortium/construction_rules.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::consortium {
namespace {

constexpr int kMonthsOfYear = 12;

// Ids of the parts, with their names.
std::map<std::string, std::string> PartNames(const ConsortiumPack& pack) {
  std::map<std::string, std::string> names;
  for (const auto& part : pack.proto().evaluation().parts()) {
    names.emplace(part.id(), part.display_name());
  }
  return names;
}

}  // namespace

ReportPeriod LatestPeriod(uint32_t months, absl::CivilDay today) {
  const int length = static_cast<int>(months);
  // The period that `today` lies in is not over.
  const absl::CivilMonth year(today.year());
  const int into = (today.month() - 1) / length * length;
  const absl::CivilMonth next = year + into;
  const absl::CivilMonth first = next - length;
  ReportPeriod period;
  period.first = absl::CivilDay(first);
  period.last = absl::CivilDay(next) - 1;
  period.id = absl::StrCat(first.year());
  period.title = absl::StrCat(first.year(), "年");
  if (length == kMonthsOfYear) return period;
  const int nth = (first.month() - 1) / length + 1;
  absl::StrAppend(&period.id, length == kMonthsOfYear / 2 ? "h" : "q", nth);
  absl::StrAppend(&period.title, first.month(), "月至", period.last.month(), "月");
  return period;
}

absl::Status SetTerm(const ConsortiumPack& pack, absl::CivilDay day, uint32_t workdays,
                     v1::ConstructionReport* report) {
  const policy::WorkCalendar& calendar = pack.pack().calendar();
  CHANYAN_ASSIGN_OR_RETURN(const policy::Term term,
                           calendar.TermAfter(day, static_cast<int>(workdays)));
  const int before = static_cast<int>(pack.proto().progress().remind_workdays());
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay remind,
                           calendar.AddWorkdays(term.last_day, -before));
  *report->mutable_due_time() = time::ToTimestamp(term.deadline);
  report->set_due_note(term.derivation);
  *report->mutable_remind_time() = time::ToTimestamp(time::StartOfDay(std::max(remind, day)));
  report->set_reminded(false);
  report->set_overdue(false);
  return absl::OkStatus();
}

std::vector<status::Violation> ConstructionViolations(const ConsortiumPack& pack,
                                                      const v1::ConstructionVersion& version,
                                                      bool whole) {
  std::vector<status::Violation> wrong;
  const std::map<std::string, std::string> parts = PartNames(pack);
  std::set<std::string> seen;
  for (int i = 0; i < version.items_size(); ++i) {
    const std::string& part = version.items(i).part();
    const std::string at = absl::StrCat("items[", i, "].part");
    if (!parts.contains(part)) {
      wrong.push_back({at, absl::StrCat("“", part, "”不是政策包中的绩效评价内容")});
    } else if (!seen.insert(part).second) {
      wrong.push_back({at, absl::StrCat("“", parts.at(part), "”重复")});
    }
  }
  if (version.no_change() && !version.items().empty()) {
    wrong.push_back({"no_change", "进展情况和“本期无变化”只能填一项"});
  }
  if (!whole || version.no_change()) return wrong;
  for (const auto& part : pack.proto().evaluation().parts()) {
    if (seen.contains(part.id())) continue;
    wrong.push_back({"items", absl::StrCat("请填写“", part.display_name(),
                                           "”的进展情况；全部没有变化的，请选“本期无变化”")});
  }
  return wrong;
}

v1::EvaluationReport EvaluationReportOf(const v1::ConstructionReport& report,
                                        const v1::ConstructionVersion* counted) {
  v1::EvaluationReport found;
  found.set_report(report.name());
  found.set_period_title(report.period_title());
  found.set_state(report.state());
  found.set_late(report.late());
  if (report.has_submit_time()) *found.mutable_submit_time() = report.submit_time();
  if (counted == nullptr) return found;
  found.set_no_change(counted->no_change());
  *found.mutable_items() = counted->items();
  found.set_funds_yuan(counted->funds_yuan());
  found.set_problem(counted->problem());
  return found;
}

std::string ProgressText(const ConsortiumPack& pack, const v1::ConstructionVersion& version) {
  if (version.no_change()) return "本期无变化";
  const std::map<std::string, std::string> parts = PartNames(pack);
  std::vector<std::string> lines;
  for (const v1::ConstructionItem& item : version.items()) {
    const auto part = parts.find(item.part());
    lines.push_back(
        absl::StrCat(part == parts.end() ? item.part() : part->second, "：", item.content()));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace chanyan::consortium
