#include "services/pairing/record_acts.h"

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/contact_rules.h"
#include "services/pairing/parties.h"
#include "services/pairing/report_book.h"
#include "services/pairing/report_rules.h"

namespace chanyan::pairing {

absl::Status OpenContact(const policy::Pack& pack, const v1::Project& project,
                         const auth::Principal& writer, absl::Time now, v1::Contact* contact) {
  contact->set_organization(writer.organization);
  contact->set_author(writer.account);
  contact->set_state(v1::CONTACT_STATE_RECORDED);
  CopyParties(project, contact);
  if (contact->kind() != v1::CONTACT_KIND_APPROACH) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const policy::Term term, AnswerTermOf(pack, time::DayOf(now)));
  contact->set_state(v1::CONTACT_STATE_AWAITING);
  contact->set_respondent(RespondentOf(project, writer.organization, contact->respondent()));
  api::SetTime(term.deadline, contact->mutable_respond_by());
  contact->set_respond_by_derivation(term.derivation);
  return absl::OkStatus();
}

Actor ActorOf(const auth::Principal& principal) {
  return {principal.organization, principal.Has(options::v1::ROLE_SECRETARIAT)};
}

void SetTerm(const policy::Term& term, v1::Problem* problem) {
  api::SetTime(term.deadline, problem->mutable_due_time());
  problem->set_due_derivation(term.derivation);
}

absl::Status OpenProblem(const policy::Pack& pack, const v1::Project& project, absl::Time now,
                         v1::Problem* problem) {
  problem->set_state(v1::PROBLEM_STATE_OPEN);
  CopyParties(project, problem);
  const absl::StatusOr<policy::Term> term = LatestTermOf(pack, time::DayOf(now));
  if (term.ok()) {
    SetTerm(*term, problem);
  } else if (status::ReasonOf(term.status()) == options::v1::ERROR_REASON_CALENDAR_MISSING) {
    problem->set_due_derivation(absl::StrCat("期限未定：", term.status().message()));
  } else {
    return term.status();
  }
  AddStep(now, "create", problem->raised_by(), "", problem);
  return absl::OkStatus();
}

void AssignProblem(absl::Time now, absl::string_view organization,
                   const registry::v1::Organization& unit, const std::string& owner,
                   const policy::Term& term, v1::Problem* problem) {
  problem->set_state(v1::PROBLEM_STATE_ASSIGNED);
  problem->set_assignee(unit.name());
  problem->set_assignee_title(unit.display_name());
  problem->set_owner(owner);
  SetTerm(term, problem);
  AddStep(now, "assign", organization, AssignmentInWords(unit.display_name(), owner, ""), problem);
}

void ResolveProblem(absl::Time now, absl::string_view organization, absl::string_view resolution,
                    v1::Problem* problem) {
  problem->set_state(v1::PROBLEM_STATE_RESOLVED);
  problem->set_resolution(std::string(resolution));
  api::SetTime(now, problem->mutable_resolve_time());
  AddStep(now, "resolve", organization, resolution, problem);
}

void DeclareOutcome(const v1::Project& project, absl::string_view organization,
                    v1::Outcome* outcome) {
  outcome->set_state(v1::OUTCOME_STATE_DECLARED);
  outcome->set_declared_by(std::string(organization));
  CopyParties(project, outcome);
  outcome->set_platform_title(project.platform_title());
}

v1::ReportVersion TypeVersion(const v1::Project& project, absl::string_view quarter,
                              const std::vector<v1::ReportVersion>& versions,
                              const auth::Principal& writer, const v1::ReportVersion& said) {
  v1::ReportVersion version = NextVersion(project, quarter, versions);
  version.set_origin(v1::REPORT_ORIGIN_TYPED);
  version.set_state(v1::REPORT_STATE_DRAFT);
  version.set_progress(said.progress());
  version.set_no_change(said.no_change());
  version.set_problem(said.problem());
  version.set_base(said.base());
  if (const v1::ReportVersion* newest = NewestOf(versions); said.base().empty() && newest) {
    version.set_base(newest->name());
  }
  version.set_organization(writer.organization);
  version.set_author(writer.account);
  return version;
}

}  // namespace chanyan::pairing
