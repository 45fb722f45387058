// Boards of a quarter: computed, published, corrected, computed again, and as a file (CYC-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/digest.h"
#include "common/auth/scope.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/ids.h"
#include "tests/service/cycle/outputs_world.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_SECRETARIAT;
using ::testing::HasSubstr;

class LeaderboardTest : public OutputsTest {};

TEST_F(LeaderboardTest, ALeaderboardIsRefusedBeforeTheSixthWeek) {
  UntilEnterprises();
  EXPECT_EQ(status::ReasonOf(Compute().status()), options::v1::ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(LeaderboardTest, TheSameInputsMakeNoSecondVersion) {
  UntilSixthWeek();
  const auto first = Compute();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->name(), absl::StrCat(kCycle, "/leaderboards/v1"));
  ASSERT_EQ(first->boards_size(), 3);
  ASSERT_EQ(first->boards(0).entries_size(), 2);
  const v1::LeaderboardEntry& best = first->boards(0).entries(0);
  // One new project, two enterprises, one in progress, one intent, on time.
  EXPECT_EQ(best.subject(), kOuc);
  EXPECT_EQ(best.title(), "海洋大学（演示）");
  EXPECT_EQ(best.score(), 5 + 2 * 3 + 2 + 1 + 5) << best.DebugString();
  EXPECT_THAT(first->boards(2).formula(), HasSubstr("解决痛点难点每个1分"));
  const auto second = Compute();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(world_.Count("leaderboard"), 1);
  // One of before snapshots were kept has one when it is found to be the same.
  world_.database.Apply("DELETE FROM leaderboard_snapshot");
  ASSERT_TRUE(Compute().ok());
  const auto replayed = Replay(first->name());
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_TRUE(replayed->same());
}

TEST_F(LeaderboardTest, ProblemsThatWereResolvedInTheQuarterCountForTheUnitOfTheirProject) {
  const auto add = [&](const std::string& id, const std::string& unit,
                       pairing::v1::ProblemState state, absl::Time when) {
    pairing::v1::Problem problem;
    problem.set_name(absl::StrCat("projects/p0/problems/", id));
    problem.set_unit(unit);
    problem.set_enterprise(World::Enterprise(0));
    problem.set_content("缺少中试场地");
    problem.set_state(state);
    *problem.mutable_resolve_time() = time::ToTimestamp(when);
    world_.fakes.Add(problem);
  };
  using namespace pairing::v1;  // NOLINT: the states alone
  // From the first second of the quarter to its last.
  add("a", kTown, PROBLEM_STATE_RESOLVED, InChina(4, 1, 0));
  add("b", kTown, PROBLEM_STATE_CLOSED, InChina(5, 9));
  add("c", kTown, PROBLEM_STATE_CLOSED, InChina(6, 30, 23, 59, 59));
  add("d", kZone, PROBLEM_STATE_CLOSED, InChina(5, 9));
  add("e", kZone, PROBLEM_STATE_CLOSED, InChina(3, 31, 23, 59, 59));
  add("f", kZone, PROBLEM_STATE_CLOSED, InChina(7, 1, 0));
  add("g", kZone, PROBLEM_STATE_ASSIGNED, InChina(5, 9));
  UntilSixthWeek();
  const auto version = Compute();
  ASSERT_TRUE(version.ok()) << version.status();
  std::vector<std::string> counted;
  for (const v1::LeaderboardEntry& entry : version->boards(2).entries()) {
    for (const v1::LeaderboardTerm& term : entry.terms()) {
      if (term.item() != policy::v1::COUNTED_ITEM_RESOLVED_PROBLEM) continue;
      counted.push_back(absl::StrCat(entry.subject(), " ", term.count(), " ", term.score()));
    }
  }
  EXPECT_THAT(counted, ::testing::UnorderedElementsAre(absl::StrCat(kTown, " 3 3"),
                                                       absl::StrCat(kZone, " 1 1")));

  // What becomes of the problems since is another version's.
  add("d", kZone, PROBLEM_STATE_OPEN, InChina(5, 9));
  const auto replayed = Replay(version->name());
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_TRUE(replayed->same()) << replayed->DebugString();
  EXPECT_EQ(replayed->boards(2).SerializeAsString(), version->boards(2).SerializeAsString());
  EXPECT_EQ(Compute()->name(), absl::StrCat(kCycle, "/leaderboards/v2"));
  // Without its problems it is not what was kept.
  world_.database.Apply("UPDATE leaderboard_snapshot SET problems = NULL");
  EXPECT_FALSE(Replay(version->name())->same());
}

TEST_F(LeaderboardTest, ProblemsAreAskedForByTheServiceWhoeverAsksForTheBoard) {
  UntilSixthWeek();
  v1::ComputeLeaderboardRequest request;
  request.set_parent(kCycle);
  rpc::Call call = world_.CallOf("ComputeLeaderboard", ROLE_SECRETARIAT, kSecretariat);
  // Pairing shows them no problems.
  call.bearer = "ROLE_BROKER";
  const auto board = world_.service->ComputeLeaderboard(call, request);
  EXPECT_TRUE(board.ok()) << board.status();
  EXPECT_EQ(world_.Count("leaderboard"), 1);
}

TEST_F(LeaderboardTest, PublishedVersionsArePublicAndStayWhenCorrected) {
  UntilSixthWeek();
  const auto first = Compute();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(absl::IsNotFound(Seen(first->name()).status()));
  ASSERT_TRUE(Publish(first->name()).ok());
  EXPECT_EQ(status::ReasonOf(Publish(first->name()).status()),
            options::v1::ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(Seen(first->name()).ok());

  // The registry renames a unit that is ranked.
  world_.fakes.At(kTown).set_display_name("古镇口街道办（演示）");
  const auto corrected = Compute();
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_EQ(corrected->name(), absl::StrCat(kCycle, "/leaderboards/v2"));
  EXPECT_NE(corrected->input_sha256(), first->input_sha256());
  ASSERT_TRUE(Publish(corrected->name()).ok());
  EXPECT_EQ(Seen(first->name())->boards(2).DebugString(), first->boards(2).DebugString());
  v1::ListLeaderboardsRequest request;
  request.set_parent(kCycle);
  rpc::Call call = world_.CallOf("ListLeaderboards", ROLE_SECRETARIAT, kSecretariat);
  call.principal = {};
  const auto listed = world_.service->ListLeaderboards(call, request);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->leaderboards_size(), 2);
  EXPECT_EQ(listed->leaderboards(1).name(), corrected->name());
}

TEST_F(LeaderboardTest, AVersionIsComputedAgainFromWhatWasFrozenWithIt) {
  UntilSixthWeek();
  const auto version = Compute();
  ASSERT_TRUE(version.ok()) << version.status();
  // Everything that it was computed from changes.
  world_.database.Apply("UPDATE form_row SET category = 'INTENT', enterprise_title = '改名的'");
  world_.database.Apply("UPDATE enterprise_return SET on_time = 0");
  world_.fakes.At(kTown).set_display_name("古镇口街道办（演示）");
  const auto replayed = Replay(version->name());
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_TRUE(replayed->same()) << replayed->DebugString();
  EXPECT_EQ(replayed->input_sha256(), version->input_sha256());
  ASSERT_EQ(replayed->boards_size(), version->boards_size());
  for (int i = 0; i < version->boards_size(); ++i) {
    EXPECT_EQ(replayed->boards(i).SerializeAsString(), version->boards(i).SerializeAsString());
  }

  // A version that says something else than its inputs, and inputs that are not those of the
  // version.
  world_.database.Apply(
      "UPDATE leaderboard SET boards = REPLACE(boards, '海洋大学（演示）', '别的大学（演示）')");
  const auto forged = Replay(version->name());
  ASSERT_TRUE(forged.ok()) << forged.status();
  EXPECT_FALSE(forged->same());
  EXPECT_THAT(forged->differences(), ::testing::Contains(HasSubstr("与复算结果不一致")));
  world_.database.Apply("UPDATE leaderboard SET input_sha256 = REPEAT('0', 64)");
  EXPECT_THAT(Replay(version->name())->differences(),
              ::testing::Contains(HasSubstr("快照可能被改动")));

  // One of before snapshots were kept.
  world_.database.Apply("DELETE FROM leaderboard_snapshot");
  const auto without = Replay(version->name());
  EXPECT_EQ(status::ReasonOf(without.status()), options::v1::ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(absl::IsNotFound(Replay(absl::StrCat(kCycle, "/leaderboards/v9")).status()));
}

TEST_F(LeaderboardTest, AVersionIsASheetWithWhatMadeEachScoreTheSameBytesForEver) {
  const auto file = [&](const std::string& name, bool secretariat) {
    v1::ExportLeaderboardRequest request;
    request.set_name(name);
    rpc::Call call = world_.CallOf("ExportLeaderboard", ROLE_SECRETARIAT, kSecretariat);
    if (!secretariat) call.principal = {};
    return world_.service->ExportLeaderboard(call, request);
  };
  UntilSixthWeek();
  const auto version = Compute();
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_TRUE(absl::IsNotFound(file(absl::StrCat(kCycle, "/leaderboards/v9"), true).status()));
  EXPECT_TRUE(absl::IsNotFound(file(version->name(), false).status())) << "not published yet";
  const auto draft = file(version->name(), true);
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_THAT(LinesOf(*draft).front(), HasSubstr("（未发布）"));

  ASSERT_TRUE(Publish(version->name()).ok());
  const auto published = file(version->name(), false);
  ASSERT_TRUE(published.ok()) << published.status();
  const std::vector<std::string> lines = LinesOf(*published);
  EXPECT_THAT(lines[0], HasSubstr("榜单（2025年第二季度）（演练或补录）：高校院所贡献度榜"));
  EXPECT_THAT(lines[1], HasSubstr(version->input_sha256()));
  EXPECT_THAT(lines[2], HasSubstr(version->boards(0).formula()));
  EXPECT_THAT(lines[3], HasSubstr("名次|名称|得分|新增"));
  // One new project of five points, two enterprises of three.
  EXPECT_THAT(lines[4], HasSubstr("1|海洋大学（演示）|19|1|1|5|"));
  ASSERT_EQ(lines.size(), 4u + static_cast<size_t>(version->boards(0).entries_size()));

  // Whatever becomes of what it was computed from, of the window and of the clock.
  world_.database.Apply("UPDATE form_row SET category = 'INTENT'");
  world_.database.Apply("UPDATE leaderboard SET objection_deadline = '2025-06-01 00:00:00'");
  ASSERT_TRUE(world_.MoveTo(InChina(6, 20)).ok());
  world_.clock.now += absl::Hours(30);
  EXPECT_EQ(file(version->name(), true)->data(), published->data());
}

}  // namespace
}  // namespace chanyan::cycle
