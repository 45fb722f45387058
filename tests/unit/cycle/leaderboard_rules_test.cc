#include "services/cycle/leaderboard_rules.h"

#include <algorithm>
#include <array>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "services/cycle/leaderboard_snapshot.h"
#include "tests/unit/cycle/rows.h"

namespace chanyan::cycle {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::ElementsAre;
using testing::IsEmpty;

namespace policy_v1 = policy::v1;

policy_v1::Leaderboard Formula(policy_v1::LeaderboardSubject subject,
                               std::vector<std::array<int, 3>> terms,
                               std::vector<policy_v1::CountedItem> tie_breakers = {}) {
  policy_v1::Leaderboard board;
  board.set_id("board");
  board.set_display_name("榜");
  board.set_subject(subject);
  for (const auto& [item, points, cap] : terms) {
    auto& term = *board.add_terms();
    term.set_item(static_cast<policy_v1::CountedItem>(item));
    term.set_points(static_cast<uint32_t>(points));
    term.set_cap(static_cast<uint32_t>(cap));
  }
  for (policy_v1::CountedItem item : tie_breakers) board.add_tie_breakers(item);
  return board;
}

v1::Board Compute(const policy_v1::Leaderboard& formula, const LeaderboardInputs& inputs) {
  policy_v1::PolicyPack pack;
  *pack.add_leaderboards() = formula;
  return ComputeBoards(pack, inputs)[0];
}

// "1 organizations/u1 7" of every entry.
std::vector<std::string> Places(const v1::Board& board) {
  std::vector<std::string> places;
  for (const v1::LeaderboardEntry& entry : board.entries()) {
    places.push_back(absl::StrCat(entry.rank(), " ", entry.subject(), " ", entry.score()));
  }
  return places;
}

TEST(LeaderboardRulesTest, NothingMakesAnEmptyBoardThatStillSaysItsFormula) {
  const v1::Board board = Compute(Formula(policy_v1::LEADERBOARD_SUBJECT_UNIVERSITY,
                                          {{policy_v1::COUNTED_ITEM_NEW_PROJECT, 5, 0}}),
                                  {});
  EXPECT_THAT(Places(board), IsEmpty());
  EXPECT_EQ(board.formula(), "新增结对共建项目每项5分。得分相同的名次并列。");
}

TEST(LeaderboardRulesTest, TheFormulaNamesCapsTieBreakersAndWhatIsLeftOut) {
  EXPECT_EQ(
      FormulaInWords(
          Formula(policy_v1::LEADERBOARD_SUBJECT_UNIT,
                  {{policy_v1::COUNTED_ITEM_PAIRED_ENTERPRISE, 3, 0},
                   {policy_v1::COUNTED_ITEM_RESOLVED_PROBLEM, 1, 0},
                   {policy_v1::COUNTED_ITEM_ON_TIME_FORM, 5, 1}},
                  {policy_v1::COUNTED_ITEM_PAIRED_ENTERPRISE, policy_v1::COUNTED_ITEM_NEW_PROJECT}),
          {}),
      "结对企业每家3分；按时填报每次5分，最多计1次。得分相同的，依次比较结对企业、新增结对共建"
      "项目，多者在前；仍相同的名次并列。“解决痛点难点”系统尚无记录，本榜未计分。");
}

TEST(LeaderboardRulesTest, AnItemWithoutRecordsIsNoTerm) {
  LeaderboardInputs inputs;
  inputs.rows = {RowOf(1, 1, 3, v1::ROW_CATEGORY_NEW)};
  const v1::Board board = Compute(Formula(policy_v1::LEADERBOARD_SUBJECT_UNIT,
                                          {{policy_v1::COUNTED_ITEM_RESOLVED_PROBLEM, 9, 0},
                                           {policy_v1::COUNTED_ITEM_NEW_PROJECT, 2, 0}}),
                                  inputs);
  ASSERT_EQ(board.entries_size(), 1);
  ASSERT_EQ(board.entries(0).terms_size(), 1);
  EXPECT_EQ(board.entries(0).terms(0).label(), "新增结对共建项目");
}

pairing::v1::Problem Resolved(const std::string& id, int unit) {
  pairing::v1::Problem problem;
  problem.set_name(absl::StrCat("projects/p/problems/", id));
  problem.set_unit(absl::StrCat("organizations/z", unit));
  problem.set_university("organizations/u1");
  problem.set_enterprise("organizations/e1");
  problem.set_enterprise_title("海工装备");
  problem.set_platform("organizations/u1/platforms/p1");
  return problem;
}

TEST(LeaderboardRulesTest, ResolvedProblemsCountForThoseOfTheirProject) {
  LeaderboardInputs inputs;
  inputs.resolved = {Resolved("a", 1), Resolved("b", 1), Resolved("c", 2)};
  const std::vector<std::array<int, 3>> terms = {{policy_v1::COUNTED_ITEM_RESOLVED_PROBLEM, 2, 0}};
  const v1::Board units = Compute(Formula(policy_v1::LEADERBOARD_SUBJECT_UNIT, terms), inputs);
  EXPECT_THAT(Places(units), ElementsAre("1 organizations/z1 4", "2 organizations/z2 2"));
  EXPECT_EQ(units.entries(0).terms(0).count(), 2);
  EXPECT_EQ(units.formula(), "解决痛点难点每个2分。得分相同的名次并列。");
  EXPECT_THAT(Places(Compute(Formula(policy_v1::LEADERBOARD_SUBJECT_UNIVERSITY, terms), inputs)),
              ElementsAre("1 organizations/u1 6"));
  const v1::Board firms =
      Compute(Formula(policy_v1::LEADERBOARD_SUBJECT_ENTERPRISE, terms), inputs);
  EXPECT_EQ(firms.entries(0).title(), "海工装备");
  EXPECT_THAT(Compute(Formula(policy_v1::LEADERBOARD_SUBJECT_PLATFORM, terms), inputs).formula(),
              testing::HasSubstr("“解决痛点难点”系统尚无记录"));
  // A board that does not count them has nobody for them alone.
  EXPECT_THAT(Places(Compute(Formula(policy_v1::LEADERBOARD_SUBJECT_UNIT,
                                     {{policy_v1::COUNTED_ITEM_NEW_PROJECT, 2, 0}}),
                             inputs)),
              IsEmpty());
}

TEST(LeaderboardRulesTest, AVersionOfBeforeProblemsWereCountedIsComputedAgainAsItWas) {
  policy_v1::PolicyPack pack;
  *pack.add_leaderboards() = Formula(policy_v1::LEADERBOARD_SUBJECT_UNIT,
                                     {{policy_v1::COUNTED_ITEM_NEW_PROJECT, 2, 0},
                                      {policy_v1::COUNTED_ITEM_RESOLVED_PROBLEM, 9, 0}});
  LeaderboardInputs inputs;
  inputs.rows = {RowOf(1, 1, 3, v1::ROW_CATEGORY_NEW)};
  const BoardSnapshot kept = SnapshotOf(pack, inputs);
  EXPECT_FALSE(kept.problems.has_value());
  const FrozenInputs before = Thaw(kept);
  EXPECT_THAT(CanonicalInputs(before.inputs), testing::Not(testing::HasSubstr("resolved")));
  const v1::Board board = ComputeBoards(before.pack, before.inputs)[0];
  EXPECT_EQ(
      board.formula(),
      "新增结对共建项目每项2分。得分相同的名次并列。“解决痛点难点”系统尚无记录，本榜未计分。");
  ASSERT_EQ(board.entries_size(), 1);
  EXPECT_EQ(board.entries(0).terms_size(), 1);
  // None that was looked for is something else than none that was not.
  inputs.resolved.emplace();
  const FrozenInputs since = Thaw(SnapshotOf(pack, inputs));
  ASSERT_TRUE(since.inputs.resolved.has_value());
  EXPECT_NE(CanonicalInputs(since.inputs), CanonicalInputs(before.inputs));
  EXPECT_EQ(ComputeBoards(since.pack, since.inputs)[0].entries(0).terms_size(), 2);
}

TEST(LeaderboardRulesTest, CapsBoundWhatCountsNotWhatIsShown) {
  LeaderboardInputs inputs;
  for (int i = 1; i <= 5; ++i) inputs.rows.push_back(RowOf(1, i, 0, v1::ROW_CATEGORY_INTENT));
  const v1::Board board = Compute(
      Formula(policy_v1::LEADERBOARD_SUBJECT_UNIVERSITY, {{policy_v1::COUNTED_ITEM_INTENT, 2, 3}}),
      inputs);
  EXPECT_EQ(board.entries(0).terms(0).count(), 5);
  EXPECT_EQ(board.entries(0).terms(0).counted(), 3);
  EXPECT_EQ(board.entries(0).score(), 6);
}

TEST(LeaderboardRulesTest, EqualsShareARankInByteOrderAndTheNextIsSkipped) {
  LeaderboardInputs inputs;
  inputs.rows = {RowOf(3, 1, 1, v1::ROW_CATEGORY_NEW), RowOf(2, 1, 2, v1::ROW_CATEGORY_NEW),
                 RowOf(1, 1, 1, v1::ROW_CATEGORY_NEW), RowOf(1, 2, 2, v1::ROW_CATEGORY_NEW)};
  inputs.reports = {{policy_v1::LEADERBOARD_SUBJECT_UNIVERSITY, "organizations/u4", 1, 0}};
  EXPECT_THAT(Places(Compute(Formula(policy_v1::LEADERBOARD_SUBJECT_UNIVERSITY,
                                     {{policy_v1::COUNTED_ITEM_NEW_PROJECT, 5, 0}}),
                             inputs)),
              ElementsAre("1 organizations/u1 10", "2 organizations/u2 5", "2 organizations/u3 5",
                          "4 organizations/u4 0"));
}

TEST(LeaderboardRulesTest, TieBreakersPartEqualScores) {
  LeaderboardInputs inputs;
  // u1: two intents; u2: one project. Both 2 points.
  inputs.rows = {RowOf(1, 1, 0, v1::ROW_CATEGORY_INTENT), RowOf(1, 2, 0, v1::ROW_CATEGORY_INTENT),
                 RowOf(2, 1, 1, v1::ROW_CATEGORY_NEW)};
  EXPECT_THAT(Places(Compute(Formula(policy_v1::LEADERBOARD_SUBJECT_UNIVERSITY,
                                     {{policy_v1::COUNTED_ITEM_INTENT, 1, 0},
                                      {policy_v1::COUNTED_ITEM_NEW_PROJECT, 2, 0}},
                                     {policy_v1::COUNTED_ITEM_NEW_PROJECT}),
                             inputs)),
              ElementsAre("1 organizations/u2 2", "2 organizations/u1 2"));
}

TEST(LeaderboardRulesTest, OnTimeMeansEveryReportThatWasDue) {
  LeaderboardInputs inputs;
  inputs.reports = {{policy_v1::LEADERBOARD_SUBJECT_UNIT, "organizations/z1", 3, 3},
                    {policy_v1::LEADERBOARD_SUBJECT_UNIT, "organizations/z2", 3, 2},
                    {policy_v1::LEADERBOARD_SUBJECT_UNIT, "organizations/z3", 0, 0},
                    {policy_v1::LEADERBOARD_SUBJECT_ENTERPRISE, "organizations/e1", 1, 1}};
  inputs.titles = {{"organizations/z1", "古镇口"}};
  const v1::Board board = Compute(
      Formula(policy_v1::LEADERBOARD_SUBJECT_UNIT, {{policy_v1::COUNTED_ITEM_ON_TIME_FORM, 5, 1}}),
      inputs);
  EXPECT_THAT(Places(board),
              ElementsAre("1 organizations/z1 5", "2 organizations/z2 0", "2 organizations/z3 0"));
  EXPECT_EQ(board.entries(0).title(), "古镇口");
}

TEST(LeaderboardRulesTest, PlatformsCountForThemselvesAndForOwnersThatAreRanked) {
  LeaderboardInputs inputs;
  for (const char* owner : {"organizations/u1", "organizations/e9"}) {
    registry::v1::Platform& platform = inputs.published.emplace_back();
    platform.set_name(absl::StrCat(owner, "/platforms/p"));
    platform.set_organization(owner);
    platform.set_display_name("平台");
  }
  inputs.reports = {{policy_v1::LEADERBOARD_SUBJECT_UNIVERSITY, "organizations/u1", 1, 1}};
  const std::vector<std::array<int, 3>> terms = {
      {policy_v1::COUNTED_ITEM_PUBLISHED_PLATFORM, 1, 0}};
  EXPECT_THAT(Places(Compute(Formula(policy_v1::LEADERBOARD_SUBJECT_UNIVERSITY, terms), inputs)),
              ElementsAre("1 organizations/u1 1"));
  EXPECT_THAT(Places(Compute(Formula(policy_v1::LEADERBOARD_SUBJECT_PLATFORM, terms), inputs)),
              ElementsAre("1 organizations/e9/platforms/p 1", "1 organizations/u1/platforms/p 1"));
}

LeaderboardInputs Random(std::mt19937& random) {
  const auto below = [&random](int n) { return static_cast<int>(random() % unsigned(n)); };
  LeaderboardInputs inputs;
  std::set<std::string> names;
  const int rows = below(60);
  for (int i = 0; i < rows; ++i) {
    v1::Row row =
        RowOf(1 + below(4), 1 + below(3), below(6), static_cast<v1::RowCategory>(1 + below(3)));
    row.set_no_change(below(2) == 0);
    if (names.insert(row.name()).second) inputs.rows.push_back(std::move(row));
  }
  for (int i = below(6); i > 0; --i) {
    const v1::Row row = RowOf(1 + below(4), 1 + below(3), 1 + below(5), v1::ROW_CATEGORY_NEW);
    pairing::v1::Project& project = inputs.completed.emplace_back();
    project.set_name(absl::StrCat("projects/", i));
    project.set_university(row.university());
    project.set_platform(row.platform());
    project.set_platform_title(row.platform_title());
    project.set_enterprise(row.enterprise());
    project.set_enterprise_title(row.enterprise_title());
    project.set_unit(row.unit());
  }
  if (below(3) > 0) {
    inputs.resolved.emplace();
    for (int i = below(6); i > 0; --i) {
      inputs.resolved->push_back(Resolved(absl::StrCat(i), 1 + below(3)));
    }
  }
  for (int u = 1; u <= 5; ++u) {
    inputs.reports.push_back({policy_v1::LEADERBOARD_SUBJECT_UNIVERSITY,
                              absl::StrCat("organizations/u", u), 1, below(2)});
  }
  return inputs;
}

// What one item counts for one subject, by going through everything again.
int64_t BruteCount(const LeaderboardInputs& inputs, policy_v1::LeaderboardSubject kind,
                   const std::string& subject, int item) {
  const auto of = [&](const auto& from) {
    if (kind == policy_v1::LEADERBOARD_SUBJECT_UNIVERSITY) return from.university() == subject;
    if (kind == policy_v1::LEADERBOARD_SUBJECT_PLATFORM) return from.platform() == subject;
    if (kind == policy_v1::LEADERBOARD_SUBJECT_UNIT) return from.unit() == subject;
    return from.enterprise() == subject;
  };
  int64_t count = 0;
  std::set<std::string> paired;
  for (const v1::Row& row : inputs.rows) {
    if (!of(row)) continue;
    const bool with = !row.enterprise().empty();
    if (item == policy_v1::COUNTED_ITEM_INTENT) count += row.category() == 1;
    if (item == policy_v1::COUNTED_ITEM_NEW_PROJECT) count += row.category() == 2 && with;
    if (item == policy_v1::COUNTED_ITEM_PROJECT_IN_PROGRESS) {
      count += row.category() == 3 && with && !row.no_change();
    }
    if (row.category() != 1 && with) paired.insert(row.enterprise());
  }
  if (item == policy_v1::COUNTED_ITEM_PAIRED_ENTERPRISE) count = int64_t(paired.size());
  if (item == policy_v1::COUNTED_ITEM_COMPLETED_PROJECT) {
    count = std::count_if(inputs.completed.begin(), inputs.completed.end(), of);
  }
  if (item == policy_v1::COUNTED_ITEM_ON_TIME_FORM) {
    for (const DueReports& due : inputs.reports) {
      count += due.kind == kind && due.subject == subject && due.on_time == due.expected;
    }
  }
  return count;
}

TEST(LeaderboardRulesTest, AgreesWithCountingEverythingAgain) {
  std::mt19937 random(20250401);
  for (int round = 0; round < 300; ++round) {
    const LeaderboardInputs inputs = Random(random);
    for (int kind = 1; kind <= 4; ++kind) {
      const auto subject = static_cast<policy_v1::LeaderboardSubject>(kind);
      std::vector<std::array<int, 3>> terms;
      for (int item = 1; item <= 6; ++item) {
        if (IsRecorded(static_cast<policy_v1::CountedItem>(item), subject)) {
          terms.push_back({item, int(random() % 4), int(random() % 3)});
        }
      }
      const policy_v1::Leaderboard formula =
          Formula(subject, terms, {policy_v1::COUNTED_ITEM_PAIRED_ENTERPRISE});
      const v1::Board board = Compute(formula, inputs);
      std::set<std::string> seen;
      for (const v1::LeaderboardEntry& entry : board.entries()) {
        EXPECT_TRUE(seen.insert(entry.subject()).second);
        int64_t score = 0;
        ASSERT_EQ(entry.terms_size(), int(terms.size()));
        for (size_t i = 0; i < terms.size(); ++i) {
          const int64_t count = BruteCount(inputs, subject, entry.subject(), terms[i][0]);
          EXPECT_EQ(entry.terms(int(i)).count(), count) << round << " " << entry.DebugString();
          score += (terms[i][2] == 0 ? count : std::min<int64_t>(count, terms[i][2])) * terms[i][1];
        }
        EXPECT_EQ(entry.score(), score);
        // The rank is one more than the number of those that are better.
        int better = 0;
        const int64_t own =
            BruteCount(inputs, subject, entry.subject(), policy_v1::COUNTED_ITEM_PAIRED_ENTERPRISE);
        for (const v1::LeaderboardEntry& other : board.entries()) {
          const int64_t its = BruteCount(inputs, subject, other.subject(),
                                         policy_v1::COUNTED_ITEM_PAIRED_ENTERPRISE);
          better += other.score() > score || (other.score() == score && its > own);
        }
        EXPECT_EQ(entry.rank(), better + 1);
      }
    }
  }
}

TEST(LeaderboardRulesTest, TheOrderOfTheInputsChangesNothing) {
  std::mt19937 random(7);
  policy_v1::PolicyPack pack;
  *pack.add_leaderboards() = Formula(policy_v1::LEADERBOARD_SUBJECT_PLATFORM,
                                     {{policy_v1::COUNTED_ITEM_NEW_PROJECT, 5, 0}});
  for (int round = 0; round < 20; ++round) {
    LeaderboardInputs inputs = Random(random);
    const std::string canonical = CanonicalInputs(inputs);
    const std::vector<v1::Board> boards = ComputeBoards(pack, inputs);
    std::shuffle(inputs.rows.begin(), inputs.rows.end(), random);
    std::shuffle(inputs.completed.begin(), inputs.completed.end(), random);
    EXPECT_EQ(CanonicalInputs(inputs), canonical);
    EXPECT_TRUE(MessageDifferencer::Equals(ComputeBoards(pack, inputs)[0], boards[0]));
    if (inputs.rows.empty()) continue;
    inputs.rows[0].set_no_change(!inputs.rows[0].no_change());
    EXPECT_NE(CanonicalInputs(inputs), canonical);
  }
}

TEST(LeaderboardRulesTest, WhatIsFrozenMakesTheSameBoards) {
  std::mt19937 random(11);
  policy_v1::PolicyPack pack;
  for (const auto subject :
       {policy_v1::LEADERBOARD_SUBJECT_PLATFORM, policy_v1::LEADERBOARD_SUBJECT_UNIVERSITY,
        policy_v1::LEADERBOARD_SUBJECT_ENTERPRISE, policy_v1::LEADERBOARD_SUBJECT_UNIT}) {
    *pack.add_leaderboards() = Formula(subject, {{policy_v1::COUNTED_ITEM_NEW_PROJECT, 5, 0},
                                                 {policy_v1::COUNTED_ITEM_COMPLETED_PROJECT, 3, 2},
                                                 {policy_v1::COUNTED_ITEM_RESOLVED_PROBLEM, 1, 0},
                                                 {policy_v1::COUNTED_ITEM_ON_TIME_FORM, 2, 0}});
  }
  for (int round = 0; round < 20; ++round) {
    const LeaderboardInputs inputs = Random(random);
    const FrozenInputs frozen = Thaw(SnapshotOf(pack, inputs));
    EXPECT_EQ(CanonicalInputs(frozen.inputs), CanonicalInputs(inputs));
    const std::vector<v1::Board> boards = ComputeBoards(pack, inputs);
    const std::vector<v1::Board> again = ComputeBoards(frozen.pack, frozen.inputs);
    ASSERT_EQ(again.size(), boards.size());
    for (size_t i = 0; i < boards.size(); ++i) {
      EXPECT_EQ(again[i].SerializeAsString(), boards[i].SerializeAsString());
    }
  }
}

}  // namespace
}  // namespace chanyan::cycle
