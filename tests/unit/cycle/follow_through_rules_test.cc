// Life cycles and rules of events, campaigns, objections and simulations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/chain_rules.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/event_life.h"
#include "services/cycle/event_rules.h"
#include "services/cycle/objection_rules.h"
#include "services/cycle/simulation_play.h"
#include "tests/support/service_test.h"
#include "tests/unit/cycle/matrix.h"

namespace chanyan::cycle {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::Time InChina(int month, int day, int hour = 9, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(2025, month, day, hour, minute, second),
                         time::Shanghai());
}

TEST(EventLifeTest, EveryStateAndVerb) {
  constexpr v1::EventState kNo = v1::EVENT_STATE_UNSPECIFIED;
  ExpectMatrix<v1::EventState>(EventLife(), {"update", "postpone", "cancel", "hold"},
                               {{v1::EVENT_STATE_PLANNED,
                                 {v1::EVENT_STATE_PLANNED, v1::EVENT_STATE_PLANNED,
                                  v1::EVENT_STATE_CANCELLED, v1::EVENT_STATE_HELD}},
                                {v1::EVENT_STATE_HELD, {kNo, kNo, kNo, kNo}},
                                {v1::EVENT_STATE_CANCELLED, {kNo, kNo, kNo, kNo}}});
}

TEST(ParticipantLifeTest, EveryStateAndVerb) {
  using enum v1::ParticipantState;
  constexpr v1::ParticipantState kNo = PARTICIPANT_STATE_UNSPECIFIED;
  constexpr v1::ParticipantState kUp = PARTICIPANT_STATE_SIGNED_UP;
  constexpr v1::ParticipantState kOut = PARTICIPANT_STATE_DECLINED;
  constexpr v1::ParticipantState kCame = PARTICIPANT_STATE_ATTENDED;
  constexpr v1::ParticipantState kMissed = PARTICIPANT_STATE_ABSENT;
  ExpectMatrix<v1::ParticipantState>(ParticipantLife(), {"signUp", "decline", "attend", "miss"},
                                     {{kNo, {kUp, kNo, kCame, kNo}},
                                      {PARTICIPANT_STATE_INVITED, {kUp, kOut, kCame, kMissed}},
                                      {kUp, {kUp, kOut, kCame, kMissed}},
                                      {kOut, {kUp, kOut, kCame, kNo}},
                                      {kCame, {kNo, kNo, kCame, kMissed}},
                                      {kMissed, {kNo, kNo, kCame, kMissed}}});
}

TEST(CampaignLifeTest, EveryStateAndVerb) {
  constexpr v1::CampaignState kNo = v1::CAMPAIGN_STATE_UNSPECIFIED;
  ExpectMatrix<v1::CampaignState>(
      CampaignLife(), {"postpone", "hold"},
      {{v1::CAMPAIGN_STATE_PLANNED, {v1::CAMPAIGN_STATE_PLANNED, v1::CAMPAIGN_STATE_HELD}},
       {v1::CAMPAIGN_STATE_HELD, {kNo, kNo}}});
}

TEST(ObjectionLifeTest, EveryStateAndVerb) {
  constexpr v1::ObjectionState kNo = v1::OBJECTION_STATE_UNSPECIFIED;
  ExpectMatrix<v1::ObjectionState>(
      ObjectionLife(), {"withdraw", "uphold", "reject"},
      {{v1::OBJECTION_STATE_OPEN,
        {v1::OBJECTION_STATE_WITHDRAWN, v1::OBJECTION_STATE_UPHELD, v1::OBJECTION_STATE_REJECTED}},
       {v1::OBJECTION_STATE_WITHDRAWN, {kNo, kNo, kNo}},
       {v1::OBJECTION_STATE_UPHELD, {kNo, kNo, kNo}},
       {v1::OBJECTION_STATE_REJECTED, {kNo, kNo, kNo}}});
}

TEST(EventRulesTest, NoDayOfAnEventIsAHoliday) {
  const auto pack = testing::ShippedPack();
  struct Case {
    absl::Time start;
    absl::Time end;
    // Of the refusal; empty = none.
    const char* field;
    const char* says;
  };
  const Case cases[] = {
      {InChina(4, 30), InChina(4, 30, 23, 59, 59), "", ""},
      {InChina(5, 1, 0), InChina(5, 1, 1), "event.start_time", "5月1日为劳动节假期"},
      {InChina(4, 30), InChina(5, 6), "event.end_time", "5月1日为劳动节假期"},
      {InChina(5, 5, 23, 59, 59), InChina(5, 6), "event.start_time",
       "其后的第一个工作日是2025年5月6日"},
      {InChina(5, 6, 0), InChina(5, 6), "", ""},
      // A Saturday, and years of which nothing is known.
      {InChina(5, 10), InChina(5, 10), "", ""},
      {absl::FromCivil(absl::CivilSecond(2040, 10, 1, 9), time::Shanghai()),
       absl::FromCivil(absl::CivilSecond(2040, 10, 1, 9), time::Shanghai()), "", ""},
  };
  for (const Case& one : cases) {
    const absl::Status status = RefuseHolidays(pack->calendar(), one.start, one.end, "event.");
    if (*one.field == 0) {
      EXPECT_TRUE(status.ok()) << one.start << " " << status;
      continue;
    }
    ASSERT_EQ(status::ViolationsOf(status).size(), 1u) << one.start;
    EXPECT_EQ(status::ViolationsOf(status)[0].field, one.field) << one.start;
    EXPECT_THAT(status::ViolationsOf(status)[0].description, HasSubstr(one.says));
  }
}

TEST(EventRulesTest, TimesAreInOrder) {
  v1::Event event;
  *event.mutable_start_time() = time::ToTimestamp(InChina(5, 8));
  EXPECT_THAT(EventViolations(event), IsEmpty());
  *event.mutable_end_time() = time::ToTimestamp(InChina(5, 8, 8));
  *event.mutable_sign_up_until() = time::ToTimestamp(InChina(5, 8, 9, 0, 1));
  ASSERT_EQ(EventViolations(event).size(), 2u);
  EXPECT_EQ(EventViolations(event)[0].field, "end_time");
  EXPECT_EQ(EventViolations(event)[1].field, "sign_up_until");
}

TEST(ObjectionRulesTest, ACityWithoutATermTakesNoObjections) {
  const auto pack = testing::ShippedPack("shandong");
  v1::Leaderboard version;
  version.set_state(v1::LEADERBOARD_STATE_PUBLISHED);
  const auto window = WindowOf(*pack, version, false, {}, InChina(5, 14));
  EXPECT_EQ(status::ReasonOf(window.status()), options::v1::ERROR_REASON_WRONG_STATE);
}

TEST(ObjectionRulesTest, WhatWasPromisedAtThePublicationHolds) {
  const auto pack = testing::ShippedPack();
  v1::Leaderboard version;
  version.set_state(v1::LEADERBOARD_STATE_PUBLISHED);
  *version.mutable_publish_time() = time::ToTimestamp(InChina(5, 14));
  const auto reckoned = WindowOf(*pack, version, false, {}, InChina(5, 15));
  ASSERT_TRUE(reckoned.ok()) << reckoned.status();
  // A calendar that was amended since does not open or shut it.
  *version.mutable_objection_deadline() = time::ToTimestamp(InChina(5, 16, 23, 59, 59));
  version.set_objection_derivation("截止5月16日");
  const auto promised = WindowOf(*pack, version, false, {}, InChina(5, 16, 23, 59, 59));
  ASSERT_TRUE(promised.ok()) << promised.status();
  EXPECT_EQ(promised->state(), v1::WINDOW_STATE_OPEN);
  EXPECT_EQ(promised->derivation(), "截止5月16日");
  EXPECT_NE(promised->deadline().seconds(), reckoned->deadline().seconds());
  EXPECT_NE(WindowOf(*pack, version, false, {}, InChina(5, 17))->state(), v1::WINDOW_STATE_OPEN);
}

TEST(ObjectionRulesTest, WhatIsNotPublishedHasNoWindow) {
  const auto pack = testing::ShippedPack();
  v1::Leaderboard version;
  version.set_state(v1::LEADERBOARD_STATE_COMPUTED);
  EXPECT_FALSE(WindowOf(*pack, version, false, {}, InChina(5, 14)).ok());
}

class SimulationRulesTest : public ::testing::Test {
 protected:
  SimulationRulesTest() : pack_(testing::ShippedPack()) {
    const auto steps = PlanSteps(*pack_, time::Quarter(2025, 2));
    in_.cycle.set_name("cycles/2025q2");
    in_.cycle.mutable_steps()->Assign(steps->begin(), steps->end());
    in_.cycle.set_secretariat("organizations/secretariat");
    AddForm("organizations/a");
    AddForm("organizations/b");
    AddRow("organizations/a", "organizations/e1");
    AddRow("organizations/b", "organizations/e2");
  }
  void AddForm(const std::string& university) {
    v1::Form& form = in_.forms.emplace_back();
    form.set_university(university);
    form.set_university_title(university);
  }
  void AddRow(const std::string& university, const std::string& enterprise) {
    v1::Row& row = in_.rows.emplace_back();
    row.set_university(university);
    row.set_enterprise(enterprise);
    row.set_unit("organizations/zone");
  }
  v1::SimulatedTask TaskOf(int step, const std::string& organization) {
    const v1::Simulation simulation = Simulate(in_, InChina(3, 31));
    for (const v1::SimulatedTask& task : simulation.tasks()) {
      if (task.step() == step && task.organization() == organization) return task;
    }
    ADD_FAILURE() << "no task of " << organization << " in step " << step;
    return {};
  }

  std::unique_ptr<const policy::Pack> pack_;
  SimulationInputs in_;
};

TEST_F(SimulationRulesTest, WhoHasNoPastGivesOnTheLastAfternoon) {
  EXPECT_EQ(time::ToTime(TaskOf(1, "organizations/a").expected_time()), InChina(4, 8, 16, 59, 59));
  EXPECT_FALSE(TaskOf(1, "organizations/a").late());
  EXPECT_FALSE(TaskOf(3, "organizations/e1").late());
}

TEST_F(SimulationRulesTest, ALateUniversityMakesItsEnterprisesWaitAndNoOthers) {
  in_.habits["organizations/b"].quarters = {
      {.label = "2025年第一季度", .late = true, .lead = -absl::Hours(24 * 10), .absent = false}};
  const v1::SimulatedTask late = TaskOf(1, "organizations/b");
  EXPECT_TRUE(late.late());
  EXPECT_EQ(time::ToTime(late.expected_time()), InChina(4, 18, 23, 59, 59));
  EXPECT_GT(time::ToTime(TaskOf(3, "organizations/e2").receive_time()), InChina(4, 18));
  EXPECT_LT(time::ToTime(TaskOf(3, "organizations/e1").receive_time()), InChina(4, 11));
  const v1::SimulatedTask unit = TaskOf(2, "organizations/zone");
  EXPECT_TRUE(unit.late()) << "what comes after its window cannot go on within it";
  EXPECT_THAT(unit.reason(), HasSubstr("逾期报送"));
}

TEST_F(SimulationRulesTest, WhatEnterprisesGaveComesHomeToEachUniversityOnce) {
  AddForm("organizations/silent");
  AddForm("organizations/a");
  AddRow("organizations/a", "organizations/e3");
  AddRow("organizations/b", "");
  const v1::SimulatedTask home = TaskOf(4, "organizations/a");
  EXPECT_EQ(home.row_count(), 2);
  EXPECT_FALSE(home.late());
  EXPECT_EQ(home.receive_time().seconds(),
            TaskOf(4, "organizations/secretariat").expected_time().seconds());
  EXPECT_EQ(TaskOf(4, "organizations/b").row_count(), 1) << "an intent for all goes to nobody";
  const v1::Simulation simulation = Simulate(in_, InChina(3, 31));
  std::vector<std::string> fourth;
  for (const v1::SimulatedTask& task : simulation.tasks()) {
    if (task.step() == 4) fourth.push_back(task.organization());
  }
  EXPECT_THAT(fourth, ::testing::ElementsAre("organizations/a", "organizations/b",
                                             "organizations/secretariat"));
}

TEST_F(SimulationRulesTest, HalfOfTheQuartersDecide) {
  auto& quarters = in_.habits["organizations/a"].quarters;
  quarters = {
      {.label = "四", .lead = absl::Hours(24)}, {.label = "三", .late = true}, {.label = "二"}};
  EXPECT_FALSE(TaskOf(1, "organizations/a").late());
  quarters.push_back({.label = "一", .late = true});
  EXPECT_TRUE(TaskOf(1, "organizations/a").late());
  EXPECT_THAT(TaskOf(1, "organizations/a").reason(), HasSubstr("近4季逾期2次"));
}

TEST_F(SimulationRulesTest, WhatHasBeenReportedIsNotGuessed) {
  in_.habits["organizations/a"].quarters = {{.label = "一", .late = true, .absent = true}};
  *in_.forms[0].mutable_submit_time() = time::ToTimestamp(InChina(4, 2));
  in_.forms[0].set_on_time(true);
  EXPECT_FALSE(TaskOf(1, "organizations/a").late());
  EXPECT_EQ(time::ToTime(TaskOf(1, "organizations/a").expected_time()), InChina(4, 2));
}

}  // namespace
}  // namespace chanyan::cycle
