// A version of the leaderboard as a file (CYC-8).
#include "services/cycle/leaderboard_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/sheet/workbook.h"
#include "common/time/timestamp.h"

namespace chanyan::cycle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// Two boards; on the second nobody stands.
v1::Leaderboard VersionWith(int entries) {
  v1::Leaderboard version;
  version.set_name("cycles/2025q2/leaderboards/v3");
  version.set_pack("demo@1");
  version.set_input_sha256("abc");
  *version.mutable_compute_time() = time::ToTimestamp(absl::FromUnixSeconds(1'747'200'000));
  v1::Board* board = version.add_boards();
  board->set_title("高校院所贡献度榜");
  board->set_formula("新增项目每个5分。");
  for (int i = 0; i < entries; ++i) {
    v1::LeaderboardEntry* entry = board->add_entries();
    // Both share the first place.
    entry->set_rank(1);
    entry->set_title(absl::StrCat("=高校", i));
    entry->set_score(100);
    v1::LeaderboardTerm* term = entry->add_terms();
    term->set_label("意向");
    term->set_count(27);
    term->set_counted(20);
    term->set_points(5);
    term->set_score(100);
  }
  version.add_boards()->set_title("科创平台新成果榜");
  return version;
}

std::string Written(const v1::Leaderboard& version, bool rehearsal = false) {
  const auto bytes = WriteLeaderboard(version, time::Quarter(2025, 2), rehearsal);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.value_or("");
}

std::vector<std::string> LinesOfSheet(const std::string& bytes, size_t index) {
  const auto book = sheet::ReadWorkbook(bytes, "榜单.xlsx");
  EXPECT_TRUE(book.ok()) << book.status();
  std::vector<std::string> lines;
  if (!book.ok() || index >= book->sheets.size()) return lines;
  for (const sheet::Row& row : book->sheets[index].rows) {
    lines.push_back(absl::StrJoin(
        row.cells, "|", [](std::string* out, const sheet::Cell& cell) { out->append(cell.text); }));
  }
  return lines;
}

TEST(LeaderboardSheetTest, AVersionWithoutBoardsStillOpens) {
  v1::Leaderboard version = VersionWith(0);
  version.clear_boards();
  EXPECT_THAT(LinesOfSheet(Written(version), 0), ElementsAre(HasSubstr("榜单")));
}

TEST(LeaderboardSheetTest, ABoardOnWhichNobodyStandsHasItsHeaders) {
  const std::vector<std::string> lines = LinesOfSheet(Written(VersionWith(1)), 1);
  ASSERT_THAT(lines, SizeIs(4));
  EXPECT_EQ(lines[3], "名次|名称|得分");
}

TEST(LeaderboardSheetTest, EachEntryHasWhatWasCountedWhatOfItCountsAndItsPoints) {
  const std::vector<std::string> lines = LinesOfSheet(Written(VersionWith(2)), 0);
  ASSERT_THAT(lines, SizeIs(6));
  EXPECT_EQ(lines[2], "计分办法：新增项目每个5分。");
  EXPECT_EQ(lines[3], "名次|名称|得分|意向（数量）|意向（计分数量）|意向（得分，每项5分）");
  EXPECT_EQ(lines[4], "1|=高校0|100|27|20|100") << "a name is no formula";
  EXPECT_EQ(lines[5], "1|=高校1|100|27|20|100");
}

TEST(LeaderboardSheetTest, WhatIsNotPublishedAndWhatIsARehearsalSaysSo) {
  v1::Leaderboard version = VersionWith(1);
  EXPECT_THAT(LinesOfSheet(Written(version), 0)[0], HasSubstr("（未发布）：高校院所贡献度榜"));
  *version.mutable_publish_time() = time::ToTimestamp(absl::FromUnixSeconds(1'747'290'000));
  const std::vector<std::string> published = LinesOfSheet(Written(version), 0);
  EXPECT_THAT(published[0], Not(HasSubstr("未发布")));
  EXPECT_THAT(published[1], HasSubstr("版本：v3"));
  EXPECT_THAT(published[1], HasSubstr("发布时间：2025年5月15日"));
  EXPECT_THAT(published[1], HasSubstr("数据摘要：abc"));
  EXPECT_THAT(LinesOfSheet(Written(version, true), 0)[0], HasSubstr("（演练或补录）"));
}

TEST(LeaderboardSheetTest, TheSameVersionIsTheSameBytesWhateverItsWindow) {
  v1::Leaderboard version = VersionWith(2);
  *version.mutable_publish_time() = time::ToTimestamp(absl::FromUnixSeconds(1'747'290'000));
  const std::string bytes = Written(version);
  *version.mutable_objection_deadline() = time::ToTimestamp(absl::FromUnixSeconds(1'748'000'000));
  version.set_objection_derivation("重新推算");
  version.set_etag("9");
  EXPECT_EQ(Written(version), bytes);
}

}  // namespace
}  // namespace chanyan::cycle
