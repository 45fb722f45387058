// How long intents run, what may be done with them, and when their owners are reminded.
#include "services/pairing/intent_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/intent_life.h"
#include "services/pairing/reminder_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
const absl::Time kNow = time::StartOfDay(absl::CivilDay(2025, 4, 1));

v1::Intent Until(absl::Time expires, v1::IntentState state = v1::INTENT_STATE_OPEN) {
  v1::Intent intent;
  intent.set_state(state);
  *intent.mutable_expire_time() = time::ToTimestamp(expires);
  return intent;
}

TEST(IntentLifeTest, EveryStateAndVerb) {
  constexpr auto kNo = v1::INTENT_STATE_UNSPECIFIED;
  constexpr auto kOpen = v1::INTENT_STATE_OPEN;
  constexpr auto kExpired = v1::INTENT_STATE_EXPIRED;
  constexpr auto kWithdrawn = v1::INTENT_STATE_WITHDRAWN;
  const char* const verbs[] = {"update", "renew", "withdraw", "expire"};
  const struct {
    v1::IntentState from;
    v1::IntentState to[4];
  } cases[] = {{kOpen, {kOpen, kOpen, kWithdrawn, kExpired}},
               {kExpired, {kNo, kOpen, kWithdrawn, kNo}},
               {kWithdrawn, {kNo, kNo, kNo, kNo}}};
  EXPECT_EQ(std::size(cases), static_cast<size_t>(v1::IntentState_ARRAYSIZE) - 1);
  for (const auto& one : cases) {
    for (int i = 0; i < 4; ++i) {
      // A state that time has not passed by.
      const auto next = NextOf(Until(kNow + kDay, one.from), verbs[i], kNow);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(next.status()), options::v1::ERROR_REASON_WRONG_STATE)
            << verbs[i] << " from " << one.from;
      } else {
        ASSERT_TRUE(next.ok()) << verbs[i] << " from " << one.from;
        EXPECT_EQ(*next, one.to[i]) << verbs[i] << " from " << one.from;
      }
      v1::Intent paired = Until(kNow + kDay, one.from);
      paired.set_project("projects/p");
      EXPECT_FALSE(NextOf(paired, verbs[i], kNow).ok()) << "it has become a project";
    }
  }
}

TEST(IntentRulesTest, AnIntentExpiresAtTheInstant) {
  EXPECT_EQ(StateAt(Until(kNow + absl::Microseconds(1)), kNow), v1::INTENT_STATE_OPEN);
  EXPECT_EQ(StateAt(Until(kNow), kNow), v1::INTENT_STATE_EXPIRED);
  EXPECT_EQ(StateAt(Until(kNow - kDay, v1::INTENT_STATE_WITHDRAWN), kNow),
            v1::INTENT_STATE_WITHDRAWN);
  EXPECT_FALSE(NextOf(Until(kNow), "update", kNow).ok()) << "whatever the job has marked";
  EXPECT_TRUE(NextOf(Until(kNow), "renew", kNow).ok());
}

TEST(IntentRulesTest, ThePackSaysHowFarAwayAnExpiryMayBe) {
  const auto pack = testing::ShippedPack();
  const absl::Duration longest = pack->proto().pairing().intents().max_life_days() * kDay;
  EXPECT_NE(ExpiryProblem(*pack, kNow, kNow), "");
  EXPECT_EQ(ExpiryProblem(*pack, kNow + absl::Microseconds(1), kNow), "");
  EXPECT_EQ(ExpiryProblem(*pack, kNow + longest, kNow), "");
  EXPECT_NE(ExpiryProblem(*pack, kNow + longest + absl::Microseconds(1), kNow), "");
}

google::protobuf::RepeatedField<uint32_t> Days(std::initializer_list<uint32_t> days) {
  google::protobuf::RepeatedField<uint32_t> out;
  for (const uint32_t day : days) out.Add(day);
  return out;
}

TEST(ReminderRulesTest, EachReminderIsDueFromItsInstantUntilTheExpiry) {
  const auto days = Days({14, 3});
  const absl::Time end = kNow + 20 * kDay;
  const struct {
    absl::Duration before_end;
    int reminded;
    int due;
  } cases[] = {{15 * kDay, 0, 0},
               {14 * kDay + absl::Microseconds(1), 0, 0},
               {14 * kDay, 0, 14},
               {10 * kDay, 0, 14},
               {10 * kDay, 14, 0},
               {3 * kDay, 14, 3},
               {2 * kDay, 0, 3},
               {2 * kDay, 3, 0},
               {absl::Microseconds(1), 14, 3},
               {absl::ZeroDuration(), 14, 0},
               {-kDay, 0, 0}};
  for (const auto& one : cases) {
    EXPECT_EQ(DueReminder(days, end, one.reminded, end - one.before_end), one.due)
        << one.before_end << " before the end, reminded " << one.reminded;
  }
  EXPECT_EQ(DueReminder(Days({}), end, 0, end - kDay), 0);
}

// However a job is called, an intent that runs from far away to its end is reminded of each of its
// days at most once, in order, and of the last one if the job ran in its days.
TEST(ReminderRulesTest, AnyCourseOfLooksRemindsOnceOfEach) {
  std::mt19937 random(20250401);
  const auto days = Days({30, 14, 7, 1});
  for (int round = 0; round < 2'000; ++round) {
    absl::Duration left = 40 * kDay;
    int reminded = 0;
    std::vector<int> events;
    bool looked_on_the_last = false;
    while (left > absl::ZeroDuration()) {
      const int due = DueReminder(days, kNow + 60 * kDay, reminded, kNow + 60 * kDay - left);
      looked_on_the_last = looked_on_the_last || left <= kDay;
      if (due > 0) {
        events.push_back(due);
        reminded = due;
      }
      left -= absl::Minutes(1 + static_cast<int>(random() % (10 * 24 * 60)));
    }
    EXPECT_TRUE(std::is_sorted(events.rbegin(), events.rend())) << round;
    EXPECT_EQ(std::set<int>(events.begin(), events.end()).size(), events.size()) << round;
    if (looked_on_the_last) {
      ASSERT_FALSE(events.empty());
      EXPECT_EQ(events.back(), 1) << round;
    }
  }
}

}  // namespace
}  // namespace chanyan::pairing
