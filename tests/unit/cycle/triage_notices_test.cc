// What people are told of pushes and hand-overs, until when, and of whatever there is nobody for
// (TRI-4, TRI-5, CYC-9).
#include "services/cycle/triage_notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/report.pb.h"
#include "common/api/text.h"
#include "tests/unit/cycle/triage_rows.h"

namespace chanyan::cycle {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(TriageNoticesTest, APushWaitsForItsRecipientUntilItsTerm) {
  const tri::Push row = MakePush(tri::PUSH_STATE_SENT);
  const journal::v1::Entry sent = Created("sent", row);
  EXPECT_THAT(Told(sent), ElementsAre("REMINDER district"));
  const Notice notice = Only(sent);
  EXPECT_EQ(time::DayOf(notice.due), kDay);
  EXPECT_EQ(notice.title, "成果“演示海水淡化膜”已推送至贵单位，待签收");
  EXPECT_THAT(notice.content, AllOf(HasSubstr("办理要求：请服务在本区落地转化。"),
                                    HasSubstr("签收期限：2025年4月10日。")));
  EXPECT_FALSE(IsTriageSettled(sent));
  ExpectReadableByWhomItIsTold(sent, row);
}

TEST(TriageNoticesTest, WhateverTheRecipientDoesWithAPushSettlesIt) {
  const tri::Push sent = MakePush(tri::PUSH_STATE_SENT);
  for (const auto& [kind, state] :
       std::vector<std::pair<std::string, tri::PushState>>{{"receive", tri::PUSH_STATE_RECEIVED},
                                                           {"accept", tri::PUSH_STATE_ACCEPTED},
                                                           {"decline", tri::PUSH_STATE_DECLINED},
                                                           {"end", tri::PUSH_STATE_ENDED}}) {
    const tri::Push after = MakePush(state);
    EXPECT_TRUE(IsTriageSettled(Change(kind, &sent, &after))) << kind;
  }
  EXPECT_TRUE(IsTriageSettled(Change<tri::Push>("deleted", &sent, nullptr)));
  const tri::Push received = MakePush(tri::PUSH_STATE_RECEIVED);
  const journal::v1::Entry receive = Change("receive", &sent, &received);
  EXPECT_THAT(Told(receive), IsEmpty());
  tri::Push tied = received;
  tied.set_guide_note("不结合");
  EXPECT_THAT(Told(Change("tie", &received, &tied)), IsEmpty());
  EXPECT_FALSE(IsTriageSettled(Change("tie", &received, &tied)));
}

TEST(TriageNoticesTest, ADeclinedPushWaitsForWhoServesTheResultUntilItIsDealtWith) {
  const tri::Push sent = MakePush(tri::PUSH_STATE_SENT);
  tri::Push declined = MakePush(tri::PUSH_STATE_DECLINED);
  declined.set_decline_reason("不在本区。");
  const journal::v1::Entry entry = Change("decline", &sent, &declined);
  EXPECT_THAT(Told(entry), ElementsAre("REMINDER investor"));
  EXPECT_THAT(Only(entry).content, HasSubstr("退回原因：不在本区。请改送"));
  ExpectReadableByWhomItIsTold(entry, declined);
  tri::Push settled = declined;
  settled.set_settled(true);
  for (const char* kind : {"reroute", "settle"}) {
    EXPECT_THAT(Told(Change(kind, &declined, &settled)), IsEmpty());
    EXPECT_TRUE(IsTriageSettled(Change(kind, &declined, &settled)));
  }
  // Without anybody nearer it is the office's.
  declined.clear_holder();
  EXPECT_THAT(Told(Change("decline", &sent, &declined)), ElementsAre("REMINDER cg"));
  // Whoever has the result next is the one who is asked.
  tri::Push passed = declined;
  passed.set_holder("organizations/gx");
  EXPECT_THAT(Told(Change("followed", &declined, &passed)), ElementsAre("REMINDER gx"));
  EXPECT_TRUE(IsTriageSettled(Change("followed", &declined, &passed)));
}

TEST(TriageNoticesTest, AReminderThatIsOfAnotherDayOrOfSomebodyElseTakesTheFormersPlace) {
  const tri::Push sent = MakePush(tri::PUSH_STATE_SENT);
  for (const char* kind : {"extend", "pause", "resume"}) {
    tri::Push later = sent;
    SetDue(kLaterDay, &later);
    const journal::v1::Entry entry = Change(kind, &sent, &later);
    EXPECT_THAT(Told(entry), ElementsAre("REMINDER district")) << kind;
    EXPECT_EQ(time::DayOf(Only(entry).due), kLaterDay);
    EXPECT_TRUE(IsTriageSettled(entry)) << kind;
  }
  tri::Push merged = sent;
  merged.set_recipient("organizations/survivor");
  EXPECT_THAT(Told(Change("followed", &sent, &merged)), ElementsAre("REMINDER survivor"));
  EXPECT_TRUE(IsTriageSettled(Change("followed", &sent, &merged)));
  // A new name, or another holder, is nothing to the recipient.
  tri::Push renamed = sent;
  renamed.set_result_title("新名称");
  renamed.set_holder("organizations/gx");
  EXPECT_THAT(Told(Change("followed", &sent, &renamed)), IsEmpty());
  EXPECT_FALSE(IsTriageSettled(Change("followed", &sent, &renamed)));
  // One that had ended and is sent anew waits anew.
  const tri::Push ended = MakePush(tri::PUSH_STATE_ENDED);
  EXPECT_THAT(Told(Change("resend", &ended, &sent)), ElementsAre("REMINDER district"));
  EXPECT_FALSE(IsTriageSettled(Change("resend", &ended, &sent)));
}

TEST(TriageNoticesTest, AnswersLongerTermsAndTheEndOfAPushAreNews) {
  const tri::Push received = MakePush(tri::PUSH_STATE_RECEIVED);
  tri::Push answered = MakePush(tri::PUSH_STATE_ANSWERED);
  answered.set_answer("已对接三家企业");
  const journal::v1::Entry answer = Change("answer", &received, &answered);
  EXPECT_THAT(Told(answer), ElementsAre("NEWS investor"));
  EXPECT_THAT(Only(answer).content, HasSubstr("已对接三家企业"));
  ExpectReadableByWhomItIsTold(answer, answered);
  tri::Push longer = received;
  SetDue(kLaterDay, &longer);
  const journal::v1::Entry extended = Change("extend", &received, &longer);
  EXPECT_THAT(Told(extended), ElementsAre("NEWS district"));
  EXPECT_THAT(Only(extended).content, HasSubstr("2025年4月15日"));
  EXPECT_FALSE(IsTriageSettled(extended));
  const tri::Push ended = MakePush(tri::PUSH_STATE_ENDED);
  EXPECT_THAT(Told(Change("end", &received, &ended)), ElementsAre("NEWS district"));
}

TEST(TriageNoticesTest, AnOfferWaitsForTheOneItIsMadeToAndItsEndIsNewsToWhoMadeIt) {
  const tri::Handover offered = MakeHandover(tri::HANDOVER_STATE_OFFERED);
  const journal::v1::Entry entry = Created("offered", offered);
  EXPECT_THAT(Told(entry), ElementsAre("REMINDER gx"));
  EXPECT_THAT(Only(entry).content,
              AllOf(HasSubstr("接收期限：2025年4月10日。"), HasSubstr("移交失效")));
  EXPECT_EQ(Only(entry).once, "");
  ExpectReadableByWhomItIsTold(entry, offered);
  struct Case {
    const char* kind;
    tri::HandoverState state;
    const char* told;
    const char* words;
  };
  for (const Case& one : {
           Case{"accept", tri::HANDOVER_STATE_ACCEPTED, "NEWS investor", "已接收"},
           Case{"decline", tri::HANDOVER_STATE_DECLINED, "NEWS investor", "被拒绝"},
           Case{"lapse", tri::HANDOVER_STATE_LAPSED, "NEWS investor", "逾期未接收"},
           Case{"cancel", tri::HANDOVER_STATE_CANCELLED, "NEWS gx", "已取消"},
       }) {
    const tri::Handover after = MakeHandover(one.state);
    const journal::v1::Entry end = Change(one.kind, &offered, &after);
    EXPECT_THAT(Told(end), ElementsAre(one.told));
    EXPECT_THAT(Only(end).title, HasSubstr(one.words));
    EXPECT_TRUE(IsTriageSettled(end)) << one.kind;
    ExpectReadableByWhomItIsTold(end, after);
  }
}

TEST(TriageNoticesTest, OfABatchPeopleAreToldOnceForWhatItComesTo) {
  tri::Handover first = MakeHandover(tri::HANDOVER_STATE_OFFERED);
  first.set_batch("b1");
  tri::Handover second = first;
  second.set_name("results/s/handovers/h");
  const Notice notice = Only(Created("offered", first));
  EXPECT_THAT(notice.title, HasSubstr("等一批成果"));
  EXPECT_THAT(notice.once, Not(IsEmpty()));
  EXPECT_EQ(Only(Created("offered", second)).once, notice.once);
  tri::Handover refused = second;
  refused.set_state(tri::HANDOVER_STATE_DECLINED);
  EXPECT_NE(Only(Change("decline", &second, &refused)).once, notice.once);
  second.set_batch("b2");
  EXPECT_NE(Only(Created("offered", second)).once, notice.once);
}

TEST(TriageNoticesTest, NobodyIsToldWhereThereIsNobody) {
  tri::Push push;
  push.set_name("results/r/pushes/p");
  tri::Handover handover;
  handover.set_name("results/r/handovers/h");
  tri::IdleAlert alert;
  alert.set_name("results/r/idleAlerts/a");
  alert.set_told_role(options::v1::ROLE_LEADER);
  tri::Escalation matter;
  matter.set_name("escalations/e");
  tri::EscalationTask task;
  task.set_name("escalations/e/tasks/t");
  tri::ListDelivery delivery;
  delivery.set_name("lists/l/deliveries/d");
  tri::Report report;
  report.set_name("reports/r");
  for (const auto state :
       {tri::PUSH_STATE_SENT, tri::PUSH_STATE_DECLINED, tri::PUSH_STATE_RECEIVED}) {
    push.set_state(state);
    for (const char* kind : {"sent", "decline", "answer", "extend", "end"}) {
      EXPECT_THAT(Told(Created(kind, push)), IsEmpty());
    }
  }
  handover.set_state(tri::HANDOVER_STATE_OFFERED);
  for (const char* kind : {"offered", "accept", "decline", "lapse", "cancel"}) {
    EXPECT_THAT(Told(Created(kind, handover)), IsEmpty());
  }
  EXPECT_THAT(Told(Created("raised", alert)), IsEmpty());
  for (const auto state : {tri::ESCALATION_STATE_RAISED, tri::ESCALATION_STATE_DECIDED}) {
    matter.set_state(state);
    for (const char* kind : {"raise", "decide", "close"}) {
      EXPECT_THAT(Told(Created(kind, matter)), IsEmpty());
    }
  }
  task.set_state(tri::ESCALATION_TASK_STATE_OPEN);
  for (const char* kind : {"given", "complete", "cancel"}) {
    EXPECT_THAT(Told(Created(kind, task)), IsEmpty());
  }
  EXPECT_THAT(Told(Created("delivered", delivery)), IsEmpty());
  EXPECT_THAT(Told(Created("issue", report)), IsEmpty());
}

TEST(TriageNoticesTest, WhatCannotBeReadOrIsOfAnotherKindIsPassedOver) {
  tri::Tenure tenure;
  tenure.set_name("results/r/tenures/t");
  EXPECT_FALSE(ConcernsTriageNotices(Created("created", tenure)));
  journal::v1::Entry broken = Created("sent", MakePush(tri::PUSH_STATE_SENT));
  broken.set_after_json("{");
  EXPECT_THAT(TriageNoticesOf(broken), IsEmpty());
  EXPECT_FALSE(IsTriageSettled(broken));
}

TEST(TriageNoticesTest, TheLongestNamesFitIntoAnInbox) {
  std::string long_name;
  for (int i = 0; i < 200; ++i) long_name += "长";
  tri::Push push = MakePush(tri::PUSH_STATE_SENT);
  push.set_result_title(long_name);
  tri::Escalation matter = MakeEscalation(tri::ESCALATION_STATE_RAISED);
  matter.set_matter(long_name);
  for (int i = 0; i < 4; ++i)
    matter.set_reason(absl::StrCat(matter.reason(), long_name, long_name));
  tri::ListDelivery delivery = MakeDelivery();
  delivery.set_list_title(long_name);
  for (const journal::v1::Entry& entry :
       {Created("sent", push), Created("raise", matter), Created("delivered", delivery)}) {
    const Notice notice = Only(entry);
    EXPECT_LE(api::CodePoints(notice.title), 200);
    EXPECT_GT(api::CodePoints(notice.title), 0) << "cut within a character";
    EXPECT_LE(api::CodePoints(notice.content), 4000);
    EXPECT_THAT(notice.title, HasSubstr("长…"));
  }
}

}  // namespace
}  // namespace chanyan::cycle
