// Random reviews against counting by hand (CON-4): experts accept, score, take back and decline,
// conflicts come up, the office replaces, removes, checks and closes, COMMITs get lost; whatever
// the order, the panel shows what the sheets that stand come to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/consortium/score_rules.h"
#include "tests/service/consortium/review_world.h"
#include "tests/support/seed.h"

namespace chanyan::consortium {
namespace {

class ReviewPropertyTest : public ::testing::Test, protected ReviewWorld {
 protected:
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }

  void Act(const std::string& panel) {
    const auto rows = AssignmentsOf(panel);
    const v1::ReviewAssignment& row = rows[Below(static_cast<uint32_t>(rows.size()))];
    switch (Below(9)) {
      case 0:
      case 1:
        (void)Accept(row);
        break;
      case 2:
        (void)Fill(row, static_cast<int>(Below(200)));
        break;
      case 3:
        (void)Submit(row);
        break;
      case 4:
        (void)Score(row, static_cast<int>(Below(200)));
        break;
      case 5:
        (void)reviews.ReopenScoreSheet(
            Expert(row, "ReviewService.ReopenScoreSheet"),
            Named<v1::ReopenScoreSheetRequest>(absl::StrCat(row.name(), "/sheets/main")));
        break;
      case 6: {
        if (Below(3) != 0) break;
        const v1::Expert expert = Stored<v1::Expert>(row.expert());
        if (Declare(expert, kLead, v1::INTEREST_KIND_CONSULTING).ok()) {
          conflicted_.insert(row.expert());
        }
        break;
      }
      case 7: {
        if (Below(4) != 0) break;
        auto decline = Named<v1::DeclineReviewAssignmentRequest>(row.name());
        decline.set_reason("另有任务");
        (void)reviews.DeclineReviewAssignment(Expert(row, "ReviewService.DeclineReviewAssignment"),
                                              decline);
        break;
      }
      default:
        (void)reviews.ReplaceReviewer(Office("ReviewService.ReplaceReviewer"),
                                      Named<v1::ReplaceReviewerRequest>(panel));
        break;
    }
  }

  // What the rows come to, by hand.
  void Compare(const std::string& name) {
    const auto panel = Stored<v1::ReviewPanel>(name);
    std::map<std::string, int> seats;
    std::set<std::string> experts;
    std::vector<int64_t> totals;
    int on_panel = 0;
    int submitted = 0;
    for (const auto& row : AssignmentsOf(name)) {
      EXPECT_TRUE(experts.insert(row.expert()).second) << "twice: " << row.expert();
      const v1::ScoreSheet sheet = SheetOf(row);
      const bool in = row.state() == v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED;
      EXPECT_EQ(sheet.state() == v1::SCORE_SHEET_STATE_SUBMITTED, in) << row.name();
      if (in) totals.push_back(sheet.total_tenths());
      submitted += in ? 1 : 0;
      if (!IsGone(row.state())) {
        ++on_panel;
        ++seats[row.category()];
      }
      if (panel.state() == v1::REVIEW_PANEL_STATE_CLOSED && in) {
        EXPECT_FALSE(conflicted_.contains(row.expert())) << row.expert();
        EXPECT_TRUE(sheet.revealed());
      } else if (panel.state() == v1::REVIEW_PANEL_STATE_OPEN) {
        EXPECT_FALSE(sheet.revealed());
      }
    }
    EXPECT_EQ(panel.assignment_count(), on_panel);
    EXPECT_EQ(panel.submitted_count(), submitted);
    const auto* plan = book.FindSheet("document");
    for (const auto& seat : plan->seats()) {
      EXPECT_LE(seats[seat.category()], static_cast<int>(seat.count())) << seat.category();
    }
    if (panel.state() != v1::REVIEW_PANEL_STATE_CLOSED) return;
    EXPECT_EQ(panel.counted_sheets(), static_cast<int>(totals.size()));
    EXPECT_EQ(panel.score_thousandths(), ScoreThousandths(plan->aggregation(), totals));
    EXPECT_EQ(panel.passed(),
              totals.size() >= plan->min_sheets() && Passes(*plan, panel.score_thousandths()));
  }

  std::mt19937 random_{testing::Seed()};
  std::set<std::string> conflicted_;
};

TEST_F(ReviewPropertyTest, WhateverHappensThePanelShowsWhatStands) {
  AddPool();
  int drawn = 0;
  for (int round = 0; round < 4; ++round) {
    const std::string consortium = absl::StrCat("consortia/r", round);
    SetState(v1::CONSORTIUM_STATE_EXPERT_REVIEW, consortium);
    conflicted_.clear();
    const auto panel = Draw("document", absl::StrCat("0123456789abcde", round), consortium);
    // Interests of earlier rounds may leave too few.
    if (!panel.ok()) break;
    ++drawn;
    database.db().InjectFaults({.inject_retry_every = 11,
                                .inject_ambiguous_commit_every = 7,
                                .inject_ambiguous_nocommit_every = 13});
    for (int i = 0; i < 60; ++i) Act(panel->name());
    database.db().InjectFaults({});
    Compare(panel->name());
    for (const auto& row : AssignmentsOf(panel->name())) (void)Score(row, 10);
    const auto ended = Close(panel->name());
    Compare(panel->name());
    if (!ended.ok()) continue;
    // After the end, too.
    const auto rows = AssignmentsOf(panel->name());
    for (const auto& row : rows) {
      if (row.state() != v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED || Below(2) == 0) continue;
      ASSERT_TRUE(
          Declare(Stored<v1::Expert>(row.expert()), kMember, v1::INTEREST_KIND_FUNDING).ok());
      conflicted_.insert(row.expert());
    }
    ASSERT_TRUE(Recheck(panel->name()).ok());
    Compare(panel->name());
  }
  EXPECT_GE(drawn, 1);
}

}  // namespace
}  // namespace chanyan::consortium
