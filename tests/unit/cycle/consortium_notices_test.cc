// What people are told of innovation consortia (CON-3, CON-5, CON-6, CON-8).
#include "services/cycle/consortium_notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chanyan/consortium/v1/bar.pb.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/evaluation.pb.h"
#include "chanyan/consortium/v1/expert.pb.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/journal/journal.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/notice_texts.h"
#include "tests/unit/cycle/entries.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::CivilDay kLast(2028, 3, 31);

consortium::v1::Consortium Dossier() {
  consortium::v1::Consortium row;
  row.set_name("consortia/a");
  row.set_display_name("水下传感联合体");
  row.set_lead_unit("organizations/lead");
  for (const char* one : {"organizations/lead", "organizations/e1", "organizations/ouc"}) {
    row.add_participants(one);
  }
  row.set_state_reason("缺少合作证明");
  row.set_due_note("20个工作日");
  *row.mutable_due_time() = time::ToTimestamp(time::EndOfDay(kLast));
  *row.mutable_valid_until() = time::ToProto(kLast);
  return row;
}

TEST(ConsortiumNoticesTest, NothingIsToldOfWhatNobodyWaitsFor) {
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("updated", Dossier())));
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("followed", Dossier())));
  consortium::v1::Evaluation evaluation;
  evaluation.set_name("consortia/a/evaluations/b");
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("created", evaluation)));
  EXPECT_FALSE(IsConsortiumType(consortium::v1::Evaluation::descriptor()->full_name()));
  journal::v1::Entry empty = EntryOf("return", Dossier());
  empty.clear_after_json();
  EXPECT_FALSE(ConsortiumNoticeOf(empty));
}

TEST(ConsortiumNoticesTest, NothingIsToldToNobodyInParticular) {
  consortium::v1::Consortium row = Dossier();
  row.clear_lead_unit();
  row.clear_participants();
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("return", row)));
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("cancel", row)));
  consortium::v1::Bar bar;
  bar.set_name("bars/a");
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("created", bar)));
}

TEST(ConsortiumNoticesTest, AReturnGoesToTheLeadWithReasonAndTerm) {
  const auto notice = ConsortiumNoticeOf(EntryOf("return", Dossier()));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, "organizations/lead");
  EXPECT_THAT(notice->also, IsEmpty());
  EXPECT_EQ(notice->kind, v1::NOTIFICATION_KIND_REMINDER);
  EXPECT_THAT(notice->content, HasSubstr("缺少合作证明"));
  EXPECT_THAT(notice->content, HasSubstr("20个工作日"));
  EXPECT_EQ(time::DayOf(notice->due), kLast);
  EXPECT_TRUE(IsConsortiumSettled(EntryOf("submit", Dossier())));
}

TEST(ConsortiumNoticesTest, NoticeFilingAndTheEndGoToAllParties) {
  for (const char* kind : {"announce", "file", "reject", "cancel", "expire", "dissolve"}) {
    const auto notice = ConsortiumNoticeOf(EntryOf(kind, Dossier()));
    ASSERT_TRUE(notice) << kind;
    EXPECT_THAT(notice->also, Contains("organizations/ouc")) << kind;
    EXPECT_EQ(notice->kind, v1::NOTIFICATION_KIND_NEWS) << kind;
  }
  EXPECT_THAT(ConsortiumNoticeOf(EntryOf("file", Dossier()))->content, HasSubstr("2028年3月31日"));
}

TEST(ConsortiumNoticesTest, AnObjectionGoesToTheOfficeAndItsDecisionToTheObjector) {
  consortium::v1::NoticeObjection row;
  row.set_name("notices/a/objections/b");
  row.set_office("organizations/office");
  row.set_organization("organizations/objector");
  row.set_receipt_number("YY-1");
  row.set_finding("不属实");
  row.set_contact_person("李群众");
  row.set_state(consortium::v1::NOTICE_OBJECTION_STATE_REJECTED);
  const auto raised = ConsortiumNoticeOf(EntryOf("created", row));
  ASSERT_TRUE(raised);
  EXPECT_EQ(raised->organization, "organizations/office");
  EXPECT_THAT(raised->roles, ElementsAre(ROLE_DEPARTMENT));
  EXPECT_THAT(raised->title + raised->content, ::testing::Not(HasSubstr("李群众")));
  const auto decided = ConsortiumNoticeOf(EntryOf("reject", row));
  ASSERT_TRUE(decided);
  EXPECT_EQ(decided->organization, "organizations/objector");
  EXPECT_THAT(decided->content, HasSubstr("不属实"));
  row.clear_organization();
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("reject", row))) << "the public asks with its receipt";
}

TEST(ConsortiumNoticesTest, OfADeclarationAfterScoringTheOfficeLearnsAndNobodyElse) {
  consortium::v1::Expert row;
  row.set_name("experts/a");
  row.set_person("赵专家");
  row.set_account("accounts/expert");
  row.set_employer("organizations/ouc");
  row.set_office("organizations/office");
  consortium::v1::DeclaredInterest* interest = row.add_interests();
  interest->set_organization("organizations/lead");
  interest->set_organization_title("甲集团");
  EXPECT_TRUE(IsConsortiumType(consortium::v1::Expert::descriptor()->full_name()));
  for (const char* kind : {"created", "updated", "declared", "suspend", "restore"}) {
    EXPECT_FALSE(ConsortiumNoticeOf(EntryOf(kind, row))) << kind;
  }
  const auto notice = ConsortiumNoticeOf(EntryOf("declared after scoring", row));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, "organizations/office");
  EXPECT_THAT(notice->also, IsEmpty());
  EXPECT_THAT(notice->roles, ElementsAre(ROLE_DEPARTMENT));
  EXPECT_THAT(notice->title + notice->content, HasSubstr("复核"));
  // What was declared stays in the pool.
  EXPECT_THAT(notice->title + notice->content, ::testing::Not(HasSubstr("甲集团")));
  row.clear_office();
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("declared after scoring", row)));
}

consortium::v1::ReviewAssignment Scored() {
  consortium::v1::ReviewAssignment row;
  row.set_name("consortia/a/panels/p/assignments/s");
  row.set_consortium_title("水下传感联合体");
  row.set_person("张某");
  row.set_account("accounts/zhang");
  row.set_employer("organizations/ouc");
  row.set_office("organizations/office");
  row.set_state(consortium::v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED);
  return row;
}

TEST(ConsortiumNoticesTest, AStruckOutScoreIsToldToTheOfficeAndItsExpertAlone) {
  const consortium::v1::ReviewAssignment before = Scored();
  consortium::v1::ReviewAssignment row = before;
  row.set_state(consortium::v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  row.set_reason("复核发现利益关系：结对共建：水下传感公司。");
  auto entry = EntryOf("remove", row);
  entry.set_before_json(journal::CanonicalJson(before));
  const std::vector<Notice> notices = NoticesOf(entry);
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices[0].organization, "organizations/office");
  EXPECT_THAT(notices[0].roles, ElementsAre(ROLE_DEPARTMENT));
  EXPECT_EQ(notices[0].account, "");
  EXPECT_THAT(notices[0].title, HasSubstr("一份专家评分已剔除"));
  EXPECT_THAT(notices[0].content, HasSubstr("专家：张某。原因：复核发现利益关系"));
  EXPECT_THAT(notices[0].content, ::testing::Not(HasSubstr("。。")));
  EXPECT_EQ(notices[1].organization, "organizations/ouc");
  EXPECT_EQ(notices[1].account, "accounts/zhang") << "not whoever else works there";
  EXPECT_THAT(notices[1].roles, ElementsAre(options::v1::ROLE_EXPERT));
  EXPECT_THAT(notices[1].title, HasSubstr("您对创新联合体“水下传感联合体”的评分已剔除"));
  for (const Notice& notice : notices) {
    EXPECT_EQ(notice.kind, v1::NOTIFICATION_KIND_NEWS);
    EXPECT_THAT(notice.also, IsEmpty());
  }
  EXPECT_TRUE(ConcernsNotices(entry));
  EXPECT_TRUE(IsSettled(entry)) << "what was asked of the expert; news stays";
}

TEST(ConsortiumNoticesTest, WhoIsDrawnIsAskedToReviewUntilItIsDone) {
  consortium::v1::ReviewAssignment row = Scored();
  row.set_state(consortium::v1::REVIEW_ASSIGNMENT_STATE_INVITED);
  *row.mutable_due_time() = time::ToTimestamp(time::EndOfDay(kLast));
  const std::vector<Notice> notices = NoticesOf(EntryOf("drawn", row));
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].account, "accounts/zhang");
  EXPECT_EQ(notices[0].organization, "organizations/ouc");
  EXPECT_EQ(notices[0].kind, v1::NOTIFICATION_KIND_REMINDER);
  EXPECT_EQ(notices[0].due, time::EndOfDay(kLast));
  EXPECT_THAT(notices[0].content, HasSubstr("评分截止：2028年3月31日"));
  for (const char* verb : {"submit", "decline", "remove", "end"}) {
    EXPECT_TRUE(IsSettled(EntryOf(verb, row))) << verb;
  }
  for (const char* verb : {"drawn", "accept", "rechecked", "reopen"}) {
    EXPECT_FALSE(IsSettled(EntryOf(verb, row))) << verb;
  }
  row.clear_account();
  EXPECT_THAT(NoticesOf(EntryOf("drawn", row)), IsEmpty()) << "nobody, not everybody";
}

TEST(ConsortiumNoticesTest, OfWhoLostNoScoreNobodyIsTold) {
  consortium::v1::ReviewAssignment before = Scored();
  consortium::v1::ReviewAssignment row = before;
  const auto told = [&] {
    auto entry = EntryOf("remove", row);
    entry.set_before_json(journal::CanonicalJson(before));
    return NoticesOf(entry);
  };
  EXPECT_THAT(told(), IsEmpty()) << "looked at again, and nothing was found";
  row.set_state(consortium::v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  before.set_state(consortium::v1::REVIEW_ASSIGNMENT_STATE_ACCEPTED);
  EXPECT_THAT(told(), IsEmpty()) << "there was no score";
  before.set_state(consortium::v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  EXPECT_THAT(told(), IsEmpty()) << "once";
  EXPECT_THAT(NoticesOf(EntryOf("drawn", Scored())), IsEmpty());
  // An expert without an account is nobody, least of all everybody.
  before = Scored();
  row.clear_account();
  EXPECT_EQ(told().size(), 1u);
}

TEST(ConsortiumNoticesTest, WhoIsBarredLearnsUntilWhenAndHowToAppeal) {
  consortium::v1::Bar bar;
  bar.set_name("bars/a");
  bar.set_organization("organizations/lead");
  bar.set_reason("未按共建协议履约");
  *bar.mutable_start_date() = time::ToProto(absl::CivilDay(2025, 4, 1));
  *bar.mutable_end_date() = time::ToProto(kLast);
  const auto notice = ConsortiumNoticeOf(EntryOf("created", bar));
  ASSERT_TRUE(notice);
  EXPECT_THAT(notice->title, HasSubstr("2028年3月31日"));
  EXPECT_THAT(notice->content, HasSubstr("申诉"));
  bar.set_appeal_finding("情有可原");
  EXPECT_THAT(ConsortiumNoticeOf(EntryOf("lifted", bar))->content, HasSubstr("情有可原"));
}

TEST(ConsortiumNoticesTest, ASupplementGoesToAllWhoAreToSign) {
  consortium::v1::Supplement row;
  row.set_name("consortia/a/supplements/b");
  row.add_required_units("organizations/lead");
  row.add_required_units("organizations/e1");
  const auto notice = ConsortiumNoticeOf(EntryOf("created", row));
  ASSERT_TRUE(notice);
  EXPECT_THAT(notice->also, ElementsAre("organizations/lead", "organizations/e1"));
  EXPECT_TRUE(IsConsortiumSettled(EntryOf("lapse", row)));
  EXPECT_FALSE(IsConsortiumSettled(EntryOf("created", row)));
}

TEST(ConsortiumNoticesTest, WhatStillAsksForSomethingIsNotSettled) {
  for (const char* kind : {"updated", "judged", "barred", "unbarred", "overdue", "removeLead"}) {
    EXPECT_FALSE(IsConsortiumSettled(EntryOf(kind, Dossier()))) << kind;
  }
  // Whose turn it was is reminded no more; whose turn it is, by the same entry.
  for (const char* kind : {"return", "reopen", "announce", "file", "recommend", "accept"}) {
    EXPECT_TRUE(IsConsortiumSettled(EntryOf(kind, Dossier()))) << kind;
  }
  consortium::v1::NoticeObjection objection;
  objection.set_name("notices/a/objections/b");
  EXPECT_FALSE(IsConsortiumSettled(EntryOf("created", objection)));
  EXPECT_FALSE(IsConsortiumSettled(EntryOf("evidence", objection)));
  consortium::v1::Bar bar;
  bar.set_name("bars/a");
  EXPECT_FALSE(IsConsortiumSettled(EntryOf("created", bar)));
  consortium::v1::Supplement supplement;
  supplement.set_name("consortia/a/supplements/b");
  EXPECT_FALSE(IsConsortiumSettled(EntryOf("signed", supplement)));
  consortium::v1::ExpiryReminder reminder;
  reminder.set_name("filings/2025-1/expiryReminders/90");
  EXPECT_FALSE(IsConsortiumSettled(EntryOf("lapse", reminder)));
}

TEST(ConsortiumNoticesTest, ABarThatExpiresIsOverByTimeWhateverItsAppealFound) {
  consortium::v1::Bar bar;
  bar.set_name("bars/a");
  bar.set_organization("organizations/lead");
  bar.set_appeal_finding("申诉理由不成立");
  EXPECT_EQ(ConsortiumNoticeOf(EntryOf("expire", bar))->content, "限制期已满。");
  EXPECT_THAT(ConsortiumNoticeOf(EntryOf("upheld", bar))->content, HasSubstr("申诉理由不成立"));
}

TEST(ConsortiumNoticesTest, PartiesAreToldOfANewReviewButNotWhy) {
  consortium::v1::Consortium row = Dossier();
  row.set_state_reason("某专家须回避");
  const auto notice = ConsortiumNoticeOf(EntryOf("reexamine", row));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->kind, v1::NOTIFICATION_KIND_NEWS);
  EXPECT_THAT(notice->title, HasSubstr("将重新评审"));
  EXPECT_THAT(notice->content, ::testing::Not(HasSubstr("某专家")));
}

// What was asked for is over; that it is over is told all the same.
TEST(ConsortiumNoticesTest, AnEndSettlesWhatWasAskedForAndIsNewsItself) {
  for (const char* kind : {"lapse", "cancel", "abandon", "dissolve", "expire"}) {
    EXPECT_TRUE(IsConsortiumSettled(EntryOf(kind, Dossier()))) << kind;
    const auto notice = ConsortiumNoticeOf(EntryOf(kind, Dossier()));
    ASSERT_TRUE(notice) << kind;
    EXPECT_EQ(notice->kind, v1::NOTIFICATION_KIND_NEWS) << kind;
  }
  for (const char* kind : {"withdraw", "installLead", "renew"}) {
    EXPECT_TRUE(IsConsortiumSettled(EntryOf(kind, Dossier()))) << kind;
  }
  consortium::v1::NoticeObjection objection;
  objection.set_name("notices/a/objections/b");
  objection.set_organization("organizations/objector");
  for (const char* kind : {"uphold", "reject"}) {
    EXPECT_TRUE(IsConsortiumSettled(EntryOf(kind, objection))) << kind;
    EXPECT_TRUE(ConsortiumNoticeOf(EntryOf(kind, objection))) << kind;
  }
  consortium::v1::Bar bar;
  bar.set_name("bars/a");
  bar.set_organization("organizations/lead");
  for (const char* kind : {"lifted", "upheld", "expire"}) {
    EXPECT_TRUE(IsConsortiumSettled(EntryOf(kind, bar))) << kind;
    EXPECT_TRUE(ConsortiumNoticeOf(EntryOf(kind, bar))) << kind;
  }
  EXPECT_TRUE(IsConsortiumSettled(EntryOf("appeal", bar)));
  consortium::v1::Supplement supplement;
  supplement.set_name("consortia/a/supplements/b");
  supplement.add_required_units("organizations/lead");
  EXPECT_TRUE(IsConsortiumSettled(EntryOf("effective", supplement)));
  EXPECT_EQ(ConsortiumNoticeOf(EntryOf("effective", supplement))->kind, v1::NOTIFICATION_KIND_NEWS);
}

TEST(ConsortiumNoticesTest, ALeadLearnsWhoOfItsCoreIsBarredAndUntilWhen) {
  consortium::v1::Consortium row = Dossier();
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("barred", row))) << "nobody is";
  consortium::v1::BarredParty* party = row.add_barred_parties();
  party->set_title("乙集团（演示）");
  *party->mutable_start_date() = time::ToProto(absl::CivilDay(2025, 4, 1));
  *party->mutable_end_date() = time::ToProto(kLast);
  party->mutable_clause()->set_document("青科字〔2025〕5号");
  const auto notice = ConsortiumNoticeOf(EntryOf("barred", row));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, "organizations/lead");
  EXPECT_THAT(notice->also, IsEmpty()) << "nobody else's business";
  for (const char* words :
       {"乙集团（演示）", "2025年4月1日", "2028年3月31日", "青科字〔2025〕5号"}) {
    EXPECT_THAT(notice->content, HasSubstr(words));
  }
  EXPECT_THAT(notice->content, HasSubstr("更换成员"));
  row.set_submitted(true);
  EXPECT_THAT(ConsortiumNoticeOf(EntryOf("barred", row))->content, HasSubstr("不能继续办理"));
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("unbarred", row))) << "one still is";
  row.clear_barred_parties();
  const auto free = ConsortiumNoticeOf(EntryOf("unbarred", row));
  ASSERT_TRUE(free);
  EXPECT_EQ(free->organization, "organizations/lead");
  EXPECT_EQ(free->kind, v1::NOTIFICATION_KIND_NEWS);
  EXPECT_THAT(free->content, HasSubstr("可以继续办理"));
}

TEST(ConsortiumNoticesTest, WhoIsToSignASupplementLearnsWhomItCannotBring) {
  consortium::v1::Supplement row;
  row.set_name("consortia/a/supplements/b");
  row.set_consortium_title("水下传感联合体");
  row.add_required_units("organizations/lead");
  row.add_required_units("organizations/e1");
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("barred", row))) << "nobody is";
  consortium::v1::BarredParty* party = row.add_barred_parties();
  party->set_title("乙集团（演示）");
  *party->mutable_start_date() = time::ToProto(absl::CivilDay(2025, 4, 1));
  *party->mutable_end_date() = time::ToProto(kLast);
  const auto notice = ConsortiumNoticeOf(EntryOf("barred", row));
  ASSERT_TRUE(notice);
  EXPECT_THAT(notice->also, ElementsAre("organizations/lead", "organizations/e1"));
  for (const char* words : {"乙集团（演示）", "2028年3月31日", "不能签署生效"}) {
    EXPECT_THAT(notice->content, HasSubstr(words));
  }
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("judged", row)));
  EXPECT_FALSE(IsConsortiumSettled(EntryOf("barred", row)));
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("unbarred", row))) << "one still is";
  row.clear_barred_parties();
  const auto free = ConsortiumNoticeOf(EntryOf("unbarred", row));
  ASSERT_TRUE(free);
  EXPECT_EQ(free->kind, v1::NOTIFICATION_KIND_NEWS);
  EXPECT_THAT(free->also, ElementsAre("organizations/lead", "organizations/e1"));
  EXPECT_THAT(free->title, HasSubstr("可以继续签署"));
}

TEST(ConsortiumNoticesTest, AllPartiesLearnWhatAnEvaluationCameTo) {
  consortium::v1::Consortium row = Dossier();
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("evaluated", row))) << "there is none";
  row.add_evaluation_results()->set_grade(consortium::v1::EVALUATION_GRADE_QUALIFIED);
  consortium::v1::EvaluationResult* last = row.add_evaluation_results();
  last->set_grade(consortium::v1::EVALUATION_GRADE_EXCELLENT);
  last->set_period("2026年度");
  last->set_derivation("管理运行机制90×20%＋…＝90分");
  const auto notice = ConsortiumNoticeOf(EntryOf("evaluated", row));
  ASSERT_TRUE(notice);
  EXPECT_THAT(notice->title, HasSubstr("优秀")) << "the last one";
  EXPECT_THAT(notice->content, HasSubstr("2026年度"));
  EXPECT_THAT(notice->content, HasSubstr("＝90分"));
  EXPECT_THAT(notice->also, Contains("organizations/ouc"));
}

TEST(ConsortiumNoticesTest, WhatIsLateIsToldToWhoseTurnItIsAndToItsLeaders) {
  consortium::v1::Consortium row = Dossier();
  row.set_office("organizations/office");
  row.set_district("organizations/district");
  row.set_state(consortium::v1::CONSORTIUM_STATE_DISTRICT_REVIEW);
  auto notice = ConsortiumNoticeOf(EntryOf("overdue", row));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, "organizations/district");
  EXPECT_THAT(notice->roles, ElementsAre(options::v1::ROLE_UNIT, options::v1::ROLE_LEADER));
  EXPECT_EQ(notice->kind, v1::NOTIFICATION_KIND_OVERDUE);
  row.set_state(consortium::v1::CONSORTIUM_STATE_EXPERT_REVIEW);
  EXPECT_EQ(ConsortiumNoticeOf(EntryOf("overdue", row))->organization, "organizations/office");
  row.set_state(consortium::v1::CONSORTIUM_STATE_PUBLIC_NOTICE);
  notice = ConsortiumNoticeOf(EntryOf("overdue", row));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, "organizations/lead");
  EXPECT_EQ(notice->kind, v1::NOTIFICATION_KIND_NEWS) << "it is not the lead's to do";
  EXPECT_THAT(notice->content, ::testing::Not(HasSubstr("异议")));
}

TEST(ConsortiumNoticesTest, TheOfficeLearnsThatANoticeWaitsAndThatAnObjectionIsDue) {
  consortium::v1::PublicNotice on_notice;
  on_notice.set_name("notices/a");
  on_notice.set_office("organizations/office");
  on_notice.set_consortium_title("水下传感联合体");
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("published", on_notice)));
  const auto waits = ConsortiumNoticeOf(EntryOf("wait", on_notice));
  ASSERT_TRUE(waits);
  EXPECT_EQ(waits->organization, "organizations/office");
  EXPECT_THAT(waits->roles, ElementsAre(ROLE_DEPARTMENT));
  on_notice.set_hold_reason("核心层有单位受限");
  EXPECT_THAT(ConsortiumNoticeOf(EntryOf("held", on_notice))->content,
              HasSubstr("核心层有单位受限"));
  for (const char* kind : {"clear", "uphold", "end"}) {
    EXPECT_TRUE(IsConsortiumSettled(EntryOf(kind, on_notice))) << kind;
  }
  EXPECT_FALSE(IsConsortiumSettled(EntryOf("wait", on_notice)));
  consortium::v1::NoticeObjection row;
  row.set_name("notices/a/objections/b");
  row.set_office("organizations/office");
  row.set_receipt_number("YY-1");
  row.set_content("与我单位在研项目重复");
  *row.mutable_answer_due_time() = time::ToTimestamp(time::EndOfDay(kLast));
  const auto soon = ConsortiumNoticeOf(EntryOf("remind", row));
  ASSERT_TRUE(soon);
  EXPECT_EQ(soon->kind, v1::NOTIFICATION_KIND_REMINDER);
  EXPECT_THAT(soon->roles, ElementsAre(ROLE_DEPARTMENT));
  const auto late = ConsortiumNoticeOf(EntryOf("overdue", row));
  ASSERT_TRUE(late);
  EXPECT_EQ(late->kind, v1::NOTIFICATION_KIND_OVERDUE);
  EXPECT_THAT(late->roles, ElementsAre(ROLE_DEPARTMENT, options::v1::ROLE_LEADER));
  EXPECT_THAT(late->content, HasSubstr("2028年3月31日"));
  EXPECT_THAT(late->content, ::testing::Not(HasSubstr("在研项目")));
}

TEST(ConsortiumNoticesTest, ASupplementThatWaitsForAnOverrideIsTheOffices) {
  consortium::v1::Supplement row;
  row.set_name("consortia/a/supplements/b");
  row.set_office("organizations/office");
  row.add_required_units("organizations/lead");
  policy::v1::Verdict* verdict = row.mutable_verdicts()->add_verdicts();
  verdict->set_strength(policy::v1::STRENGTH_SOFT);
  verdict->set_outcome(policy::v1::OUTCOME_NOT_SATISFIED);
  verdict->set_reason("上下游企业2家，少于3家");
  EXPECT_FALSE(ConsortiumNoticeOf(EntryOf("signed", row)));
  const auto notice = ConsortiumNoticeOf(EntryOf("waits", row));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, "organizations/office");
  EXPECT_THAT(notice->also, IsEmpty());
  EXPECT_THAT(notice->content, HasSubstr("上下游企业2家，少于3家"));
  EXPECT_TRUE(IsConsortiumSettled(EntryOf("cancel", row)));
}

TEST(ConsortiumNoticesTest, AFilingThatEndsSoonIsTheLeadsOrTheOfficesIfThereIsNone) {
  consortium::v1::ExpiryReminder row;
  row.set_name("filings/2025-1/expiryReminders/90");
  row.set_lead_unit("organizations/lead");
  row.set_office("organizations/office");
  *row.mutable_valid_until() = time::ToProto(kLast);
  const auto notice = ConsortiumNoticeOf(EntryOf("created", row));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, "organizations/lead");
  EXPECT_THAT(notice->roles, ElementsAre(ROLE_ENTERPRISE));
  row.clear_lead_unit();
  EXPECT_EQ(ConsortiumNoticeOf(EntryOf("created", row))->organization, "organizations/office");
}

}  // namespace
}  // namespace chanyan::cycle
