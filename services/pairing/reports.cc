// RecordReports: the rows of accepted forms become projects and their quarterly reports (PAIR-4).
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/resource.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/project_life.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;

// What the report says goes onto the project; an empty answer leaves what is there.
void Overlay(absl::string_view quarter, const v1::Report& report, v1::Project* project) {
  // An older quarter that comes late does not hide a newer one; only a day of signing that nobody
  // has told yet is taken from it.
  if (quarter < project->progress_quarter()) {
    if (report.has_sign_date() && !project->has_sign_date()) {
      *project->mutable_sign_date() = report.sign_date();
    }
    return;
  }
  if (!report.platform_title().empty()) project->set_platform_title(report.platform_title());
  if (!report.enterprise_title().empty()) {
    project->set_enterprise_title(report.enterprise_title());
  }
  if (!report.unit().empty()) project->set_unit(report.unit());
  project->set_title(report.title());
  if (report.kinds_size() > 0) *project->mutable_kinds() = report.kinds();
  if (!report.content().empty()) project->set_content(report.content());
  if (report.has_sign_date()) *project->mutable_sign_date() = report.sign_date();
  project->set_progress_quarter(std::string(quarter));
  if (!report.no_change()) project->set_progress(report.progress());
  project->set_problem(report.problem());
}

}  // namespace

absl::StatusOr<std::string> PairingService::EndedProjectOf(db::Session& session,
                                                           absl::string_view quarter,
                                                           const v1::Report& report) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Project> ended,
      projects_.Select(session,
                       {"enterprise = ? AND state IN ('COMPLETED', 'TERMINATED') AND platform = ?",
                        {report.enterprise(), report.platform()}}));
  for (const v1::Project& project : ended) {
    const absl::StatusOr<v1::ProgressReport> stored =
        reports_.Get(session, absl::StrCat(project.name(), "/reports/", quarter));
    if (stored.ok() && stored->row() == report.row()) return project.name();
    if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  }
  return std::string();
}

absl::StatusOr<v1::RecordOutcome> PairingService::RecordReport(rpc::Change& change,
                                                               absl::string_view quarter,
                                                               const v1::Report& given) {
  v1::RecordOutcome outcome;
  outcome.set_row(given.row());
  CHANYAN_ASSIGN_OR_RETURN(const v1::Report report, Succeeded(change.session(), given));
  absl::StatusOr<v1::Project> found = ProjectFor(change.session(), report);
  if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
  const bool created = !found.ok();
  if (created) {
    // The row again, after the project it made has ended: it makes no second one.
    CHANYAN_ASSIGN_OR_RETURN(const std::string ended,
                             EndedProjectOf(change.session(), quarter, report));
    if (!ended.empty()) {
      outcome.set_project(ended);
      return outcome;
    }
  }
  v1::Project project;
  if (created) {
    project.set_platform(report.platform());
    CHANYAN_ASSIGN_OR_RETURN(*project.mutable_university(),
                             OwnerOf(change.session(), report.platform()));
    project.set_enterprise(report.enterprise());
    if (!report.former_enterprise().empty()) {
      project.add_former_enterprises(report.former_enterprise());
    }
    project.set_state(v1::PROJECT_STATE_INTENT);
  } else {
    project = *std::move(found);
  }
  const v1::Project before = project;
  Overlay(quarter, report, &project);

  const auto refuse = [&outcome](const absl::Status& why) {
    outcome.set_refusal(std::string(why.message()));
    return outcome;
  };
  absl::StatusOr<v1::ProgressReport> stored = status::NotFound(report.row());
  if (!created) {
    stored = reports_.GetForUpdate(change.session(),
                                   absl::StrCat(project.name(), "/reports/", quarter));
    if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
    // Of two rows that became one pair's by a merger, the second does not hide the first; nor does
    // one whose project was settled since go into the other.
    if (stored.ok() && stored->row() != report.row()) {
      CHANYAN_ASSIGN_OR_RETURN(const std::string ended,
                               EndedProjectOf(change.session(), quarter, report));
      if (!ended.empty()) {
        outcome.set_project(ended);
        return outcome;
      }
      return refuse(status::FailedPrecondition(
          options::v1::ERROR_REASON_ALREADY_EXISTS,
          absl::StrCat("项目“", project.title(), "”本季度已登记另一行（", stored->row(),
                       "）的进展；企业合并前各报一行的，请在一行中填报")));
    }
  }
  const absl::StatusOr<std::vector<absl::string_view>> verbs =
      VerbsTowards(project.state(), report.state());
  if (!verbs.ok()) return refuse(verbs.status());
  if (created) {
    const absl::Status allowed = policy::RequireSatisfied(CreateVerdicts(deps_.pack, project, ""));
    if (!allowed.ok()) return refuse(allowed);
  }
  for (absl::string_view verb : *verbs) {
    if (verb == "sign") {
      const absl::Status signable = policy::RequireSatisfied(SignVerdicts(deps_.pack, project));
      if (!signable.ok()) return refuse(signable);
    }
    CHANYAN_ASSIGN_OR_RETURN(const v1::ProjectState next,
                             policy::Next(ProjectLife(), project.state(), verb));
    project.set_state(next);
  }

  if (created) {
    CHANYAN_ASSIGN_OR_RETURN(
        const std::string name,
        NewProjectName(change.session(), report.platform(), report.enterprise()));
    project.set_name(name);
    CHANYAN_RETURN_IF_ERROR(projects_.Insert(change.session(), change.now(), &project));
    CHANYAN_RETURN_IF_ERROR(change.Record("reported", nullptr, &project));
  } else if (!MessageDifferencer::Equals(before, project)) {
    CHANYAN_RETURN_IF_ERROR(projects_.Update(change.session(), change.now(), &project));
    CHANYAN_RETURN_IF_ERROR(change.Record("reported", &before, &project));
  }
  outcome.set_project(project.name());
  outcome.set_created(created);

  v1::ProgressReport progress;
  progress.set_name(absl::StrCat(project.name(), "/reports/", quarter));
  if (created) {
    stored = reports_.GetForUpdate(change.session(), progress.name());
    if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  }
  if (stored.ok()) progress = *stored;
  progress.set_quarter(std::string(quarter));
  progress.set_row(report.row());
  progress.set_university(project.university());
  progress.set_enterprise(project.enterprise());
  progress.set_unit(project.unit());
  progress.set_progress(report.progress());
  progress.set_no_change(report.no_change());
  progress.set_problem(report.problem());
  if (!stored.ok()) {
    CHANYAN_RETURN_IF_ERROR(reports_.Insert(change.session(), change.now(), &progress));
    CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &progress));
  } else if (!MessageDifferencer::Equals(*stored, progress)) {
    CHANYAN_RETURN_IF_ERROR(reports_.Update(change.session(), change.now(), &progress));
    CHANYAN_RETURN_IF_ERROR(change.Record("updated", &*stored, &progress));
  }
  return outcome;
}

absl::StatusOr<v1::RecordReportsResponse> PairingService::RecordReports(
    const rpc::Call& call, const v1::RecordReportsRequest& request) {
  return rpc::Mutate<v1::RecordReportsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::RecordReportsResponse> {
        v1::RecordReportsResponse response;
        for (const v1::Report& report : request.reports()) {
          CHANYAN_ASSIGN_OR_RETURN(*response.add_outcomes(),
                                   RecordReport(change, request.quarter(), report));
        }
        return response;
      });
}

}  // namespace chanyan::pairing
