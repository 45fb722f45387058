// The window of a notice (CON-5).
#include "services/consortium/notice_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/support/service_test.h"

namespace chanyan::consortium {
namespace {

using ::testing::HasSubstr;

v1::PublicNotice Notice() {
  v1::PublicNotice notice;
  notice.set_state(v1::PUBLIC_NOTICE_STATE_OPEN);
  *notice.mutable_deadline() = time::ToTimestamp(time::EndOfDay(absl::CivilDay(2025, 11, 10)));
  notice.set_derivation("自2025年11月3日起5个工作日");
  return notice;
}

TEST(NoticeRulesTest, OneMayObjectToTheLastSecond) {
  const absl::Time end = time::EndOfDay(absl::CivilDay(2025, 11, 10));
  EXPECT_TRUE(RequireOpen(Notice(), end).ok());
  EXPECT_TRUE(RequireOpen(Notice(), end + absl::Milliseconds(999)).ok());
  const absl::Status late = RequireOpen(Notice(), end + absl::Seconds(1));
  EXPECT_EQ(status::ReasonOf(late), options::v1::ERROR_REASON_WINDOW_CLOSED);
  EXPECT_THAT(std::string(late.message()), HasSubstr("2025年11月10日23:59:59截止"));
}

TEST(NoticeRulesTest, AnObjectionIsRemindedOfAsItsLastWorkdayButOneBegins) {
  const auto pack = testing::ShippedPack();
  v1::NoticeObjection objection;
  // Ten workdays from Tuesday 2025-04-01 with 清明 on Friday: the 16th.
  const absl::Time noon = time::StartOfDay(absl::CivilDay(2025, 4, 1)) + absl::Hours(12);
  ASSERT_TRUE(SetAnswerTerm(*pack, noon, &objection).ok());
  EXPECT_EQ(time::ToTime(objection.answer_due_time()), time::EndOfDay(absl::CivilDay(2025, 4, 16)));
  EXPECT_EQ(time::ToTime(objection.remind_time()), time::StartOfDay(absl::CivilDay(2025, 4, 15)));
  EXPECT_EQ(status::ReasonOf(SetAnswerTerm(*pack, noon + absl::Hours(24 * 365 * 8), &objection)),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
}

TEST(NoticeRulesTest, ANoticeThatHasEndedTakesNoObjection) {
  v1::PublicNotice notice = Notice();
  for (const auto state : {v1::PUBLIC_NOTICE_STATE_CLEARED, v1::PUBLIC_NOTICE_STATE_UPHELD,
                           v1::PUBLIC_NOTICE_STATE_ENDED}) {
    notice.set_state(state);
    EXPECT_EQ(status::ReasonOf(RequireOpen(notice, absl::UnixEpoch())),
              options::v1::ERROR_REASON_WRONG_STATE);
  }
}

TEST(NoticeRulesTest, ItClearsOnlyWhenItsTimeIsOverAndNoObjectionStands) {
  const absl::Time end = time::EndOfDay(absl::CivilDay(2025, 11, 10));
  const absl::Time after = end + absl::Seconds(1);
  EXPECT_EQ(FateOf(Notice(), false, end), NoticeFate::kNothing);
  EXPECT_EQ(FateOf(Notice(), true, end), NoticeFate::kNothing);
  EXPECT_EQ(FateOf(Notice(), false, after), NoticeFate::kClears);
  EXPECT_EQ(FateOf(Notice(), true, after), NoticeFate::kWaits);
  v1::PublicNotice ended = Notice();
  ended.set_state(v1::PUBLIC_NOTICE_STATE_CLEARED);
  EXPECT_EQ(FateOf(ended, false, after), NoticeFate::kNothing);
}

}  // namespace
}  // namespace chanyan::consortium
