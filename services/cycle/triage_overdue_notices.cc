#include "services/cycle/triage_overdue_notices.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using triage::v1::Escalation;
using triage::v1::EscalationTask;
using triage::v1::Push;

template <class Row>
bool HasPassed(const Row& row) {
  return row.has_overdue_noted() && row.has_due_time() &&
         time::ToTime(row.overdue_noted()) == time::ToTime(row.due_time());
}

bool HasRunOut(const Push& row) {
  return (row.state() == triage::v1::PUSH_STATE_SENT ||
          row.state() == triage::v1::PUSH_STATE_RECEIVED ||
          row.state() == triage::v1::PUSH_STATE_ACCEPTED) &&
         HasPassed(row);
}

bool HasRunOut(const Escalation& row) {
  return row.state() == triage::v1::ESCALATION_STATE_RAISED && HasPassed(row);
}

bool HasRunOut(const EscalationTask& row) {
  if (row.state() != triage::v1::ESCALATION_TASK_STATE_OPEN) return false;
  const auto noted = time::ToCivilDay(row.overdue_noted());
  const auto due = time::ToCivilDay(row.due_date());
  return noted.ok() && due.ok() && *noted == *due;
}

template <class Row>
absl::Time TermOf(const Row& row) {
  return time::ToTime(row.due_time());
}
absl::Time TermOf(const EscalationTask& row) {
  const auto due = time::ToCivilDay(row.due_date());
  return due.ok() ? time::EndOfDay(*due) : absl::InfinitePast();
}

// What the recipient of a push has to do by its term.
absl::string_view LackOf(const Push& row) {
  return row.state() == triage::v1::PUSH_STATE_SENT ? "签收" : "答复";
}

template <class Row>
const std::string& DepartmentOfMatter(const Row& row) {
  return row.department().empty() ? row.office() : row.department();
}

// Leaders of the organization are told, too.
template <class Row>
Notice OverdueTo(const std::string& organization, NoticeRoles roles, const Row& row) {
  if (!absl::c_linear_search(roles, ROLE_LEADER)) roles.push_back(ROLE_LEADER);
  Notice notice = ReminderTo(organization, std::move(roles));
  notice.kind = v1::NOTIFICATION_KIND_OVERDUE;
  notice.due = TermOf(row);
  return notice;
}

// Of an organization that is above, its leaders; of the department whose matter it is, all.
template <class Row>
Notice OversightBy(const std::string& overseer, const Row& row) {
  Notice notice = ReminderTo(overseer, {ROLE_LEADER});
  if (overseer == DepartmentOfMatter(row)) notice.roles.push_back(ROLE_DEPARTMENT);
  notice.kind = v1::NOTIFICATION_KIND_ESCALATION;
  notice.due = TermOf(row);
  return notice;
}

}  // namespace

std::optional<Notice> OverdueOf(const Push& row, NoticeRoles roles) {
  if (!HasRunOut(row)) return std::nullopt;
  const absl::string_view act = LackOf(row);
  Notice notice = OverdueTo(row.recipient(), std::move(roles), row);
  notice.title = absl::StrCat("成果", Quoted(row.result_title()), "的推送逾期未", act);
  notice.content = absl::StrCat(
      Worded("成果单位", row.university_title()),
      Worded("推送类别", policy::LabelOf(row.triage_class())), Worded("办理要求", row.request()),
      TermAs(absl::StrCat(act, "期限"), notice.due), "已逾期，请尽快", act,
      "；不能承接的，请说明原因退回；确需延长期限的，请商推送单位办理。");
  return notice;
}

std::optional<Notice> OversightOf(const Push& row) {
  if (!HasRunOut(row)) return std::nullopt;
  const absl::string_view act = LackOf(row);
  Notice notice = OversightBy(row.overseer(), row);
  notice.title = absl::StrCat("成果", Quoted(row.result_title()), "的推送，收件单位逾期未", act);
  notice.content = absl::StrCat(
      Worded("收件单位", row.recipient_title()), Worded("成果单位", row.university_title()),
      Worded("推送类别", policy::LabelOf(row.triage_class())),
      TermAs(absl::StrCat(act, "期限"), notice.due), "请督促收件单位尽快办理，必要时协调解决。");
  return notice;
}

std::optional<Notice> OverdueOf(const Escalation& row, NoticeRoles roles) {
  if (!HasRunOut(row)) return std::nullopt;
  Notice notice = OverdueTo(row.decider(), std::move(roles), row);
  notice.title = absl::StrCat("提级事项", Quoted(row.matter()), "逾期未批示");
  notice.content = absl::StrCat(
      Worded("成果", row.result_title()), Worded("提请单位", row.raiser_title()),
      Worded("层级", row.rung_title()), Worded("提请理由", row.reason()),
      TermAs("批示期限", notice.due), "已逾期，请尽快批示；本级不能决定的，请说明原因逐级上报。");
  return notice;
}

std::optional<Notice> OversightOf(const Escalation& row) {
  if (!HasRunOut(row)) return std::nullopt;
  Notice notice = OversightBy(row.overseer(), row);
  notice.title = absl::StrCat("提级事项", Quoted(row.matter()), "，批示单位逾期未批示");
  notice.content =
      absl::StrCat(Worded("批示单位", row.decider_title()), Worded("成果", row.result_title()),
                   Worded("提请单位", row.raiser_title()), Worded("提请理由", row.reason()),
                   TermAs("批示期限", notice.due), "请督促其尽快批示，必要时调度协调。");
  return notice;
}

std::optional<Notice> OverdueOf(const EscalationTask& row, NoticeRoles roles) {
  if (!HasRunOut(row)) return std::nullopt;
  Notice notice = OverdueTo(row.owner(), std::move(roles), row);
  notice.title = absl::StrCat("批示交办事项逾期未完成：", Abridged(row.task(), kNameInTitle));
  notice.content =
      absl::StrCat(Worded("所属提级事项", row.matter()), Worded("办理内容", row.task()),
                   TermAs("完成期限", notice.due), "已逾期，请尽快完成并报告完成情况。");
  return notice;
}

std::optional<Notice> OversightOf(const EscalationTask& row) {
  if (!HasRunOut(row)) return std::nullopt;
  std::vector<std::string> above;
  for (const std::string& one : {row.decider(), DepartmentOfMatter(row)}) {
    if (!one.empty() && one != row.owner() && !absl::c_linear_search(above, one)) {
      above.push_back(one);
    }
  }
  if (above.empty()) return std::nullopt;
  Notice notice = ReminderTo(above.front(), {ROLE_DEPARTMENT, ROLE_LEADER});
  notice.also.assign(above.begin() + 1, above.end());
  notice.kind = v1::NOTIFICATION_KIND_ESCALATION;
  notice.due = TermOf(row);
  notice.title =
      absl::StrCat("批示交办事项，承办单位逾期未完成：", Abridged(row.task(), kNameInTitle));
  notice.content = absl::StrCat(
      Worded("承办单位", row.owner_title()), Worded("所属提级事项", row.matter()),
      Worded("办理内容", row.task()), TermAs("完成期限", notice.due), "请督促承办单位尽快完成。");
  return notice;
}

}  // namespace chanyan::cycle
