// When a notice and an objection to it are late, who is reminded and when, each once (CON-5,
// CON-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/notice_world.h"

namespace chanyan::consortium {
namespace {

class NoticeTermsTest : public ::testing::Test, public NoticeWorld {
 protected:
  int64_t Told(const std::string& resource, const std::string& kind) {
    return Count(absl::StrCat("journal WHERE kind = '", kind, "' AND resource = '", resource, "'"));
  }
  int Remind(const std::string& replica = "one") {
    const auto lease = NoticeLease(replica);
    const auto done = notices.RemindOfObjections(*lease);
    EXPECT_TRUE(done.ok() && lease->Release().ok()) << done.status();
    return done.value_or(-1);
  }
  int MarkLate(const std::string& replica = "one") {
    const auto lease = NoticeLease(replica);
    const auto done = notices.MarkLateObjections(*lease);
    EXPECT_TRUE(done.ok() && lease->Release().ok()) << done.status();
    return done.value_or(-1);
  }
  v1::NoticeObjection Objection(const std::string& name) {
    v1::GetNoticeObjectionRequest request;
    request.set_name(name);
    const auto row = notices.GetNoticeObjection(
        As(options::v1::ROLE_DEPARTMENT, kBureau, "NoticeService.GetNoticeObjection"), request);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? *row : v1::NoticeObjection();
  }
  std::vector<std::string> LateOnes(const std::string& office) {
    v1::ListNoticeObjectionsRequest request;
    request.set_parent("notices/-");
    request.set_filter("overdue = true");
    const auto list = notices.ListNoticeObjections(
        As(options::v1::ROLE_DEPARTMENT, office, "NoticeService.ListNoticeObjections"), request);
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<std::string> names;
    for (const auto& one : list->objections()) names.push_back(one.name());
    return names;
  }
};

TEST_F(NoticeTermsTest, ADossierOnNoticeHasTheWindowForItsClockAndIsNotLateByItself) {
  const v1::PublicNotice notice = Published("公示");
  v1::Consortium row = Stored(notice.consortium());
  EXPECT_EQ(TimeIn(row.due_time()), TimeIn(notice.deadline()));
  EXPECT_EQ(row.due_note(), notice.derivation());
  Pass(notice);
  RunJobs();
  EXPECT_FALSE(Stored(row.name()).overdue()) << "the job of notices has yet to come";
  EXPECT_EQ(End(), 1);
  row = Stored(row.name());
  EXPECT_EQ(row.state(), v1::CONSORTIUM_STATE_FILED);
  EXPECT_FALSE(row.overdue());
  EXPECT_FALSE(row.has_due_time());
  EXPECT_EQ(Told(row.name(), "overdue"), 0);
  const auto records = TransitionsOf(row.name());
  EXPECT_EQ(records.back().verb(), "file");
  EXPECT_FALSE(records.back().late()) << "a notice is filed after its window, and in time";
}

TEST_F(NoticeTermsTest, ANoticeThatWaitsForFindingsIsLateAndSaysSoOnce) {
  const v1::PublicNotice notice = Published("有异议");
  const auto receipt = Object(notice.name());
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  clock.now = time::ToTime(notice.deadline());
  EXPECT_EQ(End(), 0) << "to the last second";
  Pass(notice);
  EXPECT_EQ(End(), 1);
  EXPECT_EQ(*notices.EndDue(*NoticeLease("one")), 0) << "once";
  EXPECT_EQ(TimeIn(Notice(notice.name()).wait_time()), clock.now);
  EXPECT_EQ(Notice(notice.name()).state(), v1::PUBLIC_NOTICE_STATE_OPEN);
  EXPECT_EQ(Notice(notice.name()).hold_reason(), "") << "for the public";
  EXPECT_TRUE(Stored(notice.consortium()).overdue());
  EXPECT_EQ(Told(notice.name(), "wait"), 1);
  EXPECT_EQ(Told(notice.consortium(), "overdue"), 1);
  // With the finding it goes on, and the record says that it was late.
  ASSERT_TRUE(Decide(receipt->objection(), /*upheld=*/false).ok());
  EXPECT_EQ(End(), 1);
  EXPECT_EQ(Stored(notice.consortium()).state(), v1::CONSORTIUM_STATE_FILED);
  EXPECT_FALSE(Stored(notice.consortium()).overdue());
  EXPECT_FALSE(Notice(notice.name()).has_wait_time());
  EXPECT_TRUE(TransitionsOf(notice.consortium()).back().late());
}

TEST_F(NoticeTermsTest, ANoticeThatARuleHoldsIsLateToo) {
  const v1::PublicNotice notice = Published("暂缓", kBeta);
  registry::v1::Organization suspended = Registered(kBeta);
  suspended.set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  ASSERT_TRUE(Change(suspended).ok());
  Pass(notice);
  EXPECT_EQ(End(), 0);
  EXPECT_EQ(End(), 0);
  EXPECT_TRUE(Stored(notice.consortium()).overdue());
  EXPECT_EQ(Told(notice.consortium(), "overdue"), 1);
  EXPECT_EQ(Told(notice.name(), "held"), 1);
  EXPECT_EQ(Told(notice.name(), "wait"), 0);
}

TEST_F(NoticeTermsTest, AnObjectionIsRemindedOfBeforeItsLastWorkdayAndLateAfterIt) {
  const v1::PublicNotice notice = Published("催办");
  const std::string open = Object(notice.name())->objection();
  const std::string decided = ObjectAs(E(5), notice.name())->objection();
  ASSERT_TRUE(Decide(decided, /*upheld=*/false).ok());
  const v1::NoticeObjection row = Objection(open);
  // Ten workdays from Tuesday 1 April 2025, with 清明 on Friday the 4th: the 16th; the day before.
  EXPECT_EQ(time::DayOf(TimeIn(row.answer_due_time())), absl::CivilDay(2025, 4, 16));
  EXPECT_EQ(TimeIn(row.remind_time()), time::StartOfDay(absl::CivilDay(2025, 4, 15)));
  clock.now = TimeIn(row.remind_time()) - absl::Seconds(1);
  EXPECT_EQ(Remind(), 0);
  clock.now += absl::Seconds(1);
  EXPECT_EQ(Remind(), 1) << "what is decided asks for nothing";
  EXPECT_EQ(Remind("two"), 0) << "once, of all replicas";
  EXPECT_TRUE(Objection(open).reminded());
  EXPECT_EQ(Told(open, "remind"), 1);
  clock.now = TimeIn(row.answer_due_time());
  EXPECT_EQ(MarkLate(), 0) << "to the last second";
  EXPECT_THAT(LateOnes(kBureau), ::testing::IsEmpty());
  clock.now += absl::Seconds(1);
  EXPECT_EQ(MarkLate(), 1);
  EXPECT_EQ(MarkLate("two"), 0);
  EXPECT_EQ(Told(open, "overdue"), 1);
  EXPECT_THAT(LateOnes(kBureau), ::testing::ElementsAre(open));
  EXPECT_THAT(LateOnes("organizations/qdst-cg"), ::testing::IsEmpty());
  // Late is late: the decision takes nothing back.
  ASSERT_TRUE(Decide(open, /*upheld=*/false).ok());
  EXPECT_TRUE(Objection(open).overdue());
}

TEST_F(NoticeTermsTest, WhatIsTakenBackIsNeitherRemindedOfNorLate) {
  const v1::PublicNotice notice = Published("撤回");
  const std::string objection = ObjectAs(E(5), notice.name())->objection();
  ASSERT_TRUE(notices
                  .WithdrawNoticeObjection(As(options::v1::ROLE_ENTERPRISE, E(5),
                                              "NoticeService.WithdrawNoticeObjection"),
                                           Named<v1::WithdrawNoticeObjectionRequest>(objection))
                  .ok());
  clock.now += absl::Hours(24 * 60);
  EXPECT_EQ(Remind(), 0);
  EXPECT_EQ(MarkLate(), 0);
}

}  // namespace
}  // namespace chanyan::consortium
