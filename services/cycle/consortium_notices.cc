#include "services/cycle/consortium_notices.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/consortium/v1/bar.pb.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "chanyan/consortium/v1/coordination.pb.h"
#include "chanyan/consortium/v1/evaluation.pb.h"
#include "chanyan/consortium/v1/expert.pb.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/journal/entry_message.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/construction_notices.h"
#include "services/cycle/coordination_notices.h"
#include "services/cycle/reviewer_notices.h"

namespace chanyan::cycle {
namespace {

using consortium::v1::Bar;
using consortium::v1::Consortium;
using consortium::v1::Expert;
using consortium::v1::ExpiryReminder;
using consortium::v1::NoticeObjection;
using consortium::v1::PublicNotice;
using consortium::v1::ReviewAssignment;
using consortium::v1::Supplement;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_UNIT;

std::string DayIn(const google::type::Date& date) {
  const auto day = time::ToCivilDay(date);
  return day.ok() ? time::FormatDateZh(*day) : "";
}

// To the lead and all members.
Notice ToParties(const Consortium& row) {
  Notice notice;
  notice.organization = row.lead_unit();
  notice.also.assign(row.participants().begin(), row.participants().end());
  notice.roles = {ROLE_ENTERPRISE, ROLE_RESEARCH_OFFICE};
  notice.kind = v1::NOTIFICATION_KIND_NEWS;
  return notice;
}

Notice ToLead(const Consortium& row) {
  Notice notice = ToParties(row);
  notice.also.clear();
  return notice;
}

std::optional<Notice> OfReturn(const Consortium& row) {
  Notice notice = ToLead(row);
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  notice.title = absl::StrCat("创新联合体“", row.display_name(), "”的申报材料已退回补正");
  notice.content =
      absl::StrCat("退回原因：", row.state_reason(), "。请补正后重新提交，逾期未补正的，",
                   "本次申报失效。期限依据：", row.due_note(), "。");
  if (row.has_due_time()) notice.due = time::ToTime(row.due_time());
  return notice;
}

std::optional<Notice> OfRejection(const Consortium& row) {
  Notice notice = ToParties(row);
  notice.title = absl::StrCat("创新联合体“", row.display_name(), "”未通过");
  notice.content = absl::StrCat("原因：", row.state_reason(), "。");
  return notice;
}

// Without the reason, which is about reviews.
std::optional<Notice> OfReexamination(const Consortium& row) {
  Notice notice = ToParties(row);
  notice.title = absl::StrCat("创新联合体“", row.display_name(), "”将重新评审");
  notice.content = "申报材料无须补正；正在公示的，本次公示终止。评审结果另行通知。";
  return notice;
}

std::optional<Notice> OfAnnouncement(const Consortium& row) {
  Notice notice = ToParties(row);
  notice.title = absl::StrCat("创新联合体“", row.display_name(), "”拟备案，正在公示");
  notice.content = "公示期内对公示有异议的单位和个人可以提出异议；公示期满无异议的予以备案。";
  return notice;
}

std::optional<Notice> OfFiling(const Consortium& row) {
  Notice notice = ToParties(row);
  notice.title = absl::StrCat("创新联合体“", row.display_name(), "”已备案");
  notice.content =
      absl::StrCat("有效期至", DayIn(row.valid_until()), "。备案证书可由各参与单位下载。");
  return notice;
}

std::optional<Notice> OfVacancy(const Consortium& row) {
  Notice notice = ToParties(row);
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  notice.title = absl::StrCat("创新联合体“", row.display_name(), "”的牵头单位资格已取消");
  notice.content =
      absl::StrCat("原因：", row.state_reason(), "。请全体成员签署补充协议更换牵头单位，",
                   "逾期未更换的，取消备案资格。期限依据：", row.due_note(), "。");
  if (row.has_due_time()) notice.due = time::ToTime(row.due_time());
  return notice;
}

// What the last evaluation came to; that a filing ends by it is told as such.
std::optional<Notice> OfEvaluation(const Consortium& row) {
  if (row.evaluation_results().empty()) return std::nullopt;
  const consortium::v1::EvaluationResult& last = *row.evaluation_results().rbegin();
  Notice notice = ToParties(row);
  notice.title = absl::StrCat("创新联合体“", row.display_name(), "”的绩效评价结果为",
                              policy::LabelOf(last.grade()));
  notice.content = absl::StrCat("评价期间：", last.period(), "。", last.derivation(), "。");
  return notice;
}

std::optional<Notice> OfEnd(const Consortium& row) {
  Notice notice = ToParties(row);
  notice.title = absl::StrCat("创新联合体“", row.display_name(), "”", policy::LabelOf(row.state()));
  if (!row.state_reason().empty()) {
    notice.content = absl::StrCat("原因：", row.state_reason(), "。");
  }
  return notice;
}

// Each with its term: “甲”自…至…不得牵头组建或作为核心层参与（…）；.
template <class Row>
std::string BarsOn(const Row& row) {
  std::string text;
  for (const consortium::v1::BarredParty& party : row.barred_parties()) {
    absl::StrAppend(&text, "“", party.title(), "”自", DayIn(party.start_date()), "至",
                    DayIn(party.end_date()), "不得牵头组建或作为核心层参与（",
                    party.clause().document(), party.clause().article(), "）；");
  }
  return text;
}

// Somebody of its lead or core has come to be kept out: who, and until when.
std::optional<Notice> OfBarred(const Consortium& row) {
  if (row.barred_parties().empty()) return std::nullopt;
  Notice notice = ToLead(row);
  notice.title = absl::StrCat("创新联合体“", row.display_name(), "”的牵头单位或核心层有单位受限");
  notice.content = BarsOn(row);
  absl::StrAppend(&notice.content, row.submitted()
                                       ? "限制期内申报不能继续办理，限制解除后继续。"
                                       : "请调整其层级或更换成员，限制期内不能提交申报。");
  return notice;
}

// Nobody of them is any longer.
std::optional<Notice> OfUnbarred(const Consortium& row) {
  if (!row.barred_parties().empty()) return std::nullopt;
  Notice notice = ToLead(row);
  notice.kind = v1::NOTIFICATION_KIND_NEWS;
  notice.title = absl::StrCat("创新联合体“", row.display_name(), "”的牵头单位和核心层已无单位受限");
  notice.content = "申报可以继续办理。";
  return notice;
}

// To whose turn it is, and to its leaders. On notice nobody's: the parties learn why nothing comes.
std::optional<Notice> OfOverdue(const Consortium& row) {
  if (row.state() == consortium::v1::CONSORTIUM_STATE_PUBLIC_NOTICE) {
    Notice notice = ToParties(row);
    notice.title = absl::StrCat("创新联合体“", row.display_name(), "”公示期已满，有关事项正在核查");
    notice.content = "核查办结前暂不予备案，结果另行通知。";
    return notice;
  }
  const bool district = row.state() == consortium::v1::CONSORTIUM_STATE_DISTRICT_REVIEW;
  Notice notice;
  notice.organization = district ? row.district() : row.office();
  notice.roles = {district ? ROLE_UNIT : ROLE_DEPARTMENT, ROLE_LEADER};
  notice.kind = v1::NOTIFICATION_KIND_OVERDUE;
  notice.title = absl::StrCat("创新联合体“", row.display_name(), "”的",
                              policy::LabelOf(row.state()), "逾期未办结");
  notice.content = absl::StrCat("请尽快办理。期限依据：", row.due_note(), "。");
  if (row.has_due_time()) notice.due = time::ToTime(row.due_time());
  return notice;
}

// What is told of a dossier, by the verb that its journal has.
struct Telling {
  absl::string_view kind;
  std::optional<Notice> (*tell)(const Consortium&);
};
constexpr Telling kTellings[] = {
    {"return", OfReturn},
    {"reopen", OfReturn},
    {"reject", OfRejection},
    {"reexamine", OfReexamination},
    {"sustain", OfRejection},
    {"announce", OfAnnouncement},
    {"file", OfFiling},
    {"removeLead", OfVacancy},
    {"lapse", OfEnd},
    {"cancel", OfEnd},
    {"abandon", OfEnd},
    {"expire", OfEnd},
    {"dissolve", OfEnd},
    {"barred", OfBarred},
    {"unbarred", OfUnbarred},
    {"overdue", OfOverdue},
    {"evaluated", OfEvaluation},
};

// The office learns at once why a notice whose window is over is not filed.
std::optional<Notice> OfNotice(const PublicNotice& row, absl::string_view kind) {
  if (kind != "wait" && kind != "held") return std::nullopt;
  Notice notice;
  notice.organization = row.office();
  notice.roles = {ROLE_DEPARTMENT};
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  notice.title = absl::StrCat("“", row.consortium_title(), "”公示期已满，",
                              kind == "wait" ? "异议尚未办结" : "暂不能备案");
  notice.content = kind == "wait" ? "请尽快对尚未办结的异议作出认定；全部不成立的，随即予以备案。"
                                  : absl::StrCat("原因：", row.hold_reason());
  return notice;
}

std::optional<Notice> OfObjection(const NoticeObjection& row, absl::string_view kind) {
  Notice notice;
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  if (kind == "created") {
    notice.organization = row.office();
    notice.roles = {ROLE_DEPARTMENT};
    notice.due = time::ToTime(row.answer_due_time());
    notice.title = absl::StrCat("收到对创新联合体公示的异议（", row.receipt_number(), "）");
    notice.content = "请核查并作出决定；异议未办结的，公示期满也不予备案。";
    return notice;
  }
  if (kind == "remind" || kind == "overdue") {
    const bool late = kind == "overdue";
    notice.organization = row.office();
    notice.roles = {ROLE_DEPARTMENT};
    if (late) notice.roles.push_back(ROLE_LEADER);
    notice.kind = late ? v1::NOTIFICATION_KIND_OVERDUE : v1::NOTIFICATION_KIND_REMINDER;
    notice.due = time::ToTime(row.answer_due_time());
    notice.title = absl::StrCat("对创新联合体公示的异议（", row.receipt_number(), "）",
                                late ? "逾期未答复" : "将到答复期限");
    notice.content = absl::StrCat("答复期限：", time::FormatDateZh(time::DayOf(notice.due)),
                                  "。请核查并作出认定。");
    return notice;
  }
  // Whoever objected without signing in asks with the receipt.
  if ((kind != "uphold" && kind != "reject") || row.organization().empty()) return std::nullopt;
  notice.organization = row.organization();
  notice.roles = {ROLE_ENTERPRISE, ROLE_RESEARCH_OFFICE};
  notice.kind = v1::NOTIFICATION_KIND_NEWS;
  notice.title = absl::StrCat("贵单位提出的异议（", row.receipt_number(), "）已办结：",
                              policy::LabelOf(row.state()));
  notice.content = absl::StrCat("核查结果：", row.finding());
  return notice;
}

std::optional<Notice> OfReminder(const ExpiryReminder& row) {
  Notice notice;
  // Without a lead the office sees to it.
  notice.organization = row.lead_unit().empty() ? row.office() : row.lead_unit();
  notice.roles = {row.lead_unit().empty() ? ROLE_DEPARTMENT : ROLE_ENTERPRISE};
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  notice.title = absl::StrCat("创新联合体“", row.consortium_title(), "”的备案将于",
                              DayIn(row.valid_until()), "期满");
  notice.content =
      absl::StrCat("备案编号", row.filing_number(), "。有效期满可按程序重新申请备案。");
  if (const auto day = time::ToCivilDay(row.valid_until()); day.ok()) {
    notice.due = time::EndOfDay(*day);
  }
  return notice;
}

std::optional<Notice> OfBar(const Bar& row, absl::string_view kind) {
  Notice notice;
  notice.organization = row.organization();
  notice.roles = {ROLE_ENTERPRISE, ROLE_RESEARCH_OFFICE};
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  if (kind == "created") {
    notice.title = absl::StrCat("自", DayIn(row.start_date()), "至", DayIn(row.end_date()),
                                "不得牵头组建或作为核心层参与创新联合体建设");
    notice.content = absl::StrCat("原因：", row.reason(), "。依据：", row.clause().document(),
                                  row.clause().article(), "。如有异议，可在期限前提出申诉。");
    notice.due = time::ToTime(row.appeal_due_time());
    return notice;
  }
  if (kind != "lifted" && kind != "upheld" && kind != "expire") return std::nullopt;
  notice.kind = v1::NOTIFICATION_KIND_NEWS;
  notice.title = kind == "upheld" ? "对限制的申诉未获支持，限制继续有效" : "创新联合体限制已解除";
  // One that expires may have had an appeal long before.
  notice.content =
      kind == "expire" ? "限制期已满。" : absl::StrCat("申诉决定：", row.appeal_finding());
  return notice;
}

// Signed by all, and a rule of principle is not met: the office's turn.
Notice OfWaiting(const Supplement& row) {
  Notice notice;
  notice.organization = row.office();
  notice.roles = {ROLE_DEPARTMENT};
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  notice.title = absl::StrCat("创新联合体“", row.consortium_title(), "”的补充协议待批准例外");
  notice.content = "全体应签署单位已签署。";
  for (const policy::v1::Verdict& verdict : row.verdicts().verdicts()) {
    if (verdict.strength() != policy::v1::STRENGTH_SOFT ||
        verdict.outcome() != policy::v1::OUTCOME_NOT_SATISFIED) {
      continue;
    }
    absl::StrAppend(&notice.content, verdict.reason(), "（", verdict.clause().document(),
                    verdict.clause().article(), "）。");
  }
  notice.content += "说明理由批准例外后生效；不同意的，请告知提出单位撤销。";
  return notice;
}

std::optional<Notice> OfSupplement(const Supplement& row, absl::string_view kind) {
  if (kind == "waits") return OfWaiting(row);
  Notice notice;
  notice.also.assign(row.required_units().begin(), row.required_units().end());
  if (notice.also.empty()) return std::nullopt;
  notice.organization = notice.also.front();
  notice.roles = {ROLE_ENTERPRISE, ROLE_RESEARCH_OFFICE};
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  if (kind == "created") {
    notice.title = absl::StrCat("创新联合体“", row.consortium_title(), "”的补充协议待签署");
    notice.content = absl::StrCat("变更原因：", row.reason(), "。全体应签署单位签署后生效。");
    return notice;
  }
  if (kind == "barred" && !row.barred_parties().empty()) {
    notice.title = absl::StrCat("创新联合体“", row.consortium_title(), "”的补充协议有单位受限");
    notice.content =
        absl::StrCat(BarsOn(row), "限制期内补充协议不能签署生效，请由提出单位撤销后另行提出，",
                     "或待限制解除后继续。");
    return notice;
  }
  notice.kind = v1::NOTIFICATION_KIND_NEWS;
  if (kind == "unbarred" && row.barred_parties().empty()) {
    notice.title = absl::StrCat("创新联合体“", row.consortium_title(), "”的补充协议可以继续签署");
    notice.content = "有关单位的限制已解除或不再涉及本协议，尚未签署的单位可继续签署。";
    return notice;
  }
  if (kind != "effective") return std::nullopt;
  notice.title = absl::StrCat("创新联合体“", row.consortium_title(), "”的补充协议已生效");
  notice.content = "成员变更自即日起生效。";
  return notice;
}

// To the office, which keeps the pool, alone: nobody else knows who reviews.
std::optional<Notice> OfExpert(const Expert& row, absl::string_view kind) {
  if (kind != "declared after scoring") return std::nullopt;
  Notice notice;
  notice.organization = row.office();
  notice.roles = {ROLE_DEPARTMENT};
  notice.kind = v1::NOTIFICATION_KIND_NEWS;
  notice.title = "评审专家更改了利益关系申报，其参加的评审组随即复核";
  notice.content =
      absl::StrCat("专家", row.person(), "评过分的创新联合体尚未办结。系统随即复核其参加的评审组，",
                   "有利益关系的剔除其评分并另行通知；评分计入结果的，复核前不能转入下一环节，",
                   "公示期满也不予备案。");
  return notice;
}

std::optional<Notice> Told(const journal::v1::Entry& entry) {
  if (const auto row = journal::AfterIf<Consortium>(entry)) {
    for (const Telling& one : kTellings) {
      if (one.kind == entry.kind()) return one.tell(*row);
    }
    return std::nullopt;
  }
  if (const auto row = journal::AfterIf<PublicNotice>(entry)) return OfNotice(*row, entry.kind());
  if (const auto row = journal::AfterIf<NoticeObjection>(entry))
    return OfObjection(*row, entry.kind());
  if (const auto row = journal::AfterIf<Bar>(entry)) return OfBar(*row, entry.kind());
  if (const auto row = journal::AfterIf<Supplement>(entry)) return OfSupplement(*row, entry.kind());
  if (const auto row = journal::AfterIf<ExpiryReminder>(entry)) return OfReminder(*row);
  if (const auto row = journal::AfterIf<Expert>(entry)) return OfExpert(*row, entry.kind());
  return std::nullopt;
}

// Whether the entry's verb is among those.
bool Settles(const journal::v1::Entry& entry, absl::Span<const absl::string_view> verbs) {
  return std::find(verbs.begin(), verbs.end(), entry.kind()) != verbs.end();
}

// Handed in again or never: the return. A lead again, or no consortium any more: the vacancy. Any
// step: what was late before it.
constexpr absl::string_view kSettleDossiers[] = {
    "submit", "recommend", "return",  "reject",   "accept", "inspect",     "defend",
    "select", "announce",  "file",    "sustain",  "reopen", "reexamine",   "withdraw",
    "lapse",  "cancel",    "abandon", "dissolve", "expire", "installLead", "renew"};
constexpr absl::string_view kSettleNotices[] = {"clear", "uphold", "end"};
constexpr absl::string_view kSettleObjections[] = {"withdraw", "uphold", "reject"};
// One appeals once.
constexpr absl::string_view kSettleBars[] = {"appeal", "lifted", "upheld", "expire"};
constexpr absl::string_view kSettleSupplements[] = {"effective", "cancel", "lapse"};

}  // namespace

std::optional<Notice> ConsortiumNoticeOf(const journal::v1::Entry& entry) {
  std::optional<Notice> notice = Told(entry);
  // Whom it concerns is always somebody: to nobody in particular would be to all enterprises.
  if (notice && notice->organization.empty() && notice->also.empty()) return std::nullopt;
  return notice;
}

std::vector<Notice> ConsortiumNoticesOf(const journal::v1::Entry& entry) {
  if (IsOfReviewer(entry)) return ReviewerNoticesOf(entry);
  if (IsOfConstruction(entry)) return ConstructionNoticesOf(entry);
  if (IsOfCoordination(entry)) return CoordinationNoticesOf(entry);
  std::vector<Notice> notices;
  if (std::optional<Notice> notice = ConsortiumNoticeOf(entry)) {
    notices.push_back(*std::move(notice));
  }
  return notices;
}

bool IsConsortiumType(absl::string_view type) {
  for (const auto* one :
       {Consortium::descriptor(), PublicNotice::descriptor(), NoticeObjection::descriptor(),
        Bar::descriptor(), Supplement::descriptor(), ExpiryReminder::descriptor(),
        Expert::descriptor(), ReviewAssignment::descriptor(),
        consortium::v1::ConstructionReport::descriptor(),
        consortium::v1::CoordinationItem::descriptor()}) {
    if (type == one->full_name()) return true;
  }
  return false;
}

bool IsConsortiumSettled(const journal::v1::Entry& entry) {
  const std::string& type = entry.type();
  if (type == Consortium::descriptor()->full_name()) return Settles(entry, kSettleDossiers);
  if (type == PublicNotice::descriptor()->full_name()) return Settles(entry, kSettleNotices);
  if (type == NoticeObjection::descriptor()->full_name()) return Settles(entry, kSettleObjections);
  if (type == Bar::descriptor()->full_name()) return Settles(entry, kSettleBars);
  if (IsOfReviewer(entry)) return IsReviewerSettled(entry);
  if (IsOfConstruction(entry)) return IsConstructionSettled(entry);
  if (IsOfCoordination(entry)) return IsCoordinationSettled(entry);
  return type == Supplement::descriptor()->full_name() && Settles(entry, kSettleSupplements);
}

}  // namespace chanyan::cycle
