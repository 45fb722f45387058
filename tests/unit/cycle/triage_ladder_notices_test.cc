// What people are told of the ladder, of what was decided on it, and of lists and reports, and
// until when (TRI-5, TRI-7, TRI-8, TRI-10, CYC-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chanyan/triage/v1/report.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "services/cycle/triage_notices.h"
#include "tests/unit/cycle/triage_rows.h"

namespace chanyan::cycle {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(TriageNoticesTest, AnIdleResultIsBroughtToTheRungAndToWhoAnswersForIt) {
  auto alert = OfResult<tri::IdleAlert>("results/r/idleAlerts/a");
  alert.set_rung_title("提请业务处室督办");
  alert.set_told_role(options::v1::ROLE_DEPARTMENT);
  alert.set_idle_workdays(5);
  alert.set_holder_title("演示国企");
  const journal::v1::Entry entry = Created("raised", alert);
  EXPECT_THAT(Told(entry), ElementsAre("ESCALATION hy", "REMINDER investor"));
  for (const Notice& notice : TriageNoticesOf(entry)) {
    EXPECT_EQ(notice.subject, "results/r");
    EXPECT_EQ(notice.title, "成果“演示海水淡化膜”已5个工作日没有办理记录");
    EXPECT_THAT(notice.content, HasSubstr("提请业务处室督办"));
  }
  EXPECT_THAT(TriageNoticesOf(entry).front().roles, ElementsAre(options::v1::ROLE_DEPARTMENT));
  ExpectReadableByWhomItIsTold(entry, alert);
  alert.set_told_role(options::v1::ROLE_LEADER);
  EXPECT_THAT(TriageNoticesOf(Created("raised", alert)).front().roles,
              ElementsAre(options::v1::ROLE_LEADER));
  ExpectReadableByWhomItIsTold(Created("raised", alert), alert);
  // Of one organization that is both, each person once.
  alert.set_holder("organizations/hy");
  EXPECT_THAT(Told(Created("raised", alert)), ElementsAre("ESCALATION hy"));
  ExpectReadableByWhomItIsTold(Created("raised", alert), alert);
  alert.clear_department();
  alert.clear_holder();
  EXPECT_THAT(Told(Created("raised", alert)), ElementsAre("ESCALATION cg"));
  EXPECT_THAT(Told(Change("followed", &alert, &alert)), IsEmpty());
}

TEST(TriageNoticesTest, WhoActsOnAnIdleResultSettlesItsAlerts) {
  tri::Result idle;
  idle.set_name("results/r");
  idle.set_state(tri::RESULT_STATE_PUBLISHED);
  idle.add_rungs("department");
  tri::Result higher = idle;
  higher.add_rungs("bureau-leader");
  EXPECT_FALSE(IsTriageSettled(Change("escalated", &idle, &higher)));
  tri::Result acted = idle;
  acted.clear_rungs();
  EXPECT_TRUE(ConcernsTriageNotices(Change("followed up", &idle, &acted)));
  EXPECT_TRUE(IsTriageSettled(Change("followed up", &idle, &acted)));
  for (const auto state : {tri::RESULT_STATE_WITHDRAWN, tri::RESULT_STATE_MERGED}) {
    tri::Result ended = idle;
    ended.set_state(state);
    EXPECT_TRUE(IsTriageSettled(Change("end", &idle, &ended)));
  }
  // One that was not idle is not looked at.
  EXPECT_FALSE(ConcernsTriageNotices(Change("escalated", &acted, &idle)));
  EXPECT_FALSE(ConcernsTriageNotices(Created("created", idle)));
  EXPECT_THAT(TriageNoticesOf(Change("followed up", &idle, &acted)), IsEmpty());
}

TEST(TriageNoticesTest, AMatterWaitsForItsRungAndThenForItsDepartment) {
  const tri::Escalation raised = MakeEscalation(tri::ESCALATION_STATE_RAISED);
  const journal::v1::Entry raise = Created("raise", raised);
  EXPECT_THAT(Told(raise), ElementsAre("REMINDER leading-group"));
  EXPECT_THAT(Only(raise).content,
              AllOf(HasSubstr("批示期限：2025年4月10日。"), HasSubstr("提请理由：涉及多个部门。")));
  ExpectReadableByWhomItIsTold(raise, raised);
  tri::Escalation passed = raised;
  passed.set_decider("organizations/city-leaders");
  SetDue(kLaterDay, &passed);
  for (const char* kind : {"pass", "followed"}) {
    EXPECT_THAT(Told(Change(kind, &raised, &passed)), ElementsAre("REMINDER city-leaders"));
    EXPECT_TRUE(IsTriageSettled(Change(kind, &raised, &passed)));
  }
  tri::Escalation decided = MakeEscalation(tri::ESCALATION_STATE_DECIDED);
  decided.set_decision("请海洋处牵头");
  const journal::v1::Entry decide = Change("decide", &raised, &decided);
  EXPECT_THAT(Told(decide), ElementsAre("REMINDER hy", "NEWS agency"));
  EXPECT_TRUE(IsTriageSettled(decide));
  for (const Notice& notice : TriageNoticesOf(decide)) {
    EXPECT_THAT(notice.content, HasSubstr("批示意见：请海洋处牵头。"));
  }
  ExpectReadableByWhomItIsTold(decide, decided);
  tri::Escalation begun = decided;
  begun.set_state(tri::ESCALATION_STATE_IN_PROGRESS);
  EXPECT_THAT(Told(Change("receive", &decided, &begun)), IsEmpty());
  EXPECT_TRUE(IsTriageSettled(Change("receive", &decided, &begun)));
  tri::Escalation counted = decided;
  counted.set_open_tasks(1);
  EXPECT_THAT(Told(Change("task ended", &decided, &counted)), IsEmpty());
  EXPECT_FALSE(IsTriageSettled(Change("task ended", &decided, &counted)));
  tri::Escalation closed = begun;
  closed.set_state(tri::ESCALATION_STATE_CLOSED);
  closed.set_conclusion("已办结");
  EXPECT_THAT(Told(Change("close", &begun, &closed)), ElementsAre("NEWS agency"));
  tri::Escalation withdrawn = raised;
  withdrawn.set_state(tri::ESCALATION_STATE_WITHDRAWN);
  EXPECT_THAT(Told(Change("withdraw", &raised, &withdrawn)), IsEmpty());
  EXPECT_TRUE(IsTriageSettled(Change("withdraw", &raised, &withdrawn)));
}

TEST(TriageNoticesTest, WhatADepartmentOrTheLadderRaisedIsToldToItOnce) {
  tri::Escalation raised = MakeEscalation(tri::ESCALATION_STATE_RAISED);
  tri::Escalation decided = MakeEscalation(tri::ESCALATION_STATE_DECIDED);
  for (const char* raiser : {"organizations/hy", ""}) {
    raised.set_raiser(raiser);
    decided.set_raiser(raiser);
    EXPECT_THAT(Told(Change("decide", &raised, &decided)), ElementsAre("REMINDER hy"));
  }
}

TEST(TriageNoticesTest, ATaskWaitsForItsOwnerUntilItsDay) {
  const tri::EscalationTask open = MakeTask(tri::ESCALATION_TASK_STATE_OPEN);
  const journal::v1::Entry given = Created("given", open);
  EXPECT_THAT(Told(given), ElementsAre("REMINDER district"));
  EXPECT_EQ(Only(given).due, time::EndOfDay(kDay));
  ExpectReadableByWhomItIsTold(given, open);
  tri::EscalationTask done = MakeTask(tri::ESCALATION_TASK_STATE_DONE);
  done.set_outcome("手续已办妥");
  const journal::v1::Entry complete = Change("complete", &open, &done);
  EXPECT_THAT(Told(complete), ElementsAre("NEWS hy"));
  EXPECT_TRUE(IsTriageSettled(complete));
  ExpectReadableByWhomItIsTold(complete, done);
  const tri::EscalationTask cancelled = MakeTask(tri::ESCALATION_TASK_STATE_CANCELLED);
  const journal::v1::Entry cancel = Change("cancel", &open, &cancelled);
  EXPECT_THAT(Told(cancel), ElementsAre("NEWS district"));
  EXPECT_TRUE(IsTriageSettled(cancel));
  ExpectReadableByWhomItIsTold(cancel, cancelled);
}

TEST(TriageNoticesTest, ADeliveredListWaitsForItsTaskForceUntilAllIsAnswered) {
  const tri::ListDelivery delivered = MakeDelivery();
  const journal::v1::Entry entry = Created("delivered", delivered);
  EXPECT_THAT(Told(entry), ElementsAre("REMINDER tf-ai"));
  EXPECT_THAT(Only(entry).content, AllOf(HasSubstr("3条"), HasSubstr("2025年4月10日")));
  ExpectReadableByWhomItIsTold(entry, delivered);
  tri::ListDelivery some = delivered;
  some.set_answered_count(2);
  EXPECT_THAT(Told(Change("answered", &delivered, &some)), IsEmpty());
  EXPECT_FALSE(IsTriageSettled(Change("answered", &delivered, &some)));
  tri::ListDelivery all = some;
  all.set_done(true);
  for (const char* kind : {"answered", "superseded"}) {
    EXPECT_THAT(Told(Change(kind, &some, &all)), IsEmpty());
    EXPECT_TRUE(IsTriageSettled(Change(kind, &some, &all)));
  }
}

TEST(TriageNoticesTest, AnIssuedReportIsNewsToItsDistributionList) {
  tri::Report draft;
  draft.set_name("reports/a");
  draft.set_title("成果转化工作周报");
  draft.set_state(tri::REPORT_STATE_DRAFT);
  for (const char* one : {"organizations/leading-group", "", "organizations/hy"}) {
    draft.add_recipients(one);
  }
  EXPECT_THAT(Told(Created("created", draft)), IsEmpty());
  tri::Report issued = draft;
  issued.set_state(tri::REPORT_STATE_ISSUED);
  const journal::v1::Entry entry = Change("issue", &draft, &issued);
  EXPECT_THAT(Told(entry), ElementsAre("NEWS leading-group"));
  EXPECT_THAT(Only(entry).also, ElementsAre("organizations/leading-group", "organizations/hy"));
  ExpectReadableByWhomItIsTold(entry, issued);
  EXPECT_FALSE(IsTriageSettled(entry));
}

}  // namespace
}  // namespace chanyan::cycle
