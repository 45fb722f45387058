// What the guidance of a university's own team must be, and what is left to do of it (TRI-2).
#include "services/triage/university_team_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "common/time/civil.h"
#include "common/time/kept_day.h"

namespace chanyan::triage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr absl::CivilDay kGuidanceToday(2025, 4, 10);

v1::TeamGuidance GuidanceOf(absl::CivilDay day, const std::string& step = "",
                            std::optional<absl::CivilDay> due = std::nullopt) {
  v1::TeamGuidance guidance;
  *guidance.mutable_guide_date() = time::ToProto(day);
  guidance.set_step(step);
  if (due) *guidance.mutable_due_date() = time::ToProto(*due);
  return guidance;
}

std::vector<std::string> FieldsOfGuidance(const v1::TeamGuidance& guidance) {
  std::vector<std::string> fields;
  for (const auto& one : GuidanceViolations(guidance, kGuidanceToday)) fields.push_back(one.field);
  return fields;
}

TEST(UniversityTeamRulesTest, AStepHasALastDayAndNoneIsWithoutAStep) {
  const absl::CivilDay today = kGuidanceToday;
  EXPECT_THAT(FieldsOfGuidance(GuidanceOf(today)), IsEmpty());
  EXPECT_THAT(FieldsOfGuidance(GuidanceOf(today, "报送成果清单", today)), IsEmpty());
  EXPECT_THAT(FieldsOfGuidance(GuidanceOf(today + 1)), ElementsAre("guide_date"));
  EXPECT_THAT(FieldsOfGuidance(GuidanceOf(today, "报送成果清单")), ElementsAre("due_date"));
  EXPECT_THAT(FieldsOfGuidance(GuidanceOf(today, "", today + 5)), ElementsAre("step"));
  EXPECT_THAT(FieldsOfGuidance(GuidanceOf(today, "报送成果清单", today - 1)),
              ElementsAre("due_date"));
  EXPECT_THAT(FieldsOfGuidance(GuidanceOf(today + 2, "", today + 1)),
              UnorderedElementsAre("guide_date", "step", "due_date"))
      << "all at once";
}

TEST(UniversityTeamRulesTest, TheLastGuidanceAndTheNextLastDayAreOfAllOfThem) {
  const absl::CivilDay today = kGuidanceToday;
  v1::UniversityTeam row;
  SumUpGuidance(&row);
  EXPECT_FALSE(row.has_last_guide_date());
  EXPECT_FALSE(row.has_next_due_date());
  *row.add_guidances() = GuidanceOf(today - 3, "报送成果清单", today + 9);
  *row.add_guidances() = GuidanceOf(today - 8, "明确负责人", today + 2);
  *row.add_guidances() = GuidanceOf(today - 5);
  SumUpGuidance(&row);
  EXPECT_EQ(time::DayIn(row.last_guide_date()), today - 3) << "not as they were entered";
  EXPECT_EQ(row.open_steps(), 2);
  EXPECT_EQ(time::DayIn(row.next_due_date()), today + 2);
  *row.mutable_guidances(1)->mutable_done_date() = time::ToProto(today);
  SumUpGuidance(&row);
  EXPECT_EQ(row.open_steps(), 1);
  EXPECT_EQ(time::DayIn(row.next_due_date()), today + 9);
  *row.mutable_guidances(0)->mutable_done_date() = time::ToProto(today);
  SumUpGuidance(&row);
  EXPECT_EQ(row.open_steps(), 0);
  EXPECT_FALSE(row.has_next_due_date());
}

}  // namespace
}  // namespace chanyan::triage
