// What counts for coverage, and where a project stood on a day that is past.
#include "services/pairing/coverage_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;

constexpr v1::ProjectState kIntent = v1::PROJECT_STATE_INTENT;
constexpr v1::ProjectState kNegotiating = v1::PROJECT_STATE_NEGOTIATING;
constexpr v1::ProjectState kSigned = v1::PROJECT_STATE_SIGNED;
constexpr v1::ProjectState kBuilding = v1::PROJECT_STATE_BUILDING;
constexpr v1::ProjectState kCompleted = v1::PROJECT_STATE_COMPLETED;
constexpr v1::ProjectState kTerminated = v1::PROJECT_STATE_TERMINATED;

absl::CivilDay April(int day) { return absl::CivilDay(2025, 4, day); }

// "SIGNED 2025-04-10..2025-04-20 2025-04-03..2025-04-20".
std::vector<std::string> Lines(const std::vector<StageSpan>& spans) {
  std::vector<std::string> lines;
  for (const StageSpan& span : spans) {
    lines.push_back(absl::StrCat(v1::ProjectState_Name(span.state).substr(14), " ",
                                 absl::FormatCivilTime(span.recorded_from), "..",
                                 absl::FormatCivilTime(span.recorded_until), " ",
                                 absl::FormatCivilTime(span.effective_from), "..",
                                 absl::FormatCivilTime(span.effective_until)));
  }
  return lines;
}

TEST(CoverageRulesTest, EveryStageIsAState) {
  std::set<v1::ProjectState> states;
  for (int stage = 1; stage < policy::v1::ProjectStage_ARRAYSIZE; ++stage) {
    const auto known = static_cast<policy::v1::ProjectStage>(stage);
    const v1::ProjectState state = StateOfStage(known);
    // PROJECT_STAGE_SIGNED is PROJECT_STATE_SIGNED.
    EXPECT_EQ(policy::v1::ProjectStage_Name(known).substr(14),
              v1::ProjectState_Name(state).substr(14));
    EXPECT_TRUE(states.insert(state).second);
  }
  EXPECT_EQ(StateOfStage(policy::v1::PROJECT_STAGE_UNSPECIFIED), v1::PROJECT_STATE_UNSPECIFIED);
}

TEST(CoverageRulesTest, ThePackSaysWhatCounts) {
  const auto pack = testing::ShippedPack();
  EXPECT_THAT(PairedStates(*pack), ElementsAre(kSigned, kBuilding, kCompleted));
  EXPECT_THAT(UnderWayStates(*pack), ElementsAre(kIntent, kNegotiating));
  EXPECT_EQ(MinimumPlatforms(*pack), 1);
  EXPECT_EQ(PackLabel(*pack), absl::StrCat("qingdao ", pack->version()));
}

TEST(CoverageRulesTest, PermilleRoundsHalfUp) {
  EXPECT_EQ(Permille(0, 0), 0);
  EXPECT_EQ(Permille(1, 3), 333);
  EXPECT_EQ(Permille(2, 3), 667);
  EXPECT_EQ(Permille(1, 16), 63) << "62.5";
  EXPECT_EQ(Permille(20'000, 20'000), 1000);
}

TEST(CoverageRulesTest, AnAgreementCountsFromItsSigningDate) {
  const std::vector<StageEvent> events = {
      {kIntent, April(1)}, {kSigned, April(10)}, {kBuilding, April(20)}};
  EXPECT_THAT(Lines(SpansOf(events, April(3))),
              ElementsAre("INTENT 2025-04-01..2025-04-10 2025-04-01..2025-04-03",
                          "SIGNED 2025-04-10..2025-04-20 2025-04-03..2025-04-20",
                          "BUILDING 2025-04-20..9999-12-31 2025-04-20..9999-12-31"));
}

TEST(CoverageRulesTest, AnAgreementFromBeforeTheProjectWasKnownLeavesNoDaysToWhatCameBefore) {
  const std::vector<StageEvent> events = {
      {kIntent, April(1)}, {kNegotiating, April(5)}, {kSigned, April(10)}};
  EXPECT_THAT(Lines(SpansOf(events, absl::CivilDay(2025, 3, 20))),
              ElementsAre("INTENT 2025-04-01..2025-04-05 2025-03-20..2025-03-20",
                          "NEGOTIATING 2025-04-05..2025-04-10 2025-03-20..2025-03-20",
                          "SIGNED 2025-04-10..9999-12-31 2025-03-20..9999-12-31"));
}

TEST(CoverageRulesTest, AnAgreementWithoutDayOrOfALaterOneCountsFromTheRecord) {
  const std::vector<StageEvent> events = {{kSigned, April(10)}, {kTerminated, April(12)}};
  const std::vector<std::string> recorded = {
      "SIGNED 2025-04-10..2025-04-12 2025-04-10..2025-04-12",
      "TERMINATED 2025-04-12..9999-12-31 2025-04-12..9999-12-31"};
  EXPECT_EQ(Lines(SpansOf(events, std::nullopt)), recorded);
  EXPECT_EQ(Lines(SpansOf(events, April(30))), recorded);
}

TEST(CoverageRulesTest, AStateIsAddedOnceAndSigningIsNotPassedOver) {
  std::vector<StageEvent> events;
  AddStage(kIntent, April(1), &events);
  AddStage(kIntent, April(2), &events);
  EXPECT_EQ(events.size(), 1u);
  AddStage(kBuilding, April(5), &events);
  EXPECT_THAT(events, ElementsAre(StageEvent{kIntent, April(1)}, StageEvent{kSigned, April(5)},
                                  StageEvent{kBuilding, April(5)}));
  AddStage(kCompleted, April(9), &events);
  EXPECT_EQ(events.size(), 4u) << "it was told of signing before";
  EXPECT_EQ(EventsOf(SpansOf(events, April(2))), events);
}

// As long as the platform is the enterprise's own, a project stands as if it had ended.
TEST(CoverageRulesTest, WhatGoesOnAfterAnEndIsNoOlderThanThatWhateverTheAgreementSays) {
  std::vector<StageEvent> events;
  AddStage(kSigned, April(5), &events);
  AddStage(kTerminated, April(10), &events);
  AddStage(kTerminated, April(12), &events);
  AddStage(kSigned, April(20), &events);
  EXPECT_THAT(Lines(SpansOf(events, April(2))),
              ElementsAre("SIGNED 2025-04-05..2025-04-10 2025-04-02..2025-04-10",
                          "TERMINATED 2025-04-10..2025-04-20 2025-04-10..2025-04-20",
                          "SIGNED 2025-04-20..9999-12-31 2025-04-20..9999-12-31"));
  events = {{kTerminated, April(10)}};
  AddStage(kSigned, April(20), &events);
  EXPECT_THAT(Lines(SpansOf(events, April(2))),
              ElementsAre("TERMINATED 2025-04-10..2025-04-20 2025-04-10..2025-04-20",
                          "SIGNED 2025-04-20..9999-12-31 2025-04-20..9999-12-31"));
}

// The state on a day by looking at each event, without spans.
v1::ProjectState StateByHand(const std::vector<StageEvent>& events,
                             std::optional<absl::CivilDay> signed_on, absl::CivilDay day) {
  v1::ProjectState state = v1::PROJECT_STATE_UNSPECIFIED;
  for (const StageEvent& event : events) {
    absl::CivilDay from = event.recorded;
    if (event.state == kSigned && signed_on) from = std::min(*signed_on, from);
    if (from <= day) state = event.state;
  }
  return state;
}

TEST(CoverageRulesTest, EveryDayHasTheStateThatACountByHandGivesIt) {
  std::mt19937 random(20250401);
  const auto draw = [&random](int below) { return static_cast<int>(random() % below); };
  constexpr v1::ProjectState kStates[] = {kIntent,   kNegotiating, kSigned,
                                          kBuilding, kCompleted,   kTerminated};
  for (int round = 0; round < 2'000; ++round) {
    std::vector<StageEvent> events;
    absl::CivilDay recorded = April(1);
    for (int at = draw(3); at < 6; at += 1 + draw(2)) {
      recorded += draw(8);
      AddStage(kStates[at], recorded, &events);
    }
    std::optional<absl::CivilDay> signed_on;
    if (draw(3) > 0) signed_on = April(1) + (draw(60) - 20);
    const std::vector<StageSpan> spans = SpansOf(events, signed_on);
    for (absl::CivilDay day = April(1) - 25; day < April(1) + 60; ++day) {
      v1::ProjectState effective = v1::PROJECT_STATE_UNSPECIFIED;
      v1::ProjectState as_recorded = v1::PROJECT_STATE_UNSPECIFIED;
      for (const StageSpan& span : spans) {
        if (span.effective_from <= day && day < span.effective_until) {
          EXPECT_EQ(effective, v1::PROJECT_STATE_UNSPECIFIED) << "two states on one day";
          effective = span.state;
        }
        if (span.recorded_from <= day && day < span.recorded_until) as_recorded = span.state;
      }
      EXPECT_EQ(effective, StateByHand(events, signed_on, day)) << "round " << round;
      EXPECT_EQ(as_recorded, StateByHand(events, std::nullopt, day)) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace chanyan::pairing
