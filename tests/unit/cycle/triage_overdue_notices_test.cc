// What people are told of terms of triage that have run out, whom, and until when (TRI-4, TRI-10,
// CYC-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/api/text.h"
#include "common/time/civil.h"
#include "services/cycle/triage_notices.h"
#include "tests/unit/cycle/triage_rows.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// The row once its service noted that its term is past, with whom it found above.
template <class T>
T Noted(T row, const std::string& overseer) {
  *row.mutable_overdue_noted() = row.due_time();
  row.set_overseer(overseer);
  return row;
}
tri::EscalationTask Noted(tri::EscalationTask row) {
  *row.mutable_overdue_noted() = row.due_date();
  return row;
}

tri::Push Waiting(tri::PushState state) {
  tri::Push row = MakePush(state);
  SetDue(kDay, &row);
  return row;
}

TEST(TriageOverdueNoticesTest, APushIsToldToItsRecipientWithItsLeadersAndToWhoeverIsAbove) {
  for (const auto& [state, act] :
       std::vector<std::pair<tri::PushState, std::string>>{{tri::PUSH_STATE_SENT, "签收"},
                                                           {tri::PUSH_STATE_RECEIVED, "答复"},
                                                           {tri::PUSH_STATE_ACCEPTED, "答复"}}) {
    const tri::Push before = Waiting(state);
    const tri::Push after = Noted(before, "organizations/hy");
    const journal::v1::Entry entry = Change("overdue", &before, &after);
    ASSERT_THAT(Told(entry), ElementsAre("OVERDUE district", "ESCALATION hy"));
    const std::vector<Notice> notices = TriageNoticesOf(entry);
    EXPECT_EQ(notices[0].title, "成果“演示海水淡化膜”的推送逾期未" + act);
    EXPECT_THAT(notices[0].content,
                HasSubstr(absl::StrCat(act, "期限：2025年4月10日。已逾期，请尽快", act)));
    EXPECT_THAT(notices[0].roles, Contains(ROLE_LEADER));
    EXPECT_EQ(time::DayOf(notices[0].due), kDay);
    EXPECT_EQ(notices[1].title, "成果“演示海水淡化膜”的推送，收件单位逾期未" + act);
    EXPECT_THAT(notices[1].content, AllOf(HasSubstr("收件单位：演示区科技局。"),
                                          HasSubstr(act + "期限：2025年4月10日。")));
    EXPECT_THAT(notices[1].roles, UnorderedElementsAre(ROLE_DEPARTMENT, ROLE_LEADER));
    ExpectReadableByWhomItIsTold(entry, after);
    // The reminder of the term gives way to it.
    EXPECT_EQ(IsTriageSettled(entry), state == tri::PUSH_STATE_SENT);
  }
}

TEST(TriageOverdueNoticesTest, AboveADepartmentAreItsLeadersAndAboveTheLastRungNobody) {
  tri::Push own = Waiting(tri::PUSH_STATE_RECEIVED);
  own.set_recipient("organizations/hy");
  tri::Push late = Noted(own, "organizations/leading-group");
  const journal::v1::Entry entry = Change("overdue", &own, &late);
  EXPECT_THAT(Told(entry), ElementsAre("OVERDUE hy", "ESCALATION leading-group"));
  EXPECT_THAT(TriageNoticesOf(entry)[1].roles, ElementsAre(ROLE_LEADER));
  ExpectReadableByWhomItIsTold(entry, late);
  for (const char* nobody : {"", "organizations/hy"}) {
    late.set_overseer(nobody);
    EXPECT_THAT(Told(Change("overdue", &own, &late)), ElementsAre("OVERDUE hy")) << nobody;
  }
  // Of a result that no department serves it is the office.
  late.clear_department();
  late.set_overseer("organizations/cg");
  EXPECT_THAT(Told(Change("overdue", &own, &late)), ElementsAre("OVERDUE hy", "ESCALATION cg"));
  late.clear_recipient();
  EXPECT_THAT(Told(Change("overdue", &own, &late)), IsEmpty());
}

TEST(TriageOverdueNoticesTest, WhatIsOverdueIsToldOnceAndSettledByWhateverEndsIt) {
  const tri::Push late = Noted(Waiting(tri::PUSH_STATE_RECEIVED), "organizations/hy");
  // Another entry of a row that is overdue still tells nobody anew and settles nothing.
  tri::Push accepted = late;
  accepted.set_state(tri::PUSH_STATE_ACCEPTED);
  EXPECT_THAT(Told(Change("accept", &late, &accepted)), IsEmpty());
  EXPECT_FALSE(IsTriageSettled(Change("accept", &late, &accepted)));
  tri::Push extended = late;
  SetDue(kLaterDay, &extended);
  EXPECT_THAT(Told(Change("extend", &late, &extended)), ElementsAre("NEWS district"));
  EXPECT_TRUE(IsTriageSettled(Change("extend", &late, &extended)));
  // Of a longer term that passes, too, they are told again.
  const tri::Push again = Noted(extended, "organizations/hy");
  EXPECT_THAT(Told(Change("overdue", &extended, &again)),
              ElementsAre("OVERDUE district", "ESCALATION hy"));
  for (const auto state :
       {tri::PUSH_STATE_ANSWERED, tri::PUSH_STATE_DECLINED, tri::PUSH_STATE_ENDED}) {
    tri::Push done = late;
    done.set_state(state);
    done.clear_due_time();
    EXPECT_TRUE(IsTriageSettled(Change("done", &late, &done)));
  }
  // Received late, it has the term of its answer.
  const tri::Push unseen = Noted(Waiting(tri::PUSH_STATE_SENT), "organizations/hy");
  tri::Push seen = unseen;
  seen.set_state(tri::PUSH_STATE_RECEIVED);
  SetDue(kLaterDay, &seen);
  EXPECT_THAT(Told(Change("receive", &unseen, &seen)), IsEmpty());
  EXPECT_TRUE(IsTriageSettled(Change("receive", &unseen, &seen)));
  // Its recipient became part of another: who has it now is told, and who is above.
  tri::Push followed = late;
  followed.set_recipient("organizations/laoshan");
  EXPECT_THAT(Told(Change("followed", &late, &followed)),
              ElementsAre("OVERDUE laoshan", "ESCALATION hy"));
}

TEST(TriageOverdueNoticesTest, AMatterThatWaitsTooLongIsToldToTheRungAndTheNextOne) {
  const tri::Escalation raised = MakeEscalation(tri::ESCALATION_STATE_RAISED);
  const tri::Escalation late = Noted(raised, "organizations/city-leaders");
  const journal::v1::Entry entry = Change("overdue", &raised, &late);
  ASSERT_THAT(Told(entry), ElementsAre("OVERDUE leading-group", "ESCALATION city-leaders"));
  EXPECT_TRUE(IsTriageSettled(entry));
  EXPECT_EQ(TriageNoticesOf(entry)[0].title, "提级事项“跨部门用海审批”逾期未批示");
  EXPECT_THAT(TriageNoticesOf(entry)[1].content,
              AllOf(HasSubstr("批示单位：领导小组。"), HasSubstr("批示期限：2025年4月10日。")));
  ExpectReadableByWhomItIsTold(entry, late);
  tri::Escalation passed = late;
  passed.set_decider("organizations/city-leaders");
  SetDue(kLaterDay, &passed);
  EXPECT_THAT(Told(Change("pass", &late, &passed)), ElementsAre("REMINDER city-leaders"));
  EXPECT_TRUE(IsTriageSettled(Change("pass", &late, &passed)));
  tri::Escalation decided = late;
  decided.set_state(tri::ESCALATION_STATE_DECIDED);
  EXPECT_THAT(Told(Change("decide", &late, &decided)), ElementsAre("REMINDER hy", "NEWS agency"));
  EXPECT_TRUE(IsTriageSettled(Change("decide", &late, &decided)));
}

TEST(TriageOverdueNoticesTest, ATaskNotDoneIsToldToItsOwnerAndToWhoGaveIt) {
  const tri::EscalationTask open = MakeTask(tri::ESCALATION_TASK_STATE_OPEN);
  const tri::EscalationTask late = Noted(open);
  const journal::v1::Entry entry = Change("overdue", &open, &late);
  ASSERT_THAT(Told(entry), ElementsAre("OVERDUE district", "ESCALATION leading-group"));
  EXPECT_TRUE(IsTriageSettled(entry));
  EXPECT_EQ(TriageNoticesOf(entry)[0].title, "批示交办事项逾期未完成：协调用海手续");
  EXPECT_THAT(TriageNoticesOf(entry)[0].roles, Contains(ROLE_LEADER));
  EXPECT_THAT(TriageNoticesOf(entry)[1].also, ElementsAre("organizations/hy"));
  EXPECT_THAT(TriageNoticesOf(entry)[1].content,
              AllOf(HasSubstr("承办单位：演示区科技局。"), HasSubstr("完成期限：2025年4月10日。")));
  ExpectReadableByWhomItIsTold(entry, late);
  tri::EscalationTask done = late;
  done.set_state(tri::ESCALATION_TASK_STATE_DONE);
  EXPECT_TRUE(IsTriageSettled(Change("complete", &late, &done)));
  // The department's own task: who gave it alone is above.
  tri::EscalationTask own = open;
  own.set_owner("organizations/hy");
  tri::EscalationTask own_late = Noted(own);
  EXPECT_THAT(Told(Change("overdue", &own, &own_late)),
              ElementsAre("OVERDUE hy", "ESCALATION leading-group"));
  EXPECT_THAT(TriageNoticesOf(Change("overdue", &own, &own_late))[1].also, IsEmpty());
  own.set_decider("organizations/hy");
  own_late = Noted(own);
  EXPECT_THAT(Told(Change("overdue", &own, &own_late)), ElementsAre("OVERDUE hy"));
}

TEST(TriageOverdueNoticesTest, TheLongestNamesFitIntoAnInbox) {
  std::string long_name;
  for (int i = 0; i < 200; ++i) long_name += "长";
  tri::Push push = Waiting(tri::PUSH_STATE_SENT);
  push.set_result_title(long_name);
  const tri::Push late_push = Noted(push, "organizations/hy");
  tri::EscalationTask task = MakeTask(tri::ESCALATION_TASK_STATE_OPEN);
  task.set_task(long_name + long_name);
  const tri::EscalationTask late_task = Noted(task);
  for (const journal::v1::Entry& entry :
       {Change("overdue", &push, &late_push), Change("overdue", &task, &late_task)}) {
    for (const Notice& notice : TriageNoticesOf(entry)) {
      EXPECT_LE(api::CodePoints(notice.title), 200);
      EXPECT_LE(api::CodePoints(notice.content), 4000);
      EXPECT_THAT(notice.title, HasSubstr("长…"));
    }
  }
}

}  // namespace
}  // namespace chanyan::cycle
