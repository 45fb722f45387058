// How long intents run, what may be done with them, and when their owners are reminded.
#include "services/pairing/intent_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "common/policy/life.h"
#include "common/policy/verdict.h"
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
  constexpr auto kSuspended = v1::INTENT_STATE_SUSPENDED;
  constexpr auto kPaired = v1::INTENT_STATE_PAIRED;
  const char* const verbs[] = {"update", "renew", "withdraw", "expire", "hold", "resume", "pair"};
  const struct {
    v1::IntentState from;
    v1::IntentState to[std::size(verbs)];
  } cases[] = {{kOpen, {kOpen, kOpen, kWithdrawn, kExpired, kSuspended, kNo, kPaired}},
               {kExpired, {kNo, kOpen, kWithdrawn, kNo, kNo, kNo, kNo}},
               {kSuspended, {kNo, kNo, kWithdrawn, kNo, kNo, kOpen, kNo}},
               {kWithdrawn, {kNo, kNo, kNo, kNo, kNo, kNo, kNo}},
               {kPaired, {kNo, kNo, kNo, kNo, kNo, kNo, kNo}}};
  EXPECT_EQ(std::size(cases), static_cast<size_t>(v1::IntentState_ARRAYSIZE) - 1);
  for (const auto& one : cases) {
    for (size_t i = 0; i < std::size(verbs); ++i) {
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
  const auto& rules = pack->RulesFor(policy::v1::DECISION_INTENT_EXPIRY);
  ASSERT_EQ(rules.size(), 1u);
  const absl::Duration longest = rules[0]->maximum_count().maximum() * kDay;
  const auto judged = [&](absl::Duration life) {
    v1::Intent intent = Until(kNow + life);
    const absl::Status status = JudgeExpiry(*pack, kNow, "expire_time", &intent);
    EXPECT_EQ(intent.has_expiry_verdicts(), status.ok()) << life;
    return status::ReasonOf(status);
  };
  EXPECT_EQ(judged(absl::ZeroDuration()), options::v1::ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(judged(-longest), options::v1::ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(judged(absl::Microseconds(1)), options::v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(judged(longest), options::v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(judged(longest + absl::Microseconds(1)), options::v1::ERROR_REASON_RULE_VIOLATED);
}

TEST(IntentRulesTest, TheVerdictOnAnExpirySaysWhatItRestsOn) {
  const auto pack = testing::ShippedPack();
  v1::Intent intent = Until(kNow + 30 * kDay);
  ASSERT_TRUE(JudgeExpiry(*pack, kNow, "expire_time", &intent).ok());
  ASSERT_EQ(intent.expiry_verdicts().verdicts_size(), 1);
  EXPECT_EQ(intent.expiry_verdicts().verdicts(0).outcome(), policy::v1::OUTCOME_SATISFIED);
  EXPECT_FALSE(intent.expiry_verdicts().verdicts(0).clause().text().empty());
  EXPECT_EQ(policy::Encode(intent.expiry_verdicts()),
            policy::Encode(ExpiryVerdicts(*pack, intent, kNow)));
}

TEST(IntentRulesTest, AnIntentGoesByItsOrganizationUntilItIsDoneWith) {
  registry::v1::Organization organization;
  organization.set_display_name("海洋大学（演示）");
  const auto follow = [&](registry::v1::OrganizationState state, v1::Intent intent) {
    organization.set_state(state);
    FollowOrganization(organization, kNow, &intent);
    return intent;
  };
  const auto suspended = registry::v1::ORGANIZATION_STATE_SUSPENDED;
  const auto active = registry::v1::ORGANIZATION_STATE_ACTIVE;
  const v1::Intent held = follow(suspended, Until(kNow + kDay));
  EXPECT_EQ(held.state(), v1::INTENT_STATE_SUSPENDED);
  EXPECT_EQ(held.hold_reason(), "发布单位“海洋大学（演示）”已停用");
  EXPECT_EQ(follow(suspended, held).SerializeAsString(), held.SerializeAsString()) << "once";
  EXPECT_EQ(follow(registry::v1::ORGANIZATION_STATE_MERGED, held).state(),
            v1::INTENT_STATE_SUSPENDED)
      << "it comes to whoever goes on for it";
  v1::Intent reminded = held;
  reminded.set_reminded_days(30);
  EXPECT_EQ(follow(suspended, reminded).reminded_days(), 30);
  const v1::Intent open = follow(active, reminded);
  EXPECT_EQ(open.state(), v1::INTENT_STATE_OPEN);
  EXPECT_EQ(open.reminded_days(), 0) << "shown again, its expiry is reminded of anew";
  EXPECT_EQ(open.hold_reason(), "");
  for (const auto state :
       {v1::INTENT_STATE_EXPIRED, v1::INTENT_STATE_WITHDRAWN, v1::INTENT_STATE_PAIRED}) {
    EXPECT_EQ(follow(suspended, Until(kNow + kDay, state)).state(), state);
  }
  EXPECT_EQ(follow(suspended, Until(kNow)).state(), v1::INTENT_STATE_OPEN)
      << "overdue, it is for the job to mark";
}

TEST(IntentRulesTest, AnOfferBearsTheContactsOfItsPlatform) {
  registry::v1::Platform platform;
  platform.set_display_name("中试平台（演示）");
  platform.add_contacts()->set_person("张三");
  platform.add_contacts()->set_phone("0532-85911343");
  v1::Intent intent = Until(kNow + kDay);
  intent.add_contacts("李四");
  FollowPlatform(platform, kNow, &intent);
  ASSERT_EQ(intent.contacts_size(), 1) << "names alone";
  EXPECT_EQ(intent.contacts(0), "张三");
  EXPECT_EQ(intent.platform_title(), "中试平台（演示）");
  EXPECT_EQ(intent.state(), v1::INTENT_STATE_OPEN);
  platform.set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
  intent.set_state(v1::INTENT_STATE_SUSPENDED);
  intent.set_hold_reason("停用");
  FollowPlatform(platform, kNow, &intent);
  EXPECT_EQ(intent.state(), v1::INTENT_STATE_WITHDRAWN);
  EXPECT_EQ(intent.hold_reason(), "");
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
