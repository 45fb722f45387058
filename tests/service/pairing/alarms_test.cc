// Alarms that fail wait longer and longer, and keep no other from ringing (PAIR-2, PAIR-5).
#include "services/pairing/alarms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;

constexpr char kFailing[] = "failing";
constexpr char kRinging[] = "ringing";

class AlarmsTest : public ::testing::Test, protected City {
 protected:
  void Set(const std::string& kind, int count, absl::Duration ago) {
    std::vector<Alarm> alarms;
    for (int i = 0; i < count; ++i) {
      alarms.push_back({absl::StrCat("projects/p/contacts/", kind, i), kind, clock.now - ago});
    }
    const absl::Status set =
        database.db().Transact([&](db::Session& session) { return AddAlarms(session, alarms); });
    ASSERT_TRUE(set.ok()) << set;
  }
  absl::StatusOr<int> Round() {
    const std::map<std::string, Ring> rings = {
        {kFailing,
         [this](db::Session&, absl::Time, const Alarm&) {
           ++tried_;
           return fails_ ? absl::InternalError("this one cannot ring") : absl::OkStatus();
         }},
        {kRinging, [](db::Session& session, absl::Time, const Alarm& alarm) {
           return TakeAlarm(session, alarm).status();
         }}};
    return RingDue(database.db(), clock, rings);
  }
  int64_t Left(const std::string& kind) {
    return Count(absl::StrCat("alarm WHERE kind = '", kind, "'"));
  }

  int tried_ = 0;
  bool fails_ = true;
};

TEST_F(AlarmsTest, ManyThatFailDoNotStarveTheOthers) {
  Set(kFailing, kAlarmsPerRound, absl::Hours(2));
  Set(kRinging, 3, absl::Hours(1));
  EXPECT_FALSE(Round().ok()) << "which is said";
  EXPECT_EQ(tried_, kAlarmsPerRound);
  EXPECT_EQ(Left(kRinging), 3) << "the round was full";
  EXPECT_EQ(*Round(), 3);
  EXPECT_EQ(Left(kRinging), 0);
  EXPECT_EQ(Left(kFailing), kAlarmsPerRound) << "they stay";
}

TEST_F(AlarmsTest, OneThatFailedRingsAgainAfterItsPause) {
  Set(kFailing, 1, absl::Hours(1));
  EXPECT_FALSE(Round().ok());
  EXPECT_EQ(*Round(), 0) << "not at once";
  clock.now += kLeastPause;
  EXPECT_FALSE(Round().ok());
  clock.now += kLeastPause;
  EXPECT_EQ(*Round(), 0) << "its pause is longer now";
  EXPECT_EQ(tried_, 2);
  EXPECT_THAT(Texts("SELECT failures FROM alarm"), ElementsAre("2"));
  clock.now += kLeastPause;
  fails_ = false;
  EXPECT_EQ(*Round(), 1);
}

TEST_F(AlarmsTest, ThoseThatNobodyRingsStayAndStandInNobodysWay) {
  Set("nobodys", kAlarmsPerRound + 1, absl::Hours(2));
  Set(kRinging, 1, absl::Hours(1));
  EXPECT_EQ(*Round(), 1);
  EXPECT_EQ(Left("nobodys"), kAlarmsPerRound + 1);
  EXPECT_EQ(*RingDue(database.db(), clock, {}), 0);
}

TEST_F(AlarmsTest, NoneRingsBeforeItsTime) {
  Set(kRinging, 1, -absl::Microseconds(1));
  EXPECT_EQ(*Round(), 0);
  clock.now += absl::Microseconds(1);
  EXPECT_EQ(*Round(), 1);
}

}  // namespace
}  // namespace chanyan::pairing
