// A small quarter, walked by chanyan-quarter through the gateway of two suites that know nothing of
// each other, on the second of which it is killed in the middle of each step: what it makes is the
// same byte for byte, nothing stands twice in any table, and walked once more it changes nothing
// (CYC-2 to CYC-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/database.h"
#include "tests/e2e/quarter/quarter_walks.h"
#include "tests/support/suite/json.h"
#include "tests/support/suite/suite.h"

namespace chanyan::e2e {
namespace {

using ::testing::HasSubstr;
using testing::Suite;

constexpr absl::Duration kPoll = absl::Milliseconds(2);
constexpr int kKilled = 128 + SIGKILL;

// Whose tables hold the quarter.
constexpr const char* kServices[] = {"registry", "pairing", "cycle"};
// Who works, how far he has read, and what he keeps for a while or copies in his own time: not what
// happened.
const std::set<std::string>& Workings() {
  static const auto& workings = *new std::set<std::string>{"lease", "cursor", "person"};
  return workings;
}

using Counts = std::map<std::string, int64_t>;

// Rows by service and table.
Counts RowsOf(Suite& suite) {
  Counts counts;
  for (const char* service : kServices) {
    const auto db = db::Database::Open(suite.DatabaseOf(service)).value();
    const absl::Status read = db->Read([&](db::Session& session) -> absl::Status {
      const auto tables = session.Query(
          "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()");
      if (!tables.ok()) return tables.status();
      for (const db::Values& row : tables->rows) {
        const std::string& table = std::get<std::string>(row[0]);
        if (Workings().contains(table)) continue;
        const auto rows = session.Query(absl::StrCat("SELECT COUNT(*) FROM `", table, "`"));
        if (!rows.ok()) return rows.status();
        counts[absl::StrCat(service, ".", table)] = std::get<int64_t>(rows->rows.at(0).at(0));
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
  }
  return counts;
}

std::string InWords(const Counts& a, const Counts& b) {
  std::string words;
  for (const std::string& name : Differences(a, b)) {
    const auto here = a.find(name), there = b.find(name);
    absl::StrAppend(&words, name, ": ", here == a.end() ? -1 : here->second, " / ",
                    there == b.end() ? -1 : there->second, "\n");
  }
  return words;
}

class QuarterTwiceTest : public QuarterWalks {
 protected:
  // Three universities, of which one is late and one is sent back, and what they have to do with.
  void SeedQuarter() {
    std::vector<std::string> besides(std::begin(kBesideTheQuarter), std::end(kBesideTheQuarter));
    besides.insert(besides.end(), {"triage.tsv", "triage_accounts.tsv"});
    Seed({"--universities=3", "--platforms=6", "--companies=12", "--units=3", "--rows=18"},
         besides);
  }

  // Behind the names of the columns.
  static int LinesOf(const Files& made, const std::string& list) {
    const std::string& lines = made.at(list);
    return static_cast<int>(std::count(lines.begin(), lines.end(), '\n')) - 1;
  }

  // Walks until it says `words`, and is killed.
  void KillAt(Suite& suite, const std::string& name, const std::string& words) {
    const auto walk = Start(suite, name);
    const absl::Time patience = absl::Now() + kLongest;
    while (!absl::StrContains(ReadFile(log()), words)) {
      ASSERT_TRUE(walk->Running() && absl::Now() < patience) << "it never said " << words << "\n"
                                                             << ReadFile(log());
      absl::SleepFor(kPoll);
    }
    walk->Signal(SIGKILL);
    ASSERT_EQ(walk->Wait(kLongest), kKilled) << "it was over before " << words;
  }
};

TEST_F(QuarterTwiceTest, TheSameQuarterTwiceIsTheSameBytesAndNothingTwice) {
  SeedQuarter();
  if (HasFatalFailure()) return;
  Files straight;
  Counts rows;
  {
    Suite suite(NoQuarterOfItsOwn());
    straight = Walk(suite, "straight");
    if (HasFailure()) return;
    const std::string said = ReadFile(log());
    for (const char* act : {"推演：",
                            "科创平台“",
                            "争议：",
                            "提前结束：",
                            "延期至",
                            "发至科创平台 ",
                            "演练不催报",
                            "打包报送，已开始",
                            "打包报送 100%",
                            "秘书处退回企业包 ",
                            "企业逾期填报，被拒绝：",
                            "责任单位许可逾期补报：",
                            "按现行日历（",
                            "）成立：",
                            "）不成立：",
                            "）已撤回",
                            "榜单更正为 v2",
                            "榜单复算：已发布 2 版，逐字节一致",
                            "的填报部分自填：",
                            "公众异议（",
                            "异议期（",
                            "后台办理 "}) {
      EXPECT_THAT(said, HasSubstr(act));
    }
    EXPECT_THAT(said, ::testing::Not(HasSubstr("打包报送："))) << "a stream of progress broke off";
    EXPECT_THAT(straight.at("summary.json"), HasSubstr("\"conserved\": true"));
    int packages = 0, ledgers = 0;
    for (const auto& [path, bytes] : straight) {
      EXPECT_FALSE(bytes.empty()) << path;
      packages += absl::StartsWith(path, "packages/") ? 1 : 0;
      ledgers += absl::StartsWith(path, "ledgers/") ? 1 : 0;
    }
    EXPECT_GE(packages, 5);
    EXPECT_GE(ledgers, 4);
    EXPECT_TRUE(straight.contains("leaderboard.json") && straight.contains("leaderboard.xlsx"));
    // One line each, and the names of the columns.
    const auto summary = testing::Json::Parse(straight.at("summary.json"));
    for (const char* list : {"events", "problems"}) {
      const std::string& lines = straight.at(absl::StrCat(list, ".tsv"));
      const auto count = std::count(lines.begin(), lines.end(), '\n') - 1;
      EXPECT_GT(count, 0) << list;
      EXPECT_EQ(absl::StrCat(count), summary.At(list));
      EXPECT_THAT(said, HasSubstr(absl::StrCat("在 ", list, ".tsv")));
    }
    // What went back, came by leave, was objected to, and the province's sixteen tasks.
    EXPECT_EQ(LinesOf(straight, "objections.tsv"), 4);
    EXPECT_THAT(straight.at("objections.tsv"), HasSubstr("\t公众\t"));
    EXPECT_EQ(LinesOf(straight, "windows.tsv"), 2);
    EXPECT_THAT(straight.at("windows.tsv"), HasSubstr("v1\t已更正\t"));
    // What was taken away: each unit's packages in one file, each university's form, and lists.
    EXPECT_GE(LinesOf(straight, "bundles.tsv"), 1);
    EXPECT_THAT(straight, ::testing::Contains(::testing::Key(::testing::StartsWith("forms/"))));
    EXPECT_GE(LinesOf(straight, "sheets.tsv"), 8);
    EXPECT_THAT(straight.at("sheets.tsv"),
                ::testing::AllOf(HasSubstr("期限表\t"), HasSubstr("参会名单\t"),
                                 HasSubstr("异议台账 v2\t"), HasSubstr("溯源记录：")));
    EXPECT_THAT(straight.at("objections.tsv"), HasSubstr("\t成立\t"));
    EXPECT_THAT(straight.at("leaderboard.json"), HasSubstr("/leaderboards/v2\""));
    EXPECT_GE(LinesOf(straight, "exceptions.tsv"), 2);
    EXPECT_THAT(straight.at("exceptions.tsv"),
                ::testing::AllOf(HasSubstr("\n高校院所\t"), HasSubstr("\n企业\t")));
    // A form, a package to its unit, and its forms to the enterprise.
    EXPECT_GE(LinesOf(straight, "sent_back.tsv"), 3);
    EXPECT_EQ(LinesOf(straight, "campaigns.tsv"), 11);
    EXPECT_THAT(straight.at("campaigns.tsv"), HasSubstr("原定2024-05-01至2024-06-30，"));
    EXPECT_EQ(LinesOf(straight, "tasks.tsv"), 16);
    EXPECT_THAT(straight.at("tasks.tsv"), HasSubstr("\t已完成\t"));
    for (const char* list :
         {"objections", "sent_back", "campaigns", "tasks", "bundles", "sheets"}) {
      EXPECT_EQ(absl::StrCat(LinesOf(straight, absl::StrCat(list, ".tsv"))), summary.At(list));
    }
    EXPECT_THAT(said, HasSubstr("结对覆盖率（名册基准日2025年4月1日，统计时点（演练时钟）2025-"));
    EXPECT_EQ(summary.At("coverage.roster_date"), "2025-04-01");
    rows = RowsOf(suite);
    EXPECT_GT(rows["cycle.form_row"], 0);

    const Files again = Walk(suite, "straight");
    EXPECT_THAT(Differences(straight, again), ::testing::IsEmpty());
    EXPECT_EQ(InWords(rows, RowsOf(suite)), "");
  }
  Suite suite(NoQuarterOfItsOwn());
  // When a platform has handed in its part, a form is sent back, rows are with the units, packing
  // is under way, a package has come again, an enterprise has leave, rows are back at the
  // universities, an event is over, before the board, and when it was objected to.
  for (const char* words : {"科创平台“", "秘书处退回 ", "发至责任单位 ", "第3步",
                            "打包报送，已开始", "秘书处退回企业包 ", "责任单位许可逾期补报：",
                            "返回高校院所 ", "：到会 ", "第6步", "榜单异议（"}) {
    KillAt(suite, "killed", words);
    if (HasFatalFailure()) return;
  }
  const Files resumed = Walk(suite, "killed");
  EXPECT_THAT(Differences(straight, resumed), ::testing::IsEmpty());
  EXPECT_EQ(InWords(rows, RowsOf(suite)), "");
}

}  // namespace
}  // namespace chanyan::e2e
