// The directory of a quarter, read: no broken file goes by unasked (CYC-3, REG-10).
#include "tools/quarter_program/plan.h"

#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/demo/tsv.h"

namespace chanyan::quarter {
namespace {

using ::testing::HasSubstr;

constexpr char kHead[] = "file\tlist\tuniversity\tenterprise\tplace\twords\treason\n";

class BrokenPlanTest : public ::testing::Test {
 protected:
  BrokenPlanTest() : dir_(absl::StrCat(::testing::TempDir(), "/plan-", getpid())) {
    std::filesystem::remove_all(dir_);
    Write("plan/accounts.tsv",
          "login\torganization\trole\ttitle\n"
          "office\to1\tROLE_SECRETARIAT\t秘书处\n"
          "oucas\to2\tROLE_RESEARCH_OFFICE\t大学\n"
          "town\to3\tROLE_UNIT\t镇\n");
    Write("plan/forms.tsv", "university\tmode\treason\no2\ton_time\t\n");
    Write("plan/returns.tsv", "enterprise\tunit\tby\twhen\no4\to3\tunit\ton_time\n");
    Write("plan/events.tsv",
          "id\tkind\ttitle\tday\thour\tplace\tcontent\toutcome\toutcomes\tsummary\n");
    Write("plan/reasons.tsv", "part\ttext\n");
  }
  ~BrokenPlanTest() override { std::filesystem::remove_all(dir_); }

  void Write(const std::string& file, const std::string& text) {
    ASSERT_TRUE(demo::WriteFile(absl::StrCat(dir_, "/", file), text).ok());
  }
  // With this expected of a.xlsx, what is wrong: "place：words", or empty.
  std::string Wrong(const std::string& line) {
    Write("broken/expected.tsv", absl::StrCat(kHead, line));
    return Wrong();
  }
  std::string Wrong() {
    const absl::StatusOr<Plan> plan = LoadPlan(dir_);
    if (plan.ok()) return "";
    const auto violations = status::ViolationsOf(plan.status());
    if (violations.empty()) return std::string(plan.status().message());
    return absl::StrCat(violations[0].field, "：", violations[0].description);
  }

  const std::string dir_;
};

TEST_F(BrokenPlanTest, ADirectoryMayHaveNoBrokenFile) { EXPECT_EQ(Wrong(), ""); }

TEST_F(BrokenPlanTest, ABrokenFileOfWhichNothingIsExpectedIsAnError) {
  Write("broken/a.xlsx", "");
  EXPECT_THAT(Wrong(), HasSubstr("broken/expected.tsv：没有写明坏文件“a.xlsx”"));
  EXPECT_THAT(Wrong(""), HasSubstr("没有写明坏文件“a.xlsx”"));
  EXPECT_EQ(Wrong("a.xlsx\tform\to2\t\t季度报表 / C3\t表头\t表头写错\n"), "");
  Write("broken/b.csv", "");
  EXPECT_THAT(Wrong(), HasSubstr("没有写明坏文件“b.csv”"));
}

TEST_F(BrokenPlanTest, WhatIsExpectedOfNoFileIsAnError) {
  EXPECT_THAT(Wrong("a.xlsx\troster\t\t\t\t表头\t表头写错\n"), HasSubstr("没有坏文件“a.xlsx”"));
}

TEST_F(BrokenPlanTest, AnExpectationThatAnyRefusalMeetsIsAnError) {
  Write("broken/a.xlsx", "");
  EXPECT_THAT(Wrong("a.xlsx\tform\to2\t\t季度报表 / C3\t\t表头写错\n"),
              HasSubstr("expected.tsv:2：请写明拒绝的理由"));
  EXPECT_THAT(Wrong("a.xlsx\tform\to2\t\t季度报表 / C3\t表头\t\n"),
              HasSubstr("expected.tsv:2：请写明文件错在哪里"));
  EXPECT_THAT(Wrong("a.xlsx\tledger\to2\t\t\t表头\t表头写错\n"), HasSubstr("“list”不能是“ledger”"));
  const std::string line = "a.xlsx\torganizations\t\t\t\t表头\t表头写错\n";
  EXPECT_THAT(Wrong(line + line), HasSubstr("坏文件“a.xlsx”重复"));
}

TEST_F(BrokenPlanTest, WhoHandsItInMustHaveAnAccount) {
  Write("broken/a.xlsx", "");
  EXPECT_THAT(Wrong("a.xlsx\tform\to9\t\t\t表头\t表头写错\n"), HasSubstr("科研管理部门账号"));
  EXPECT_THAT(Wrong("a.xlsx\treturn\to2\to9\t\t表头\t表头写错\n"), HasSubstr("没有报送人"));
  EXPECT_EQ(Wrong("a.xlsx\treturn\to2\to4\t\t表头\t表头写错\n"), "");
}

TEST_F(BrokenPlanTest, WhatIsNoSheetAmongReturnsIsSeen) {
  Write("returns/o3/o4/o2.xlsx", "a sheet");
  Write("returns/o3/o4/o5.csv", "a list");
  Write("returns/o3/o4/~$o2.xlsx", "a lock");
  Write("returns/o3/o4/.o2.swp", "hidden");
  const absl::StatusOr<Plan> plan = LoadPlan(dir_);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->returns.size(), 1U);
  EXPECT_THAT(plan->returns[0].universities, ::testing::ElementsAre("o2"));
  EXPECT_THAT(plan->returns[0].strays, ::testing::ElementsAre("o5.csv"));
}

}  // namespace
}  // namespace chanyan::quarter
