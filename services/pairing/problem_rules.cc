#include "services/pairing/problem_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/time_util.h"

namespace chanyan::pairing {
namespace {

const policy::v1::ProblemTerm& TermIn(const policy::Pack& pack) {
  return pack.proto().pairing_plan().problem_term();
}

// Whether the step of `day`'s quarter is over, so that the term lies in the next one's.
bool IsTermOfNextQuarter(const policy::Pack& pack, absl::CivilDay day) {
  if (TermIn(pack).step().empty()) return false;
  const auto window = pack.StepWindowOf(time::Quarter::Of(day), TermIn(pack).step());
  return window.ok() && window->last_day < day;
}

}  // namespace

bool IsUnsolved(v1::ProblemState state) {
  return state == v1::PROBLEM_STATE_OPEN || state == v1::PROBLEM_STATE_ASSIGNED ||
         state == v1::PROBLEM_STATE_ESCALATED;
}

absl::StatusOr<policy::Term> LatestTermOf(const policy::Pack& pack, absl::CivilDay day) {
  const policy::v1::ProblemTerm& term = TermIn(pack);
  if (!pack.proto().pairing_plan().has_problem_term()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_RULE_VIOLATED,
        "政策包没有规定痛点难点的解决期限（pairing_plan.problem_term）");
  }
  if (term.step().empty()) {
    return pack.calendar().TermAfter(day, static_cast<int>(term.workdays()));
  }
  const time::Quarter quarter = time::Quarter::Of(day);
  CHANYAN_ASSIGN_OR_RETURN(policy::StepWindow window, pack.StepWindowOf(quarter, term.step()));
  if (window.last_day < day) {
    CHANYAN_ASSIGN_OR_RETURN(window, pack.StepWindowOf(quarter.Plus(1), term.step()));
  }
  return policy::Term{window.last_day, window.deadline, window.derivation};
}

absl::StatusOr<policy::Term> ChosenTermOf(const policy::Pack& pack, absl::CivilDay day,
                                          absl::CivilDay wanted) {
  if (wanted < day) return status::InvalidField("due_date", "解决期限不能早于今天");
  const absl::StatusOr<policy::Term> latest = LatestTermOf(pack, day);
  std::string bound;
  if (latest.ok()) {
    if (wanted > latest->last_day) {
      return status::InvalidField(
          "due_date", absl::StrCat("解决期限最迟为", time::FormatDateZh(latest->last_day), "（",
                                   latest->derivation, "）"));
    }
    bound = absl::StrCat("最迟期限：", latest->derivation);
  } else {
    const time::Quarter quarter = time::Quarter::Of(day);
    if (!IsTermOfNextQuarter(pack, day) || wanted >= quarter.Plus(1).FirstDay()) {
      return latest.status();
    }
    bound = absl::StrCat("在", quarter.LabelZh(), "之内，早于下一季度的期限（",
                         latest.status().message(), "）");
  }
  return policy::Term{
      wanted, time::EndOfDay(wanted),
      absl::StrCat("交办时定为", time::FormatDateZh(wanted), "23:59:59（含）；", bound)};
}

absl::StatusOr<policy::Term> TermOf(const policy::Pack& pack, absl::CivilDay day,
                                    const google::type::Date* wanted) {
  if (wanted == nullptr) return LatestTermOf(pack, day);
  const absl::StatusOr<absl::CivilDay> last = time::ToCivilDay(*wanted);
  if (!last.ok()) return status::InvalidField("due_date", std::string(last.status().message()));
  return ChosenTermOf(pack, day, *last);
}

absl::StatusOr<std::vector<absl::Time>> RemindersOf(const policy::Pack& pack,
                                                    absl::CivilDay due_day, absl::Time now) {
  std::vector<absl::Time> reminders;
  for (const uint32_t workdays : TermIn(pack).reminder_workdays()) {
    CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay day,
                             pack.calendar().AddWorkdays(due_day, -static_cast<int>(workdays)));
    if (time::StartOfDay(day) > now) reminders.push_back(time::StartOfDay(day));
  }
  std::sort(reminders.begin(), reminders.end());
  reminders.erase(std::unique(reminders.begin(), reminders.end()), reminders.end());
  return reminders;
}

int NextLevelOf(const policy::Pack& pack, int level) {
  return std::min(level + 1, TermIn(pack).levels_size());
}

bool HasLevelAbove(const policy::Pack& pack, int level) {
  return level < TermIn(pack).levels_size();
}

options::v1::Role RoleOfLevel(const policy::Pack& pack, int level) {
  const auto& levels = TermIn(pack).levels();
  return level < 1 || level > levels.size() ? options::v1::ROLE_UNSPECIFIED
                                            : levels[level - 1].role();
}

absl::StatusOr<absl::Time> NextEscalation(const policy::Pack& pack, int level, absl::CivilDay day) {
  if (!HasLevelAbove(pack, level)) return absl::InfiniteFuture();
  const int workdays = static_cast<int>(TermIn(pack).levels(level).after_workdays());
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last, pack.calendar().AddWorkdays(day, workdays));
  return time::StartOfDay(last + 1);
}

bool MayAct(const v1::Problem& problem, absl::string_view verb, const Actor& actor) {
  const auto is = [&](const std::string& organization) {
    return !organization.empty() && organization == actor.organization;
  };
  if (verb == "assign") return actor.secretariat || is(problem.unit());
  if (verb == "decline" || verb == "resolve") return actor.secretariat || is(problem.assignee());
  if (verb == "escalate") {
    return actor.secretariat || is(problem.unit()) || is(problem.assignee());
  }
  if (verb == "confirm" || verb == "reopen" || verb == "withdraw") return is(problem.raised_by());
  return false;
}

std::string WhoMayAct(absl::string_view verb) {
  if (verb == "assign") return "只有秘书处和项目的责任单位可以交办";
  if (verb == "decline" || verb == "resolve") return "只有承办单位和秘书处可以办理";
  if (verb == "escalate") return "只有秘书处、项目的责任单位和承办单位可以提级";
  return "只有提出问题的单位可以办理";
}

std::string AssigneeProblem(const registry::v1::Organization& organization) {
  switch (organization.kind()) {
    case registry::v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE:
    case registry::v1::ORGANIZATION_KIND_TOWN:
    case registry::v1::ORGANIZATION_KIND_DISTRICT:
    case registry::v1::ORGANIZATION_KIND_DEPARTMENT:
    case registry::v1::ORGANIZATION_KIND_SECRETARIAT:
      break;
    default:
      return absl::StrCat("“", organization.display_name(),
                          "”不是大功能区、镇街、区（市）、部门或秘书处，不能承办");
  }
  if (organization.state() == registry::v1::ORGANIZATION_STATE_ACTIVE) return "";
  return absl::StrCat("“", organization.display_name(), "”已停用，不能承办");
}

std::string AssignmentInWords(absl::string_view unit_title, absl::string_view owner,
                              absl::string_view instruction) {
  return absl::StrCat(unit_title, "，责任人", owner, instruction.empty() ? "" : "：", instruction);
}

void AddStep(absl::Time now, absl::string_view verb, absl::string_view organization,
             absl::string_view reason, v1::Problem* problem) {
  if (problem->history_size() >= kMaxSteps) problem->mutable_history()->DeleteSubrange(1, 1);
  v1::ProblemStep& step = *problem->add_history();
  *step.mutable_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(now));
  step.set_verb(std::string(verb));
  step.set_state(problem->state());
  step.set_organization(std::string(organization));
  step.set_reason(std::string(reason));
}

}  // namespace chanyan::pairing
