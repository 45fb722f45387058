#include "services/pairing/report_book.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/parties.h"
#include "services/pairing/report_rules.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string ReportName(absl::string_view project, absl::string_view quarter) {
  return absl::StrCat(project, "/reports/", quarter);
}

bool Says(const v1::ReportVersion& version, const v1::Report& report) {
  return version.row() == report.row() && version.progress() == report.progress() &&
         version.no_change() == report.no_change() && version.problem() == report.problem();
}

// The form's version that came last; null if none did.
const v1::ReportVersion* LastForm(const std::vector<v1::ReportVersion>& versions) {
  const v1::ReportVersion* counted = CountedOf(versions);
  return counted != nullptr && counted->origin() == v1::REPORT_ORIGIN_FORM ? counted : nullptr;
}

}  // namespace

v1::ReportVersion NextVersion(const v1::Project& project, absl::string_view quarter,
                              const std::vector<v1::ReportVersion>& versions) {
  int sequence = 0;
  for (const v1::ReportVersion& version : versions) {
    sequence = std::max(sequence, version.sequence());
  }
  v1::ReportVersion next;
  next.set_sequence(sequence + 1);
  next.set_name(absl::StrCat(ReportName(project.name(), quarter), "/versions/", sequence + 1));
  next.set_quarter(std::string(quarter));
  CopyParties(project, &next);
  return next;
}

void MarkSubmitted(absl::Time now, const std::vector<v1::ReportVersion>& versions,
                   v1::ReportVersion* version) {
  const v1::ReportVersion* newest = NewestOf(versions);
  version->set_submission(newest == nullptr ? 1 : newest->submission() + 1);
  version->set_state(v1::REPORT_STATE_SUBMITTED);
  api::SetTime(now, version->mutable_submit_time());
}

absl::StatusOr<std::vector<v1::ReportVersion>> ReportBook::VersionsOf(
    db::Session& session, absl::string_view project, absl::string_view quarter) const {
  return versions_.Select(
      session, {"project = ? AND quarter = ?", {std::string(project), std::string(quarter)}},
      "sequence FOR UPDATE");
}

absl::StatusOr<bool> ReportBook::TakeForm(rpc::Change& change, const v1::Project& project,
                                          absl::string_view quarter,
                                          const v1::Report& report) const {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::ReportVersion> versions,
                           VersionsOf(change.session(), project.name(), quarter));
  const v1::ReportVersion* last = LastForm(versions);
  const bool fresh = last == nullptr || !Says(*last, report);
  if (fresh) {
    v1::ReportVersion version = NextVersion(project, quarter, versions);
    version.set_origin(v1::REPORT_ORIGIN_FORM);
    version.set_row(report.row());
    version.set_organization(project.university());
    version.set_progress(report.progress());
    version.set_no_change(report.no_change());
    version.set_problem(report.problem());
    MarkSubmitted(change.now(), versions, &version);
    CHANYAN_RETURN_IF_ERROR(versions_.Insert(change.session(), change.now(), &version));
    CHANYAN_RETURN_IF_ERROR(change.Record("submit", nullptr, &version));
    versions.push_back(std::move(version));
  }
  CHANYAN_RETURN_IF_ERROR(Settle(change, project, quarter, versions));
  return fresh;
}

absl::Status ReportBook::Settle(rpc::Change& change, const v1::Project& project,
                                absl::string_view quarter,
                                const std::vector<v1::ReportVersion>& versions) const {
  const v1::ReportVersion* counted = CountedOf(versions);
  if (counted == nullptr) return status::Internal("a report without a submitted version");
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter of, time::Quarter::Parse(quarter));
  const std::string name = ReportName(project.name(), quarter);
  const absl::StatusOr<v1::ProgressReport> stored = reports_.GetForUpdate(change.session(), name);
  if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  v1::ProgressReport report;
  if (stored.ok()) report = *stored;
  report.set_name(name);
  report.set_quarter(std::string(quarter));
  report.set_row(counted->row());
  report.set_university(project.university());
  report.set_enterprise(project.enterprise());
  report.set_unit(project.unit());
  report.set_progress(counted->progress());
  report.set_no_change(counted->no_change());
  report.set_problem(counted->problem());
  report.set_category(CategoryOf(project, of));
  report.set_counted_version(counted->name());
  const std::vector<v1::ReportConflict> conflicts = ConflictsOf(versions);
  report.mutable_conflicts()->Assign(conflicts.begin(), conflicts.end());
  if (!stored.ok()) {
    CHANYAN_RETURN_IF_ERROR(reports_.Insert(change.session(), change.now(), &report));
    return change.Record("created", nullptr, &report);
  }
  if (MessageDifferencer::Equals(*stored, report)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(reports_.Update(change.session(), change.now(), &report));
  return change.Record("updated", &*stored, &report);
}

absl::Status ReportBook::Recategorize(rpc::Change& change, const v1::Project& project) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::ProgressReport> reports,
      reports_.Select(change.session(), OfProject(project.name()), "name FOR UPDATE"));
  for (v1::ProgressReport& report : reports) {
    CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, time::Quarter::Parse(report.quarter()));
    const v1::ReportCategory category = CategoryOf(project, quarter);
    if (category == report.category()) continue;
    const v1::ProgressReport before = report;
    report.set_category(category);
    CHANYAN_RETURN_IF_ERROR(reports_.Update(change.session(), change.now(), &report));
    CHANYAN_RETURN_IF_ERROR(change.Record("updated", &before, &report));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
