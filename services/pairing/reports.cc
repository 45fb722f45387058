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
  // Of an older quarter that comes late only a day of signing that nobody has told yet is taken.
  if (!TakeProgress(quarter, report.progress(), report.no_change(), report.problem(), project)) {
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
  // Where the agreement is filed, it says when it was signed.
  if (report.has_sign_date() && project->agreement().empty()) {
    *project->mutable_sign_date() = report.sign_date();
  }
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
        reports_.reports().Get(session, absl::StrCat(project.name(), "/reports/", quarter));
    if (stored.ok() && stored->row() == report.row()) return project.name();
    if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  }
  return std::string();
}

absl::StatusOr<bool> PairingService::BelongsElsewhere(db::Session& session,
                                                      absl::string_view quarter,
                                                      const v1::Report& report,
                                                      const v1::Project& project,
                                                      v1::RecordOutcome* outcome) {
  const absl::StatusOr<v1::ProgressReport> stored =
      reports_.reports().GetForUpdate(session, absl::StrCat(project.name(), "/reports/", quarter));
  if (absl::IsNotFound(stored.status())) return false;
  CHANYAN_RETURN_IF_ERROR(stored.status());
  // What people reported has no row: a form's counts before it.
  if (stored->row().empty() || stored->row() == report.row()) return false;
  CHANYAN_ASSIGN_OR_RETURN(const std::string ended, EndedProjectOf(session, quarter, report));
  if (!ended.empty()) {
    outcome->set_project(ended);
  } else {
    outcome->set_refusal(absl::StrCat("项目“", project.title(), "”本季度已登记另一行（",
                                      stored->row(),
                                      "）的进展；企业合并前各报一行的，请在一行中填报"));
  }
  return true;
}

absl::Status PairingService::MoveTo(v1::ProjectState wanted, v1::Project* project) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<absl::string_view> verbs,
                           VerbsTowards(project->state(), wanted));
  for (absl::string_view verb : verbs) {
    if (verb == "sign") {
      // A row brings no agreement and nobody who could say why: soft rules are on the record.
      *project->mutable_sign_verdicts() = SignVerdicts(deps_.pack, *project);
      CHANYAN_RETURN_IF_ERROR(policy::RequireHard(project->sign_verdicts()));
    }
    CHANYAN_ASSIGN_OR_RETURN(const v1::ProjectState next,
                             policy::Next(ProjectLife(), project->state(), verb));
    project->set_state(next);
  }
  return absl::OkStatus();
}

absl::Status PairingService::WriteReported(rpc::Change& change, const v1::Project* before,
                                           v1::Project* project) {
  if (before == nullptr) {
    CHANYAN_RETURN_IF_ERROR(projects_.Insert(change.session(), change.now(), project));
    return change.Record("reported", nullptr, project);
  }
  if (MessageDifferencer::Equals(*before, *project)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(projects_.Update(change.session(), change.now(), project));
  CHANYAN_RETURN_IF_ERROR(change.Record("reported", before, project));
  CHANYAN_RETURN_IF_ERROR(
      records_.Follow(change.session(), change.now(), change.origin(), *before, *project));
  // What is known of the signing now puts earlier reports where they belong.
  const bool same_signing = before->state() == project->state() &&
                            MessageDifferencer::Equals(before->sign_date(), project->sign_date());
  return same_signing ? absl::OkStatus() : reports_.Recategorize(change, *project);
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
  v1::Project project;
  if (created) {
    // The row again, after the project it made has ended: it makes no second one.
    CHANYAN_ASSIGN_OR_RETURN(const std::string ended,
                             EndedProjectOf(change.session(), quarter, report));
    if (!ended.empty()) {
      outcome.set_project(ended);
      return outcome;
    }
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
  if (!created) {
    CHANYAN_ASSIGN_OR_RETURN(const bool elsewhere, BelongsElsewhere(change.session(), quarter,
                                                                    report, project, &outcome));
    if (elsewhere) return outcome;
  }
  absl::Status allowed;
  if (created) {
    *project.mutable_create_verdicts() = CreateVerdicts(deps_.pack, project, "");
    allowed = policy::RequireHard(project.create_verdicts());
  }
  if (allowed.ok()) allowed = MoveTo(report.state(), &project);
  if (!allowed.ok()) {
    outcome.set_refusal(std::string(allowed.message()));
    return outcome;
  }
  if (created) {
    CHANYAN_ASSIGN_OR_RETURN(
        const std::string name,
        NewProjectName(change.session(), report.platform(), report.enterprise()));
    project.set_name(name);
  }
  CHANYAN_RETURN_IF_ERROR(WriteReported(change, created ? nullptr : &before, &project));
  outcome.set_project(project.name());
  outcome.set_created(created);
  CHANYAN_ASSIGN_OR_RETURN(const bool fresh, reports_.TakeForm(change, project, quarter, report));
  if (fresh) {
    CHANYAN_RETURN_IF_ERROR(
        problems_.RaiseReported(change, project, quarter, report.problem(), project.university()));
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
