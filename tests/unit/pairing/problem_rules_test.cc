// Rules and life of problems, without a database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "services/pairing/problem_life.h"
#include "services/pairing/problem_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using S = v1::ProblemState;

constexpr S kStates[] = {v1::PROBLEM_STATE_OPEN,      v1::PROBLEM_STATE_ASSIGNED,
                         v1::PROBLEM_STATE_ESCALATED, v1::PROBLEM_STATE_RESOLVED,
                         v1::PROBLEM_STATE_CLOSED,    v1::PROBLEM_STATE_WITHDRAWN};

TEST(ProblemLifeTest, EveryStateAndVerb) {
  constexpr S kNo = v1::PROBLEM_STATE_UNSPECIFIED;
  constexpr S kOpen = v1::PROBLEM_STATE_OPEN;
  constexpr S kAssigned = v1::PROBLEM_STATE_ASSIGNED;
  constexpr S kEscalated = v1::PROBLEM_STATE_ESCALATED;
  constexpr S kResolved = v1::PROBLEM_STATE_RESOLVED;
  constexpr S kClosed = v1::PROBLEM_STATE_CLOSED;
  constexpr S kWithdrawn = v1::PROBLEM_STATE_WITHDRAWN;
  struct Case {
    const char* verb;
    S to[6];
  };
  const Case cases[] = {
      {"assign", {kAssigned, kAssigned, kAssigned, kNo, kNo, kNo}},
      {"decline", {kNo, kOpen, kNo, kNo, kNo, kNo}},
      {"resolve", {kNo, kResolved, kResolved, kNo, kNo, kNo}},
      {"confirm", {kNo, kNo, kNo, kClosed, kNo, kNo}},
      {"reopen", {kNo, kNo, kNo, kOpen, kNo, kNo}},
      {"escalate", {kEscalated, kEscalated, kEscalated, kNo, kNo, kNo}},
      {"withdraw", {kWithdrawn, kWithdrawn, kWithdrawn, kNo, kNo, kNo}},
  };
  ASSERT_EQ(std::size(cases), ProblemLife().size());
  for (const Case& one : cases) {
    for (size_t i = 0; i < std::size(kStates); ++i) {
      EXPECT_EQ(policy::Next(ProblemLife(), kStates[i], one.verb).value_or(kNo), one.to[i])
          << one.verb << " from " << kStates[i];
    }
  }
  for (const S state : kStates) {
    EXPECT_EQ(IsUnsolved(state), state == kOpen || state == kAssigned || state == kEscalated);
  }
}

class ProblemRulesTest : public ::testing::Test {
 protected:
  const std::unique_ptr<const policy::Pack> pack_ = testing::ShippedPack("qingdao");
};

TEST_F(ProblemRulesTest, TheTermIsTheFirstFifthWeekThatHasNotEnded) {
  const struct {
    absl::CivilDay day;
    absl::CivilDay last;
  } cases[] = {
      {absl::CivilDay(2025, 4, 1), absl::CivilDay(2025, 5, 8)},
      {absl::CivilDay(2025, 5, 8), absl::CivilDay(2025, 5, 8)},
      {absl::CivilDay(2025, 5, 9), absl::CivilDay(2025, 8, 4)},
      {absl::CivilDay(2025, 6, 30), absl::CivilDay(2025, 8, 4)},
      {absl::CivilDay(2025, 12, 31), absl::CivilDay(2026, 2, 5)},
  };
  for (const auto& one : cases) {
    const auto term = LatestTermOf(*pack_, one.day);
    ASSERT_TRUE(term.ok()) << term.status();
    EXPECT_EQ(term->last_day, one.last) << time::FormatDate(one.day);
    EXPECT_EQ(term->deadline, time::EndOfDay(one.last));
    EXPECT_THAT(term->derivation, HasSubstr("第5周"));
  }
  EXPECT_EQ(status::ReasonOf(LatestTermOf(*pack_, absl::CivilDay(2026, 12, 31)).status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
}

TEST_F(ProblemRulesTest, ACityWithoutCycleCountsWorkdaysAndOneWithoutTermRefuses) {
  const auto linyi = testing::ShippedPack("linyi");
  EXPECT_EQ(LatestTermOf(*linyi, absl::CivilDay(2025, 7, 1))->last_day,
            absl::CivilDay(2025, 7, 29));
  EXPECT_EQ(RoleOfLevel(*linyi, 1), options::v1::ROLE_DEPARTMENT);
  const auto shandong = testing::ShippedPack("shandong");
  EXPECT_EQ(status::ReasonOf(LatestTermOf(*shandong, absl::CivilDay(2025, 7, 1)).status()),
            options::v1::ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(NextLevelOf(*shandong, 0), 0);
  EXPECT_EQ(RoleOfLevel(*shandong, 0), options::v1::ROLE_UNSPECIFIED);
}

TEST_F(ProblemRulesTest, AChosenDayLiesWithinTheTerm) {
  const absl::CivilDay today(2025, 4, 1);
  EXPECT_TRUE(ChosenTermOf(*pack_, today, today).ok());
  const auto term = ChosenTermOf(*pack_, today, absl::CivilDay(2025, 5, 8));
  ASSERT_TRUE(term.ok()) << term.status();
  EXPECT_THAT(term->derivation, HasSubstr("交办时定为2025年5月8日"));
  EXPECT_FALSE(ChosenTermOf(*pack_, today, absl::CivilDay(2025, 5, 9)).ok());
  EXPECT_FALSE(ChosenTermOf(*pack_, today, absl::CivilDay(2025, 3, 31)).ok());
  // The fifth week is over and next year's calendar is not out: this quarter's days are early
  // enough.
  const absl::CivilDay december(2026, 12, 1);
  const auto without = ChosenTermOf(*pack_, december, absl::CivilDay(2026, 12, 31));
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_THAT(without->derivation, HasSubstr("在2026年第四季度之内"));
  EXPECT_FALSE(ChosenTermOf(*pack_, december, absl::CivilDay(2027, 1, 1)).ok());
  EXPECT_FALSE(ChosenTermOf(*pack_, december, absl::CivilDay(2026, 11, 30)).ok());
  EXPECT_FALSE(ChosenTermOf(*pack_, absl::CivilDay(2027, 1, 4), absl::CivilDay(2027, 1, 5)).ok());
}

TEST_F(ProblemRulesTest, RemindersLieWorkdaysBeforeAndNotInThePast) {
  const absl::CivilDay due(2025, 5, 8);
  const auto at = [](int month, int day) {
    return time::StartOfDay(absl::CivilDay(2025, month, day));
  };
  EXPECT_THAT(*RemindersOf(*pack_, due, at(4, 1)), ElementsAre(at(4, 30), at(5, 7)));
  EXPECT_THAT(*RemindersOf(*pack_, due, at(4, 30)), ElementsAre(at(5, 7)));
  EXPECT_THAT(*RemindersOf(*pack_, due, at(5, 7)), IsEmpty());
}

TEST_F(ProblemRulesTest, LevelsGoUpToTheLastAndStayThere) {
  EXPECT_EQ(NextLevelOf(*pack_, 0), 1);
  EXPECT_EQ(NextLevelOf(*pack_, 2), 3);
  EXPECT_EQ(NextLevelOf(*pack_, 3), 3);
  EXPECT_TRUE(HasLevelAbove(*pack_, 2));
  EXPECT_FALSE(HasLevelAbove(*pack_, 3));
  EXPECT_EQ(RoleOfLevel(*pack_, 1), options::v1::ROLE_SECRETARIAT);
  EXPECT_EQ(RoleOfLevel(*pack_, 3), options::v1::ROLE_LEADER);
  EXPECT_EQ(RoleOfLevel(*pack_, 4), options::v1::ROLE_UNSPECIFIED);
  EXPECT_EQ(*NextEscalation(*pack_, 1, absl::CivilDay(2025, 5, 9)),
            time::StartOfDay(absl::CivilDay(2025, 5, 17)));
  EXPECT_EQ(*NextEscalation(*pack_, 3, absl::CivilDay(2025, 5, 9)), absl::InfiniteFuture());
}

TEST_F(ProblemRulesTest, EachVerbIsForThoseWhoseItIs) {
  v1::Problem problem;
  problem.set_raised_by("organizations/e1");
  problem.set_unit("organizations/zone");
  problem.set_assignee("organizations/town");
  const std::vector<Actor> actors = {
      {"organizations/e1", false},    {"organizations/zone", false},
      {"organizations/town", false},  {"organizations/secretariat", true},
      {"organizations/other", false}, {"", false}};
  struct Case {
    const char* verb;
    bool may[6];
  };
  const Case cases[] = {
      {"assign", {false, true, false, true, false, false}},
      {"decline", {false, false, true, true, false, false}},
      {"resolve", {false, false, true, true, false, false}},
      {"escalate", {false, true, true, true, false, false}},
      {"confirm", {true, false, false, false, false, false}},
      {"reopen", {true, false, false, false, false, false}},
      {"withdraw", {true, false, false, false, false, false}},
      {"create", {false, false, false, false, false, false}},
  };
  for (const Case& one : cases) {
    for (size_t i = 0; i < actors.size(); ++i) {
      EXPECT_EQ(MayAct(problem, one.verb, actors[i]), one.may[i])
          << one.verb << " by " << actors[i].organization;
    }
    EXPECT_FALSE(WhoMayAct(one.verb).empty());
  }
  problem.clear_assignee();
  EXPECT_FALSE(MayAct(problem, "resolve", {"", false})) << "nobody is no assignee";
}

TEST_F(ProblemRulesTest, AHistoryKeepsItsFirstStepAndTheLatest) {
  v1::Problem problem;
  const absl::Time now = time::StartOfDay(absl::CivilDay(2025, 4, 1));
  AddStep(now, "create", "organizations/e1", "", &problem);
  for (int i = 0; i < kMaxSteps + 5; ++i) AddStep(now, absl::StrCat("v", i), "", "", &problem);
  ASSERT_EQ(problem.history_size(), kMaxSteps);
  EXPECT_EQ(problem.history(0).verb(), "create");
  EXPECT_EQ(problem.history(1).verb(), "v6");
  EXPECT_EQ(problem.history(kMaxSteps - 1).verb(), absl::StrCat("v", kMaxSteps + 4));
}

}  // namespace
}  // namespace chanyan::pairing
