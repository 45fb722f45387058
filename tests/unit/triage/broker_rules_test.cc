// Who is trained to take a result (TRI-2), with the borders of each course by day.
#include "services/triage/broker_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/support/service_test.h"
#include "tests/support/small_triage_city.h"

namespace chanyan::triage {
namespace {

using Day = absl::CivilDay;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BrokerRulesTest : public ::testing::Test {
 protected:
  using Done = std::vector<std::pair<const char*, Day>>;

  static v1::Broker With(const Done& done) {
    v1::Broker broker;
    broker.set_person("王经纪（演示）");
    broker.set_state(v1::BROKER_STATE_ACTIVE);
    for (const auto& [course, day] : done) {
      v1::Training* training = broker.add_trainings();
      training->set_course(course);
      *training->mutable_complete_date() = time::ToProto(day);
    }
    return broker;
  }
  std::vector<std::string> Missing(const Done& done, Day today) const {
    return MissingCourses(triage_, With(done), today);
  }

  // 短训 counts for thirty days, 资格培训 for good.
  const std::unique_ptr<const policy::Pack> pack_ = testing::PackOf(testing::kSmallTriageCity);
  const TriagePack triage_{*pack_};
};

TEST_F(BrokerRulesTest, WhatIsNotDoneOrNoCourseOfThePackIsMissingInItsOrder) {
  const Day today(2025, 4, 1);
  EXPECT_THAT(Missing({}, today), ElementsAre("短训", "资格培训"));
  EXPECT_THAT(Missing({{"once", today}}, today), ElementsAre("短训"));
  EXPECT_THAT(Missing({{"short", today}}, today), ElementsAre("资格培训"));
  EXPECT_THAT(Missing({{"cooking", today}, {"", today}, {"SHORT", today}}, today),
              ElementsAre("短训", "资格培训"));
  v1::Broker broker = With({{"short", today}, {"once", today}});
  broker.mutable_trainings(0)->clear_complete_date();
  broker.mutable_trainings(1)->mutable_complete_date()->set_month(13);
  EXPECT_THAT(MissingCourses(triage_, broker, today), ElementsAre("短训", "资格培训"))
      << "a date that is none";
}

TEST_F(BrokerRulesTest, ACourseCountsFromItsLastDayForAsLongAsThePackSays) {
  struct Case {
    Day completed;
    Day today;
    bool counts;
  };
  for (const Case& one : {
           Case{Day(2025, 4, 2), Day(2025, 4, 1), false},
           Case{Day(2025, 4, 1), Day(2025, 4, 1), true},
           Case{Day(2025, 4, 1), Day(2025, 4, 30), true},
           // The thirtieth day after it is the last.
           Case{Day(2025, 4, 1), Day(2025, 5, 1), true},
           Case{Day(2025, 4, 1), Day(2025, 5, 2), false},
           // Over the end of February, of a year and of a leap year.
           Case{Day(2025, 2, 27), Day(2025, 3, 29), true},
           Case{Day(2025, 2, 27), Day(2025, 3, 30), false},
           Case{Day(2024, 2, 28), Day(2024, 3, 29), true},
           Case{Day(2024, 2, 28), Day(2024, 3, 30), false},
           Case{Day(2024, 12, 20), Day(2025, 1, 19), true},
           Case{Day(2024, 12, 20), Day(2025, 1, 20), false},
       }) {
    const auto missing = Missing({{"short", one.completed}, {"once", Day(2000, 1, 1)}}, one.today);
    EXPECT_EQ(missing.empty(), one.counts) << one.completed << " " << one.today;
  }
}

TEST_F(BrokerRulesTest, WhatIsForGoodCountsForGoodButNotBeforeItIsDone) {
  const Done done = {{"once", Day(2025, 4, 1)}, {"short", Day(2099, 12, 1)}};
  EXPECT_THAT(Missing(done, Day(2025, 3, 31)), ElementsAre("短训", "资格培训"));
  EXPECT_THAT(Missing(done, Day(2099, 12, 31)), IsEmpty());
}

TEST_F(BrokerRulesTest, OfSeveralTimesTheOneThatCountsIsEnough) {
  const Done done = {
      {"short", Day(2024, 1, 1)}, {"short", Day(2025, 4, 1)}, {"once", Day(2024, 1, 1)}};
  EXPECT_THAT(Missing(done, Day(2025, 4, 30)), IsEmpty());
  EXPECT_THAT(Missing(done, Day(2024, 6, 1)), ElementsAre("短训")) << "between the two";
}

TEST_F(BrokerRulesTest, WhoIsNotTrainedOrHasLeftIsToldWhyWithTheClause) {
  const Day today(2025, 4, 1);
  const absl::Status untrained = RequireQualified(triage_, With({{"once", today}}), today);
  EXPECT_EQ(status::ReasonOf(untrained), options::v1::ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(untrained.message()), HasSubstr("王经纪（演示）尚未完成短训"));
  EXPECT_THAT(std::string(untrained.message()), HasSubstr("甲科发〔2025〕9号四"));
  v1::Broker broker = With({{"once", today}, {"short", today}});
  EXPECT_TRUE(RequireQualified(triage_, broker, today).ok());
  for (const v1::BrokerState state : {v1::BROKER_STATE_LEFT, v1::BROKER_STATE_UNSPECIFIED}) {
    broker.set_state(state);
    EXPECT_EQ(status::ReasonOf(RequireQualified(triage_, broker, today)),
              options::v1::ERROR_REASON_WRONG_STATE);
  }
}

// 两年内有效, by Qingdao's pack.
TEST(QingdaoTrainingTest, BusinessTrainingCountsForTwoYearsAndTheFirstOneForGood) {
  const auto pack = testing::ShippedPack();
  const TriagePack triage(*pack);
  v1::Broker broker;
  broker.set_state(v1::BROKER_STATE_ACTIVE);
  for (const char* course : {"pre-job", "brokerage"}) {
    v1::Training* training = broker.add_trainings();
    training->set_course(course);
    *training->mutable_complete_date() = time::ToProto(Day(2025, 4, 1));
  }
  EXPECT_THAT(MissingCourses(triage, broker, Day(2027, 4, 1)), IsEmpty());
  EXPECT_THAT(MissingCourses(triage, broker, Day(2027, 4, 2)), ElementsAre("技术经纪业务培训"));
}

}  // namespace
}  // namespace chanyan::triage
