#include "services/pairing/contact_rules.h"

#include "absl/strings/str_cat.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {

std::string RespondentOf(const v1::Project& project, absl::string_view organization,
                         absl::string_view wanted) {
  if (organization == project.university()) return project.enterprise();
  if (organization == project.enterprise()) return project.university();
  const bool a_side = wanted == project.university() || wanted == project.enterprise();
  return a_side ? std::string(wanted) : "";
}

std::vector<status::Violation> ContactViolations(const v1::Project& project,
                                                 const v1::Contact& contact,
                                                 absl::string_view organization,
                                                 absl::Time contact_time, absl::Time now) {
  std::vector<status::Violation> violations;
  if (contact_time > now) violations.push_back({"contact_time", "沟通时间不能晚于现在"});
  if (contact.kind() == v1::CONTACT_KIND_ANSWER) {
    violations.push_back({"kind", "答复请在对方的接洽记录上办理，不能另行登记"});
  }
  if (contact.kind() == v1::CONTACT_KIND_NOTE) {
    if (!contact.respondent().empty()) {
      violations.push_back({"respondent", "沟通记录不需要答复；请对方答复的，类别请选“接洽”"});
    }
    return violations;
  }
  if (contact.kind() != v1::CONTACT_KIND_APPROACH) return violations;
  if (contact.internal()) {
    violations.push_back({"internal", "请对方答复的接洽须双方可见，不能设为仅本单位可见"});
  }
  if (HasEnded(project.state())) {
    violations.push_back({"kind", "项目已结束，不能再请对方答复；可以登记沟通记录"});
  }
  const std::string respondent = RespondentOf(project, organization, contact.respondent());
  if (respondent.empty()) {
    violations.push_back({"respondent", "请选定由高校院所还是企业答复"});
  } else if (!contact.respondent().empty() && contact.respondent() != respondent) {
    violations.push_back({"respondent", "应由项目的对方单位答复"});
  }
  return violations;
}

absl::StatusOr<policy::Term> AnswerTermOf(const policy::Pack& pack, absl::CivilDay day) {
  const policy::v1::AnswerTerm& term = pack.proto().pairing_plan().answer_term();
  if (term.workdays() == 0) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_RULE_VIOLATED,
        "政策包没有规定答复期限（pairing_plan.answer_term），不能登记需要答复的接洽");
  }
  return pack.calendar().TermAfter(day, static_cast<int>(term.workdays()));
}

bool MayAct(const v1::Contact& contact, absl::string_view verb, absl::string_view organization) {
  if (organization.empty()) return false;
  if (verb == "answer") return contact.respondent() == organization;
  if (verb == "withdraw") return contact.organization() == organization;
  return false;
}

}  // namespace chanyan::pairing
