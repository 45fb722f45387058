// What people put where their forms belong and what is not good: a form with a wrong header, one
// that is not there, a company's return that is cut short. Each is refused with its place, its
// university or enterprise counts as not reported, all else goes on to packages, ledgers and
// leaderboard; and once they are mended the same command brings them in (CYC-3, CYC-5, CYC-6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/quarter/quarter_walks.h"
#include "tests/support/suite/json.h"
#include "tests/support/suite/suite.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/plan.h"

namespace chanyan::e2e {
namespace {

using ::testing::HasSubstr;
using testing::Json;
using ::testing::Not;
using testing::Suite;

class QuarterRefusedTest : public QuarterWalks {
 protected:
  std::string In(const std::string& file) const { return absl::StrCat(dir_, "/in/", file); }
  void Write(const std::string& file, const std::string& bytes) {
    ASSERT_TRUE(demo::WriteFile(In(file), bytes).ok());
  }
  // Lines of refused.tsv about files where people put theirs.
  static std::vector<std::string> Refused(const Files& made) {
    std::vector<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(made.at("refused.tsv"), '\n')) {
      if (absl::StartsWith(line, "forms/") || absl::StartsWith(line, "returns/")) {
        lines.emplace_back(line);
      }
    }
    return lines;
  }
};

TEST_F(QuarterRefusedTest, ARefusedFormStopsNothingElseAndComesInOnceItIsMended) {
  std::vector<std::string> besides(std::begin(kBesideTheQuarter), std::end(kBesideTheQuarter));
  besides.insert(besides.end(), {"triage.tsv", "triage_accounts.tsv"});
  Seed({"--universities=4", "--platforms=8", "--companies=16", "--units=3", "--rows=32"}, besides);
  if (HasFatalFailure()) return;
  const absl::StatusOr<quarter::Plan> plan = quarter::LoadPlan(dir_ + "/in");
  ASSERT_TRUE(plan.ok()) << plan.status();

  // Wrong at a cell that is known.
  const auto wrong =
      std::find_if(plan->broken.begin(), plan->broken.end(), [](const quarter::BrokenPlan& one) {
        return one.list == quarter::BrokenList::kForm && !one.place.empty();
      });
  ASSERT_NE(wrong, plan->broken.end());
  const std::string wrong_form = absl::StrCat("forms/", wrong->university, ".xlsx");
  // Not there.
  const auto missing = std::find_if(
      plan->forms.begin(), plan->forms.end(),
      [&](const quarter::FormPlan& one) { return one.university != wrong->university; });
  ASSERT_NE(missing, plan->forms.end());
  const std::string missing_form = absl::StrCat("forms/", missing->university, ".xlsx");
  // Cut short, of a university whose form is good.
  std::string enterprise, cut_return;
  for (const quarter::ReturnPlan& one : plan->returns) {
    for (const std::string& university : one.universities) {
      if (university == wrong->university || university == missing->university) continue;
      enterprise = one.enterprise;
      cut_return = absl::StrCat("returns/", one.unit, "/", enterprise, "/", university, ".xlsx");
    }
  }
  ASSERT_FALSE(enterprise.empty());

  const std::string good_form = ReadFile(In(wrong_form)), lost_form = ReadFile(In(missing_form)),
                    good_return = ReadFile(In(cut_return));
  Write(wrong_form, ReadFile(In("broken/" + wrong->file)));
  std::filesystem::remove(In(missing_form));
  Write(cut_return, good_return.substr(0, good_return.size() / 2));

  Suite suite(NoQuarterOfItsOwn());
  const Files without = Walk(suite, "out", kFilesRefused);
  if (HasFailure()) return;
  const std::string said = ReadFile(log());
  EXPECT_THAT(said, HasSubstr(absl::StrCat("有 3 个文件被拒绝，所在单位计为未报送，其余已办完；见 ",
                                           dir_, "/out/refused.tsv")));
  EXPECT_THAT(said, HasSubstr("被拒绝的文件 3 个"));
  const std::vector<std::string> place = absl::StrSplit(wrong->place, " / ");
  ASSERT_EQ(place.size(), 2U);
  EXPECT_THAT(
      Refused(without),
      ::testing::UnorderedElementsAre(
          ::testing::AllOf(
              ::testing::StartsWith(absl::StrCat(wrong_form, "\t", place[0], "\t", place[1], "\t")),
              HasSubstr(wrong->words), ::testing::EndsWith("\t" + wrong->university)),
          // The column whose header is wrong is not there either.
          ::testing::AllOf(::testing::StartsWith(wrong_form + "\t"), HasSubstr("表头缺少必填列")),
          ::testing::AllOf(::testing::StartsWith(missing_form + "\t\t\t没有这个文件"),
                           ::testing::EndsWith("\t" + missing->university)),
          ::testing::AllOf(::testing::StartsWith(cut_return + "\t\t\t文件不完整或已损坏"),
                           ::testing::EndsWith("\t" + enterprise))));
  const Json before = Json::Parse(without.at("summary.json"));
  EXPECT_EQ(before.At("refused_files"), "3");
  EXPECT_EQ(before.At("conservation.conserved"), "true");
  EXPECT_EQ(before.At("punctuality.universities.expected"), "4");
  EXPECT_EQ(before.At("punctuality.universities.actual"), "2");
  EXPECT_TRUE(without.contains("leaderboard.xlsx") && without.contains("ledgers/secretariat.xlsx"));
  EXPECT_GE(before.Size("packages"), 1);
  const std::string package = absl::StrCat("packages/", enterprise, ".zip");
  EXPECT_FALSE(without.contains(package));

  // Nothing is mended: nothing changes.
  EXPECT_THAT(Differences(Walk(suite, "out", kFilesRefused), without), ::testing::IsEmpty());

  // One of them, then all.
  Write(cut_return, good_return);
  const Files with_return = Walk(suite, "out", kFilesRefused);
  EXPECT_THAT(Refused(with_return), ::testing::SizeIs(3)) << "two files";
  EXPECT_TRUE(with_return.contains(package));
  Write(wrong_form, good_form);
  Write(missing_form, lost_form);
  const Files whole = Walk(suite, "out");
  EXPECT_THAT(Refused(whole), ::testing::IsEmpty());
  EXPECT_THAT(ReadFile(log()), Not(HasSubstr("被拒绝的文件")));
  const Json after = Json::Parse(whole.at("summary.json"));
  EXPECT_EQ(after.At("refused_files"), "0");
  EXPECT_EQ(after.At("conservation.conserved"), "true");
  EXPECT_EQ(after.At("punctuality.universities.actual"), "4");
  EXPECT_EQ(after.At("punctuality.universities.on_time"),
            before.At("punctuality.universities.on_time"))
      << "what is late stays late";
  EXPECT_GT(std::stoi(after.At("conservation.rows")), std::stoi(before.At("conservation.rows")));
  EXPECT_NE(whole.at("leaderboard.json"), without.at("leaderboard.json"));

  EXPECT_THAT(Differences(Walk(suite, "out"), whole), ::testing::IsEmpty());
}

}  // namespace
}  // namespace chanyan::e2e
