#include "services/cycle/triage_notices.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/escalation.pb.h"
#include "chanyan/triage/v1/first_contact.pb.h"
#include "chanyan/triage/v1/list.pb.h"
#include "chanyan/triage/v1/report.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/api/json.h"
#include "common/api/names.h"
#include "common/journal/entry_message.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/meeting_notices.h"
#include "services/cycle/notice_words.h"
#include "services/cycle/triage_overdue_notices.h"

namespace chanyan::cycle {
namespace {

namespace tri = ::chanyan::triage::v1;

using options::v1::ROLE_BROKER;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_SERVICE_TEAM;
using options::v1::ROLE_UNIT;

constexpr absl::string_view kTakenRungs = "\"rungs\":";

// Those who serve results, those who act on what is pushed to them, and those who do what was
// decided; as the grants of the rows.
NoticeRoles ServingRoles() { return {ROLE_DEPARTMENT, ROLE_SERVICE_TEAM, ROLE_BROKER}; }
NoticeRoles ReceivingRoles() {
  return {ROLE_DEPARTMENT, ROLE_UNIT, ROLE_SERVICE_TEAM, ROLE_BROKER, ROLE_LEADER};
}
NoticeRoles DoingRoles() { return {ROLE_DEPARTMENT, ROLE_UNIT, ROLE_SERVICE_TEAM, ROLE_BROKER}; }

template <class Row>
absl::Time DueOfRow(const Row& row) {
  return row.has_due_time() ? time::ToTime(row.due_time()) : absl::InfinitePast();
}

// Of the office where nobody nearer is known.
template <class Row>
const std::string& HolderOf(const Row& row) {
  return row.holder().empty() ? row.office() : row.holder();
}
template <class Row>
const std::string& DepartmentOf(const Row& row) {
  return row.department().empty() ? row.office() : row.department();
}

// What is told of a row, by the verb that its journal has.
template <class Row>
struct TriageTelling {
  absl::string_view kind;
  std::optional<Notice> (*tell)(const Row&);
};

// --- Pushes (TRI-4)

std::optional<Notice> WaitOf(const tri::Push& row) {
  if (auto overdue = OverdueOf(row, ReceivingRoles())) return overdue;
  if (row.state() == tri::PUSH_STATE_SENT) {
    Notice notice = ReminderTo(row.recipient(), ReceivingRoles());
    notice.due = DueOfRow(row);
    notice.title = absl::StrCat("成果", Quoted(row.result_title()), "已推送至贵单位，待签收");
    notice.content =
        absl::StrCat(Worded("成果单位", row.university_title()),
                     Worded("推送类别", policy::LabelOf(row.triage_class())),
                     Worded("办理要求", row.request()), TermAs("签收期限", notice.due),
                     row.has_resume_time() ? "目前暂停计时，期限按暂停期满恢复计时推算。" : "",
                     "签收后请按期答复；不能承接的，请说明原因退回。");
    return notice;
  }
  if (row.state() != tri::PUSH_STATE_DECLINED || row.settled()) return std::nullopt;
  Notice notice = ReminderTo(HolderOf(row), ServingRoles());
  notice.title = absl::StrCat("成果", Quoted(row.result_title()), "的推送被退回，待处理");
  notice.content = absl::StrCat(Worded("收件单位", row.recipient_title()),
                                Worded("退回原因", row.decline_reason()),
                                "请改送其他单位，或者说明理由后办结。");
  return notice;
}

std::optional<Notice> OfPushAnswer(const tri::Push& row) {
  return NewsTo(
      HolderOf(row), ServingRoles(),
      absl::StrCat("成果", Quoted(row.result_title()), "的推送已答复"),
      absl::StrCat(Worded("收件单位", row.recipient_title()), Worded("答复", row.answer())));
}

// One that waits to be received is reminded of anew, with its new term.
std::optional<Notice> OfPushExtension(const tri::Push& row) {
  if (row.state() == tri::PUSH_STATE_SENT) return std::nullopt;
  return NewsTo(row.recipient(), ReceivingRoles(),
                absl::StrCat("成果", Quoted(row.result_title()), "的答复期限已延长"),
                TermAs("现答复期限", DueOfRow(row)));
}

std::optional<Notice> OfPushEnd(const tri::Push& row) {
  return NewsTo(row.recipient(), ReceivingRoles(),
                absl::StrCat("成果", Quoted(row.result_title()), "的推送已终止"),
                absl::StrCat(Worded("原因", row.settle_note()), "不必再办理。"));
}

absl::Span<const TriageTelling<tri::Push>> TellingsFor(const tri::Push&) {
  static constexpr TriageTelling<tri::Push> kNews[] = {
      {"answer", OfPushAnswer}, {"extend", OfPushExtension}, {"end", OfPushEnd}};
  return kNews;
}

// --- Hand-overs (TRI-5)

std::string ResultsOf(const tri::Handover& row) {
  return absl::StrCat("成果", Quoted(row.result_title()), row.batch().empty() ? "" : "等一批成果");
}

// Of many that were offered together, and come to the same together, people are told once.
Notice OfBatch(const tri::Handover& row, Notice notice) {
  if (!row.batch().empty()) {
    notice.once = absl::StrCat(row.batch(), " ", tri::HandoverState_Name(row.state()));
  }
  return notice;
}

std::optional<Notice> WaitOf(const tri::Handover& row) {
  if (row.state() != tri::HANDOVER_STATE_OFFERED) return std::nullopt;
  Notice notice = ReminderTo(row.to_holder(), ServingRoles());
  notice.due = DueOfRow(row);
  notice.title = absl::StrCat(ResultsOf(row), "移交贵单位，待接收");
  notice.content = absl::StrCat(
      Worded("移交单位", row.from_holder_title()), Worded("移交原因", row.reason()),
      TermAs("接收期限", notice.due), "逾期未接收的，移交失效；接收后由贵单位承担首问责任。",
      row.batch().empty() ? "不接收的，请说明原因。" : "本批可以一并接收，不接收的，请说明原因。");
  return OfBatch(row, std::move(notice));
}

std::optional<Notice> OfHandoverAcceptance(const tri::Handover& row) {
  return OfBatch(
      row, NewsTo(row.from_holder(), ServingRoles(), absl::StrCat(ResultsOf(row), "的移交已接收"),
                  absl::StrCat(Worded("接收单位", row.to_holder_title()),
                               "首问责任自接收时起由接收单位承担。")));
}

std::optional<Notice> OfHandoverRefusal(const tri::Handover& row) {
  const bool lapsed = row.state() == tri::HANDOVER_STATE_LAPSED;
  return OfBatch(row, NewsTo(row.from_holder(), ServingRoles(),
                             absl::StrCat(ResultsOf(row),
                                          lapsed ? "的移交逾期未接收，已失效" : "的移交被拒绝"),
                             absl::StrCat(Worded("接收单位", row.to_holder_title()),
                                          Worded("原因", row.answer_reason()),
                                          "首问责任仍由贵单位承担，可以另行移交。")));
}

std::optional<Notice> OfHandoverCancellation(const tri::Handover& row) {
  return OfBatch(
      row, NewsTo(row.to_holder(), ServingRoles(), absl::StrCat(ResultsOf(row), "的移交已取消"),
                  absl::StrCat(Worded("原因", row.answer_reason()), "不必再办理。")));
}

absl::Span<const TriageTelling<tri::Handover>> TellingsFor(const tri::Handover&) {
  static constexpr TriageTelling<tri::Handover> kNews[] = {{"accept", OfHandoverAcceptance},
                                                           {"decline", OfHandoverRefusal},
                                                           {"lapse", OfHandoverRefusal},
                                                           {"cancel", OfHandoverCancellation}};
  return kNews;
}

// --- The ladder (TRI-5, TRI-10)

// Settled by the result itself: no verb ends an alert.
std::optional<Notice> WaitOf(const tri::IdleAlert&) { return std::nullopt; }

std::string IdleTitle(const tri::IdleAlert& row) {
  return absl::StrCat("成果", Quoted(row.result_title()), "已", row.idle_workdays(),
                      "个工作日没有办理记录");
}

// Leaders who decide are told of the matter that goes up with it.
std::optional<Notice> OfIdleness(const tri::IdleAlert& row) {
  Notice notice = ReminderTo(DepartmentOf(row), {row.told_role()});
  if (notice.organization == HolderOf(row)) {
    for (const options::v1::Role role : ServingRoles()) {
      if (role != row.told_role()) notice.roles.push_back(role);
    }
  }
  notice.kind = v1::NOTIFICATION_KIND_ESCALATION;
  notice.subject = std::string(api::ParentOfName(row.name()));
  notice.title = IdleTitle(row);
  notice.content = absl::StrCat(Worded("成果单位", row.university_title()),
                                Worded("首问责任单位", row.holder_title()), row.rung_title(),
                                "。请督促责任单位跟踪对接并记录进展。");
  return notice;
}

std::optional<Notice> OfIdlenessToHolder(const tri::IdleAlert& row) {
  if (HolderOf(row) == DepartmentOf(row)) return std::nullopt;
  Notice notice = ReminderTo(HolderOf(row), ServingRoles());
  notice.subject = std::string(api::ParentOfName(row.name()));
  notice.title = IdleTitle(row);
  notice.content = absl::StrCat("已按首问负责制", row.rung_title(),
                                "。请尽快跟踪对接并记录进展；不能继续办理的，请移交或者提请协调。");
  return notice;
}

absl::Span<const TriageTelling<tri::IdleAlert>> TellingsFor(const tri::IdleAlert&) {
  static constexpr TriageTelling<tri::IdleAlert> kNews[] = {{"raised", OfIdleness},
                                                            {"raised", OfIdlenessToHolder}};
  return kNews;
}

std::optional<Notice> WaitOf(const tri::Escalation& row) {
  if (auto overdue = OverdueOf(row, {ROLE_DEPARTMENT, ROLE_LEADER})) return overdue;
  if (row.state() == tri::ESCALATION_STATE_RAISED) {
    Notice notice = ReminderTo(row.decider(), {ROLE_DEPARTMENT, ROLE_LEADER});
    notice.due = DueOfRow(row);
    notice.title = absl::StrCat("提级事项", Quoted(row.matter()), "待批示");
    notice.content = absl::StrCat(
        Worded("成果", row.result_title()), Worded("提请单位", row.raiser_title()),
        Worded("层级", row.rung_title()), Worded("提请理由", row.reason()),
        TermAs("批示期限", notice.due), "请批示；本级不能决定的，请说明原因逐级上报。");
    return notice;
  }
  if (row.state() != tri::ESCALATION_STATE_DECIDED) return std::nullopt;
  Notice notice = ReminderTo(DepartmentOf(row), {ROLE_DEPARTMENT});
  notice.title = absl::StrCat("提级事项", Quoted(row.matter()), "已批示，待签收");
  notice.content =
      absl::StrCat(Worded("成果", row.result_title()), Worded("批示单位", row.decider_title()),
                   Worded("批示意见", row.decision()), "请签收并组织落实。");
  return notice;
}

// The department is asked to receive it; the ladder itself is nobody.
std::optional<Notice> OfDecision(const tri::Escalation& row) {
  if (row.raiser() == DepartmentOf(row)) return std::nullopt;
  return NewsTo(row.raiser(), ServingRoles(),
                absl::StrCat("提请的事项", Quoted(row.matter()), "已批示"),
                absl::StrCat(Worded("批示单位", row.decider_title()),
                             Worded("批示意见", row.decision()), "由业务处室签收并组织落实。"));
}

std::optional<Notice> OfConclusion(const tri::Escalation& row) {
  if (row.raiser() == DepartmentOf(row)) return std::nullopt;
  return NewsTo(row.raiser(), ServingRoles(),
                absl::StrCat("提请的事项", Quoted(row.matter()), "已办结"),
                Worded("办结说明", row.conclusion()));
}

absl::Span<const TriageTelling<tri::Escalation>> TellingsFor(const tri::Escalation&) {
  static constexpr TriageTelling<tri::Escalation> kNews[] = {{"decide", OfDecision},
                                                             {"close", OfConclusion}};
  return kNews;
}

std::optional<Notice> WaitOf(const tri::EscalationTask& row) {
  if (auto overdue = OverdueOf(row, DoingRoles())) return overdue;
  if (row.state() != tri::ESCALATION_TASK_STATE_OPEN) return std::nullopt;
  Notice notice = ReminderTo(row.owner(), DoingRoles());
  if (const auto day = time::ToCivilDay(row.due_date()); row.has_due_date() && day.ok()) {
    notice.due = time::EndOfDay(*day);
  }
  notice.title = absl::StrCat("批示交办事项待办理：", Abridged(row.task(), kNameInTitle));
  notice.content =
      absl::StrCat(Worded("所属提级事项", row.matter()), Worded("办理内容", row.task()),
                   TermAs("完成期限", notice.due), "请按期完成并报告完成情况。");
  return notice;
}

std::optional<Notice> OfTaskDone(const tri::EscalationTask& row) {
  return NewsTo(
      DepartmentOf(row), {ROLE_DEPARTMENT},
      absl::StrCat("批示交办事项已完成：", Abridged(row.task(), kNameInTitle)),
      absl::StrCat(Worded("所属提级事项", row.matter()), Worded("承办单位", row.owner_title()),
                   Worded("完成情况", row.outcome()), "交办事项全部完成后，请办结该提级事项。"));
}

std::optional<Notice> OfTaskCancelled(const tri::EscalationTask& row) {
  return NewsTo(row.owner(), DoingRoles(),
                absl::StrCat("批示交办事项已取消：", Abridged(row.task(), kNameInTitle)),
                absl::StrCat(Worded("原因", row.outcome()), "不必再办理。"));
}

absl::Span<const TriageTelling<tri::EscalationTask>> TellingsFor(const tri::EscalationTask&) {
  static constexpr TriageTelling<tri::EscalationTask> kNews[] = {{"complete", OfTaskDone},
                                                                 {"cancel", OfTaskCancelled}};
  return kNews;
}

// --- Lists and reports (TRI-7, TRI-8)

std::optional<Notice> WaitOf(const tri::ListDelivery& row) {
  if (row.done()) return std::nullopt;
  Notice notice = ReminderTo(row.recipient(), {ROLE_UNIT, ROLE_DEPARTMENT, ROLE_SERVICE_TEAM});
  notice.due = DueOfRow(row);
  notice.title = absl::StrCat(Quoted(row.list_title()), "已送达，待反馈");
  notice.content =
      absl::StrCat(Worded("清单名称", row.list_title()), "涉及贵单位", row.line_count(), "条。",
                   TermAs("反馈期限", notice.due), "请逐条反馈。");
  return notice;
}

absl::Span<const TriageTelling<tri::ListDelivery>> TellingsFor(const tri::ListDelivery&) {
  return {};
}

std::optional<Notice> WaitOf(const tri::Report&) { return std::nullopt; }

std::optional<Notice> OfReportIssue(const tri::Report& row) {
  Notice notice = NewsTo(
      "", ReceivingRoles(), absl::StrCat(Quoted(row.title()), "已印发"),
      absl::StrCat(Worded("报告名称", row.title()), "期号：", row.year(), "年第", row.number(),
                   "期。", Worded("编发单位", row.issuer_title()), "请查阅。"));
  for (const std::string& recipient : row.recipients()) {
    if (!recipient.empty()) notice.also.push_back(recipient);
  }
  if (!notice.also.empty()) notice.organization = notice.also.front();
  return notice;
}

absl::Span<const TriageTelling<tri::Report>> TellingsFor(const tri::Report&) {
  static constexpr TriageTelling<tri::Report> kNews[] = {{"issue", OfReportIssue}};
  return kNews;
}

// --- From entries

// Whom it waited for before the entry, and whom after it; nobody in particular is nobody.
template <class Row>
std::optional<Notice> WaitIn(const std::string& json) {
  Row row;
  if (json.empty() || !api::JsonToMessage(json, row, api::JsonSource::kStored).ok()) {
    return std::nullopt;
  }
  std::optional<Notice> notice = WaitOf(row);
  if (notice && notice->organization.empty()) return std::nullopt;
  return notice;
}

// A new name alone is not told anew; that the term has passed is.
bool IsSameWait(const std::optional<Notice>& a, const std::optional<Notice>& b) {
  if (!a || !b) return !a && !b;
  return a->organization == b->organization && a->roles == b->roles && a->due == b->due &&
         a->kind == b->kind;
}

template <class Row>
void TellIf(const journal::v1::Entry& entry, std::vector<Notice>* notices) {
  const auto row = journal::AfterIf<Row>(entry);
  if (!row) return;
  auto wait = WaitIn<Row>(entry.after_json());
  if (wait && !IsSameWait(WaitIn<Row>(entry.before_json()), wait)) {
    std::optional<Notice> oversight = OversightOf(*row);
    const bool told = oversight && !oversight->organization.empty() &&
                      oversight->organization != wait->organization;
    notices->push_back(*std::move(wait));
    if (told) notices->push_back(*std::move(oversight));
  }
  for (const TriageTelling<Row>& one : TellingsFor(*row)) {
    if (one.kind != entry.kind()) continue;
    std::optional<Notice> notice = one.tell(*row);
    // To nobody in particular would be to everybody.
    if (notice && !notice->organization.empty()) notices->push_back(*std::move(notice));
  }
}

template <class Row>
bool SettlesIf(const journal::v1::Entry& entry) {
  if (entry.type() != Row::descriptor()->full_name()) return false;
  const auto before = WaitIn<Row>(entry.before_json());
  return before && !IsSameWait(before, WaitIn<Row>(entry.after_json()));
}

template <class... Rows>
struct TriageRows {
  static bool Have(absl::string_view type) {
    return ((type == Rows::descriptor()->full_name()) || ...);
  }
  static void Tell(const journal::v1::Entry& entry, std::vector<Notice>* notices) {
    (TellIf<Rows>(entry, notices), ...);
  }
  static bool Settle(const journal::v1::Entry& entry) { return (SettlesIf<Rows>(entry) || ...); }
};
using ToldOf = TriageRows<tri::Push, tri::Handover, tri::IdleAlert, tri::Escalation,
                          tri::EscalationTask, tri::ListDelivery, tri::Report>;

// Of results, of which there are many entries, those alone that were idle.
bool IsOfIdleResult(const journal::v1::Entry& entry) {
  return entry.type() == tri::Result::descriptor()->full_name() &&
         absl::StrContains(entry.before_json(), kTakenRungs);
}

}  // namespace

bool ConcernsTriageNotices(const journal::v1::Entry& entry) {
  return ToldOf::Have(entry.type()) || IsOfIdleResult(entry) || IsOfMeeting(entry);
}

std::vector<Notice> TriageNoticesOf(const journal::v1::Entry& entry) {
  if (IsOfMeeting(entry)) return MeetingNoticesOf(entry);
  std::vector<Notice> notices;
  ToldOf::Tell(entry, &notices);
  return notices;
}

bool IsTriageSettled(const journal::v1::Entry& entry) {
  if (!IsOfIdleResult(entry)) return ToldOf::Settle(entry);
  const auto row = journal::AfterIf<tri::Result>(entry);
  // Somebody acted: the ladder begins anew. Or there is nothing to act on any more.
  return !row || row->rungs().empty() || row->state() == tri::RESULT_STATE_WITHDRAWN ||
         row->state() == tri::RESULT_STATE_MERGED;
}

}  // namespace chanyan::cycle
