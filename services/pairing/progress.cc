// A quarter in numbers (PAIR-4): counted from the categories that the rule gave the reports.
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/pairing/report_service.h"
#include "services/pairing/sql_values.h"

namespace chanyan::pairing {
namespace {

// $0 = key column, $1 = the caller's rows.
constexpr char kReported[] =
    "SELECT $0, SUM(category = 'INTENT'), SUM(category = 'NEW'), SUM(category = 'ONGOING'),"
    " SUM(no_change), SUM(problem <> ''), SUM(JSON_LENGTH(conflicts) > 0)"
    " FROM progress_report WHERE quarter = ? AND ($1) GROUP BY $0";
constexpr char kMissingReports[] =
    "SELECT $0, COUNT(*) FROM project WHERE state NOT IN ('COMPLETED', 'TERMINATED')"
    " AND create_time < ? AND ($1) AND NOT EXISTS (SELECT 1 FROM progress_report report"
    " WHERE report.project = project.name AND report.quarter = ?) GROUP BY $0";

absl::string_view KeyOf(v1::ProgressGrouping grouping) {
  switch (grouping) {
    case v1::PROGRESS_GROUPING_UNIVERSITY:
      return "university";
    case v1::PROGRESS_GROUPING_UNIT:
      return "unit";
    default:
      return "''";
  }
}

void Add(const v1::ProgressLine& line, v1::ProgressLine* total) {
  total->set_intent_count(total->intent_count() + line.intent_count());
  total->set_new_count(total->new_count() + line.new_count());
  total->set_ongoing_count(total->ongoing_count() + line.ongoing_count());
  total->set_no_change_count(total->no_change_count() + line.no_change_count());
  total->set_problem_count(total->problem_count() + line.problem_count());
  total->set_conflict_count(total->conflict_count() + line.conflict_count());
  total->set_missing_count(total->missing_count() + line.missing_count());
}

}  // namespace

absl::StatusOr<v1::Progress> ReportService::QueryProgress(const rpc::Call& call,
                                                          const v1::QueryProgressRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  time::Quarter quarter = time::Quarter::Of(time::DayOf(now));
  if (!request.quarter().empty()) {
    CHANYAN_ASSIGN_OR_RETURN(quarter, time::Quarter::Parse(request.quarter()));
  }
  // Column names come from the table above, scopes from the descriptors: no text of the caller.
  const absl::string_view key = KeyOf(request.group_by());
  const db::Predicate reports = auth::Readable<v1::ProgressReport>(call.principal);
  const db::Predicate projects = auth::Readable<v1::Project>(call.principal);
  std::map<std::string, v1::ProgressLine> lines;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        lines.clear();
        db::Values params = {quarter.Id()};
        params.insert(params.end(), reports.params.begin(), reports.params.end());
        CHANYAN_ASSIGN_OR_RETURN(
            const db::Rows reported,
            session.Query(absl::Substitute(kReported, key, reports.sql), params));
        for (const db::Values& row : reported.rows) {
          v1::ProgressLine& line = lines[TextOf(row[0])];
          line.set_intent_count(static_cast<int32_t>(WholeOf(row[1])));
          line.set_new_count(static_cast<int32_t>(WholeOf(row[2])));
          line.set_ongoing_count(static_cast<int32_t>(WholeOf(row[3])));
          line.set_no_change_count(static_cast<int32_t>(WholeOf(row[4])));
          line.set_problem_count(static_cast<int32_t>(WholeOf(row[5])));
          line.set_conflict_count(static_cast<int32_t>(WholeOf(row[6])));
        }
        params = {time::StartOfDay(quarter.LastDay() + 1)};
        params.insert(params.end(), projects.params.begin(), projects.params.end());
        params.push_back(quarter.Id());
        CHANYAN_ASSIGN_OR_RETURN(
            const db::Rows missing,
            session.Query(absl::Substitute(kMissingReports, key, projects.sql), params));
        for (const db::Values& row : missing.rows) {
          lines[TextOf(row[0])].set_missing_count(static_cast<int32_t>(WholeOf(row[1])));
        }
        return absl::OkStatus();
      }));
  v1::Progress progress;
  progress.set_quarter(quarter.Id());
  api::SetTime(now, progress.mutable_as_of());
  progress.mutable_total();
  for (auto& [name, line] : lines) {
    Add(line, progress.mutable_total());
    line.set_key(name);
    if (request.group_by() != v1::PROGRESS_GROUPING_UNSPECIFIED) *progress.add_lines() = line;
  }
  return progress;
}

}  // namespace chanyan::pairing
