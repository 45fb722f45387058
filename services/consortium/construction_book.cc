#include "services/consortium/construction_book.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/consortium/construction_life.h"
#include "services/consortium/due_queries.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

// EvaluationReport.reports.
constexpr int kMostReportsFound = 24;

bool IsLeadsTurn(const v1::ConstructionReport& report) {
  return (policy::Bits(report.state()) & kReportDue) != 0;
}

}  // namespace

absl::StatusOr<std::vector<v1::EvaluationReport>> ReportsFound(db::Session& session,
                                                               absl::string_view consortium) {
  const db::Table<v1::ConstructionReport> reports;
  const db::Table<v1::ConstructionVersion> versions;
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::ConstructionReport> rows,
      reports.Select(session, {"consortium = ?", {std::string(consortium)}},
                     absl::StrCat("end_date DESC, name LIMIT ", kMostReportsFound)));
  std::vector<std::string> names;
  for (const v1::ConstructionReport& row : rows) {
    if (!row.counted_version().empty()) names.push_back(row.counted_version());
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ConstructionVersion> counted,
                           versions.GetAll(session, names));
  std::vector<v1::EvaluationReport> found;
  for (const v1::ConstructionReport& row : rows) {
    const v1::ConstructionVersion* of = nullptr;
    for (const v1::ConstructionVersion& one : counted) {
      if (one.name() == row.counted_version()) of = &one;
    }
    found.push_back(EvaluationReportOf(row, of));
  }
  return found;
}

absl::StatusOr<bool> ConstructionBook::AskOne(rpc::Change& change, const std::string& consortium,
                                              const ReportPeriod& period) const {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium row, deps_.book.LockAny(change, consortium));
  if (!In(row.state(), kInForce)) return false;
  v1::ConstructionReport report;
  report.set_name(absl::StrCat(row.name(), "/constructionReports/", period.id));
  const absl::Status known = reports_.Get(change.session(), report.name()).status();
  if (!absl::IsNotFound(known)) {
    CHANYAN_RETURN_IF_ERROR(known);
    return false;
  }
  report.set_period(period.id);
  report.set_period_title(period.title);
  *report.mutable_start_date() = time::ToProto(period.first);
  *report.mutable_end_date() = time::ToProto(period.last);
  report.set_state(v1::CONSTRUCTION_REPORT_STATE_DUE);
  CHANYAN_RETURN_IF_ERROR(SetTerm(deps_.pack, time::DayOf(change.now()),
                                  deps_.pack.proto().progress().due_workdays(), &report));
  CopyParties(row, &report);
  CHANYAN_RETURN_IF_ERROR(reports_.Insert(change.session(), change.now(), &report));
  CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &report));
  return true;
}

absl::StatusOr<int> ConstructionBook::Ask(const db::Lease& lease) {
  if (!deps_.pack.proto().has_progress()) return 0;
  const ReportPeriod period = LatestPeriod(deps_.pack.proto().progress().period_months(),
                                           time::DayOf(deps_.store.clock.Now()));
  return ForEachDue(
      deps_.due(), lease, DueJob::kAskReport, UnaskedConsortia(),
      {time::FormatDate(period.first), absl::StrCat("/constructionReports/", period.id)},
      [&](rpc::Change& change, const std::string& name) { return AskOne(change, name, period); });
}

absl::StatusOr<bool> ConstructionBook::RemindOne(rpc::Change& change,
                                                 const std::string& name) const {
  CHANYAN_ASSIGN_OR_RETURN(v1::ConstructionReport row,
                           reports_.GetForUpdate(change.session(), name));
  const bool over = time::IsPastDeadline(change.now(), time::ToTime(row.due_time()));
  const bool early = change.now() < time::ToTime(row.remind_time());
  if (!IsLeadsTurn(row) || row.reminded() || over || early) return false;
  const v1::ConstructionReport before = row;
  row.set_reminded(true);
  CHANYAN_RETURN_IF_ERROR(reports_.Update(change.session(), change.now(), &row));
  CHANYAN_RETURN_IF_ERROR(change.Record("remind", &before, &row));
  return true;
}

absl::StatusOr<int> ConstructionBook::Remind(const db::Lease& lease) {
  const absl::Time now = deps_.store.clock.Now();
  return ForEachDue(
      deps_.due(), lease, DueJob::kRemindReport, kRemindReports, {now, now},
      [&](rpc::Change& change, const std::string& name) { return RemindOne(change, name); });
}

absl::StatusOr<bool> ConstructionBook::MarkOne(rpc::Change& change, const std::string& name) const {
  CHANYAN_ASSIGN_OR_RETURN(v1::ConstructionReport row,
                           reports_.GetForUpdate(change.session(), name));
  if (!IsLeadsTurn(row) || row.overdue() ||
      !time::IsPastDeadline(change.now(), time::ToTime(row.due_time()))) {
    return false;
  }
  const v1::ConstructionReport before = row;
  row.set_overdue(true);
  row.set_late(true);
  CHANYAN_RETURN_IF_ERROR(reports_.Update(change.session(), change.now(), &row));
  CHANYAN_RETURN_IF_ERROR(change.Record("overdue", &before, &row));
  return true;
}

absl::StatusOr<int> ConstructionBook::MarkOverdue(const db::Lease& lease) {
  // A deadline is its last second.
  return ForEachDue(
      deps_.due(), lease, DueJob::kLateReport, kLateReports,
      {deps_.store.clock.Now() - absl::Seconds(1)},
      [&](rpc::Change& change, const std::string& name) { return MarkOne(change, name); });
}

absl::StatusOr<bool> ConstructionBook::EndOne(rpc::Change& change, const std::string& name) const {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium dossier,
                           deps_.book.LockAny(change, ConsortiumOfName(name)));
  CHANYAN_ASSIGN_OR_RETURN(v1::ConstructionReport row,
                           reports_.GetForUpdate(change.session(), name));
  if (!IsLeadsTurn(row) || In(dossier.state(), kInForce)) return false;
  const v1::ConstructionReport before = row;
  CHANYAN_ASSIGN_OR_RETURN(const v1::ConstructionReportState next,
                           policy::Next(ConstructionReportLife(), row.state(), "end"));
  row.set_state(next);
  row.set_overdue(false);
  CHANYAN_RETURN_IF_ERROR(reports_.Update(change.session(), change.now(), &row));
  CHANYAN_RETURN_IF_ERROR(change.Record("end", &before, &row));
  return true;
}

absl::StatusOr<int> ConstructionBook::End(const db::Lease& lease) {
  return ForEachDue(
      deps_.due(), lease, DueJob::kEndReport, OverReports(), {},
      [&](rpc::Change& change, const std::string& name) { return EndOne(change, name); });
}

}  // namespace chanyan::consortium
