#include "services/pairing/report_book.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/parties.h"
#include "services/pairing/report_rules.h"
#include "services/pairing/select_in.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;

bool Says(const v1::ReportVersion& version, const v1::Report& report) {
  return version.row() == report.row() && version.progress() == report.progress() &&
         version.no_change() == report.no_change() && version.problem() == report.problem();
}

// The form's version that came last; null if none did.
const v1::ReportVersion* LastForm(const std::vector<v1::ReportVersion>& versions) {
  const v1::ReportVersion* counted = CountedOf(versions);
  return counted != nullptr && counted->origin() == v1::REPORT_ORIGIN_FORM ? counted : nullptr;
}

// The report by its versions, of which one counts; what else stands in it stays.
v1::ProgressReport ReportBy(const v1::Project& project, time::Quarter quarter,
                            const std::vector<v1::ReportVersion>& versions,
                            const v1::ReportVersion& counted, const v1::ProgressReport& stored) {
  v1::ProgressReport report = stored;
  report.set_name(ReportName(project.name(), quarter.Id()));
  report.set_quarter(quarter.Id());
  report.set_row(counted.row());
  report.set_university(project.university());
  report.set_enterprise(project.enterprise());
  report.set_unit(project.unit());
  report.set_progress(counted.progress());
  report.set_no_change(counted.no_change());
  report.set_problem(counted.problem());
  report.set_category(CategoryOf(project, quarter));
  report.set_counted_version(counted.name());
  const std::vector<v1::ReportConflict> conflicts = ConflictsOf(versions);
  report.mutable_conflicts()->Assign(conflicts.begin(), conflicts.end());
  return report;
}

v1::ReportVersion VersionOf(const v1::Report& report, const ReportBook::Versioned& of,
                            absl::Time now) {
  v1::ReportVersion version = NextVersion(*of.project, of.quarter, of.versions);
  version.set_origin(v1::REPORT_ORIGIN_FORM);
  version.set_row(report.row());
  version.set_organization(of.project->university());
  version.set_progress(report.progress());
  version.set_no_change(report.no_change());
  version.set_problem(report.problem());
  MarkSubmitted(now, of.versions, &version);
  return version;
}

}  // namespace

std::string ReportName(absl::string_view project, absl::string_view quarter) {
  return absl::StrCat(project, "/reports/", quarter);
}

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

absl::Status ReportBook::LoadVersions(db::Session& session, std::vector<std::string> projects,
                                      const db::Predicate& where,
                                      const std::function<void(v1::ReportVersion)>& take) const {
  return SelectIn(session, versions_, "project", std::move(projects), where,
                  "project, quarter, sequence FOR UPDATE", take);
}

absl::StatusOr<std::vector<bool>> ReportBook::TakeForms(rpc::Change& change,
                                                        absl::string_view quarter,
                                                        absl::Span<const FormRow> rows) const {
  // By the project's name.
  std::map<std::string, Versioned> all;
  std::vector<std::string> known;
  for (const FormRow& row : rows) {
    const bool first =
        all.try_emplace(row.project->name(),
                        Versioned{row.project, std::string(quarter), {}, row.project_is_new})
            .second;
    if (first && !row.project_is_new) known.push_back(row.project->name());
  }
  CHANYAN_RETURN_IF_ERROR(LoadVersions(
      change.session(), std::move(known), {"quarter = ?", {std::string(quarter)}},
      [&](v1::ReportVersion version) {
        std::vector<v1::ReportVersion>& versions = all.at(ProjectOfName(version.name())).versions;
        versions.push_back(std::move(version));
      }));
  std::vector<bool> fresh;
  std::vector<v1::ReportVersion> taken;
  for (const FormRow& row : rows) {
    Versioned& report = all.at(row.project->name());
    const v1::ReportVersion* last = LastForm(report.versions);
    fresh.push_back(last == nullptr || !Says(*last, *row.report));
    if (!fresh.back()) continue;
    taken.push_back(VersionOf(*row.report, report, change.now()));
    report.versions.push_back(taken.back());
  }
  CHANYAN_RETURN_IF_ERROR(versions_.InsertAll(change.session(), change.now(), &taken));
  std::vector<journal::Alteration> alterations;
  for (const v1::ReportVersion& version : taken) alterations.push_back({nullptr, &version});
  CHANYAN_RETURN_IF_ERROR(change.RecordAll("submit", alterations));
  std::vector<Versioned> reports;
  for (auto& [project, report] : all) reports.push_back(std::move(report));
  CHANYAN_RETURN_IF_ERROR(Settle(change, reports));
  return fresh;
}

absl::Status ReportBook::Settle(rpc::Change& change, absl::Span<const Versioned> reports) const {
  std::vector<std::string> names;
  for (const Versioned& one : reports) {
    if (!one.project_is_new) names.push_back(ReportName(one.project->name(), one.quarter));
  }
  std::map<std::string, v1::ProgressReport> stored;
  CHANYAN_RETURN_IF_ERROR(SelectIn(change.session(), reports_, "name", std::move(names),
                                   db::Predicate::Everything(), db::kByNameLocked,
                                   [&stored](v1::ProgressReport report) {
                                     std::string name = report.name();
                                     stored[std::move(name)] = std::move(report);
                                   }));
  std::vector<v1::ProgressReport> created, updated;
  std::vector<const v1::ProgressReport*> before;
  for (const Versioned& one : reports) {
    const v1::ReportVersion* counted = CountedOf(one.versions);
    if (counted == nullptr) return status::Internal("a report without a submitted version");
    CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, time::Quarter::Parse(one.quarter));
    const auto found = stored.find(ReportName(one.project->name(), one.quarter));
    const bool is_new = found == stored.end();
    v1::ProgressReport report = ReportBy(*one.project, quarter, one.versions, *counted,
                                         is_new ? v1::ProgressReport() : found->second);
    if (is_new) {
      created.push_back(std::move(report));
    } else if (!MessageDifferencer::Equals(found->second, report)) {
      updated.push_back(std::move(report));
      before.push_back(&found->second);
    }
  }
  CHANYAN_RETURN_IF_ERROR(reports_.InsertAll(change.session(), change.now(), &created));
  CHANYAN_RETURN_IF_ERROR(reports_.UpdateAll(change.session(), change.now(), &updated));
  std::vector<journal::Alteration> alterations;
  for (const v1::ProgressReport& report : created) alterations.push_back({nullptr, &report});
  CHANYAN_RETURN_IF_ERROR(change.RecordAll("created", alterations));
  alterations.clear();
  for (size_t i = 0; i < updated.size(); ++i) alterations.push_back({before[i], &updated[i]});
  return change.RecordAll("updated", alterations);
}

absl::Status ReportBook::Recategorize(rpc::Change& change, const v1::Project& project) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::ProgressReport> reports,
      reports_.Select(change.session(), OfProject(project.name()), db::kByNameLocked));
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
