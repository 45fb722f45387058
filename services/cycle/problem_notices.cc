#include "services/cycle/problem_notices.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/notice_words.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_BROKER;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_SERVICE_TEAM;
using options::v1::ROLE_UNIT;

// Who acts for an organization that may be at work on a problem.
NoticeRoles SolvingRoles() { return {ROLE_UNIT, ROLE_DEPARTMENT, ROLE_SECRETARIAT}; }

// Who may report what became of a follow-up.
NoticeRoles ReportingRoles() {
  return {ROLE_RESEARCH_OFFICE, ROLE_UNIT, ROLE_DEPARTMENT, ROLE_SECRETARIAT};
}

std::string DerivationOf(const pairing::v1::Problem& problem) {
  return problem.due_derivation().empty()
             ? ""
             : absl::StrCat("期限依据：", problem.due_derivation(), "。");
}

// It went up because nobody solved it in time, not before its time.
bool WentUpOverdue(const pairing::v1::Problem& problem) {
  return problem.has_due_time() &&
         time::ToTime(problem.escalate_time()) > time::ToTime(problem.due_time());
}

// A sheet gave it to another, or to be done by another time, or took it up again.
bool IsAssignedAnew(const pairing::v1::Problem& problem, absl::string_view kind,
                    const ProblemBefore& before) {
  return kind == "imported" && before.has_value() &&
         (before->assignee() != problem.assignee() || before->state() != problem.state() ||
          time::ToTime(before->due_time()) != time::ToTime(problem.due_time()));
}

bool IsToDo(pairing::v1::FollowUpState state) {
  return state == pairing::v1::FOLLOW_UP_STATE_ASSIGNED ||
         state == pairing::v1::FOLLOW_UP_STATE_IN_PROGRESS;
}

}  // namespace

std::vector<Notice> ProblemNoticesOf(const pairing::v1::Problem& problem, absl::string_view kind,
                                     const ProblemBefore& before) {
  const bool is_new = kind == "created" || (kind == "imported" && !before.has_value());
  const bool assigned =
      kind == "assign" || ((is_new || IsAssignedAnew(problem, kind, before)) &&
                           problem.state() == pairing::v1::PROBLEM_STATE_ASSIGNED);
  if (!assigned && kind != "reminded" && kind != "escalate") return {};
  const std::string what = absl::StrCat("“", problem.project_title(), "”的痛点难点问题");
  Notice responsible =
      ReminderTo(problem.assignee().empty() ? problem.unit() : problem.assignee(), SolvingRoles());
  if (problem.has_due_time()) responsible.due = time::ToTime(problem.due_time());
  const std::string day = time::FormatDateZh(time::DayOf(responsible.due));
  // An entry without anybody would go to everybody.
  const bool somebody = !responsible.organization.empty();
  if (assigned) {
    if (problem.assignee().empty()) return {};
    responsible.title = absl::StrCat(what, "已交由贵单位承办");
    responsible.content =
        absl::StrCat(Worded("问题", problem.content()),
                     problem.has_due_time() ? absl::StrCat("请于", day, "前解决并填报结果。")
                                            : "请解决并填报结果。",
                     DerivationOf(problem));
    return {responsible};
  }
  if (kind == "reminded") {
    if (!somebody) return {};
    responsible.title = absl::StrCat(what, "将于", day, "到期");
    responsible.content = absl::StrCat("请在期限前解决并填报结果。", DerivationOf(problem));
    return {responsible};
  }
  const bool overdue = WentUpOverdue(problem);
  Notice above;
  above.kind = v1::NOTIFICATION_KIND_ESCALATION;
  above.roles = {problem.escalated_to()};
  // A leader answers for his own unit; the other levels are one office each.
  if (problem.escalated_to() == ROLE_LEADER) above.organization = problem.unit();
  above.due = responsible.due;
  above.title = absl::StrCat(what, "已提级");
  above.content = absl::StrCat(
      overdue ? "该问题逾期未解决，提请协调解决。" : "该问题提请协调解决。", DerivationOf(problem));
  std::vector<Notice> notices = {std::move(above)};
  if (!overdue || !somebody) return notices;
  responsible.kind = v1::NOTIFICATION_KIND_OVERDUE;
  responsible.title = absl::StrCat(what, "已于", day, "到期，尚未解决");
  responsible.content = absl::StrCat("该问题已提级，请尽快解决并填报结果。", DerivationOf(problem));
  notices.push_back(std::move(responsible));
  return notices;
}

bool IsProblemSettled(const pairing::v1::Problem& problem, absl::string_view kind,
                      const ProblemBefore& before) {
  return kind == "assign" || kind == "decline" || IsAssignedAnew(problem, kind, before) ||
         problem.state() == pairing::v1::PROBLEM_STATE_RESOLVED ||
         problem.state() == pairing::v1::PROBLEM_STATE_CLOSED ||
         problem.state() == pairing::v1::PROBLEM_STATE_WITHDRAWN;
}

std::vector<Notice> FollowUpNoticesOf(const pairing::v1::FollowUp& follow_up,
                                      absl::string_view kind, bool is_new) {
  const bool overdue = kind == "overdue";
  const bool assigned =
      kind == "assigned" || (kind == "imported" && is_new && IsToDo(follow_up.state()));
  const auto day = time::ToCivilDay(follow_up.due_date());
  if ((!assigned && !overdue && kind != "reminded") || follow_up.unit().empty() || !day.ok()) {
    return {};
  }
  Notice reporting = ReminderTo(follow_up.unit(), ReportingRoles());
  if (overdue) reporting.kind = v1::NOTIFICATION_KIND_OVERDUE;
  reporting.due = time::EndOfDay(*day);
  if (assigned) {
    reporting.title = absl::StrCat("联席会议新交办议定事项：", follow_up.conference_title());
  } else if (overdue) {
    reporting.title = absl::StrCat("联席会议议定事项逾期未办结：", follow_up.conference_title());
  } else {
    reporting.title = absl::StrCat("联席会议议定事项将于", time::FormatDateZh(*day), "到期：",
                                   follow_up.conference_title());
  }
  Notice others = reporting;
  others.roles = {ROLE_ENTERPRISE, ROLE_SERVICE_TEAM, ROLE_BROKER};
  const std::string when = overdue    ? "尽快"
                           : assigned ? absl::StrCat("于", time::FormatDateZh(*day), "前")
                                      : "在期限前";
  reporting.content = absl::StrCat(follow_up.task(), "。请", when, "办理并填报结果。");
  others.content =
      absl::StrCat(follow_up.task(), "。请", when, "办理，并将结果告知高校理事会秘书处代为填报。");
  return {reporting, others};
}

}  // namespace chanyan::cycle
