// Lists of the secretariat that are not good: each is refused as a whole, with its cell, and what
// is registered goes through the quarter; without anything registered there is no quarter; and once
// they are mended the quarter has the bytes of one that had them right from the beginning (REG-10,
// CYC-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/digest.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "tests/e2e/quarter/quarter_walks.h"
#include "tests/support/suite/json.h"
#include "tests/support/suite/suite.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/plan.h"

namespace chanyan::e2e {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Json;
using ::testing::StartsWith;
using testing::Suite;

constexpr char kOrganizations[] = "organizations.xlsx";
constexpr char kPlatforms[] = "platforms.xlsx";
constexpr char kRoster[] = "roster.xlsx";

class QuarterListsTest : public QuarterWalks {
 protected:
  void SeedQuarter() {
    std::vector<std::string> besides(std::begin(kBesideTheQuarter), std::end(kBesideTheQuarter));
    besides.insert(besides.end(), {"triage.tsv", "triage_accounts.tsv"});
    Seed({"--universities=3", "--platforms=6", "--companies=12", "--units=3", "--rows=18"},
         besides);
    if (HasFatalFailure()) return;
    const absl::StatusOr<quarter::Plan> plan = quarter::LoadPlan(dir_ + "/in");
    ASSERT_TRUE(plan.ok()) << plan.status();
    plan_ = *plan;
  }
  std::string In(const std::string& file) const { return absl::StrCat(dir_, "/in/", file); }
  void Write(const std::string& file, const std::string& bytes) {
    ASSERT_TRUE(demo::WriteFile(In(file), bytes).ok());
  }
  // One of broken/ that is a list of this kind.
  quarter::BrokenPlan Broken(quarter::BrokenList list) const {
    for (const quarter::BrokenPlan& one : plan_.broken) {
      if (one.list == list) return one;
    }
    ADD_FAILURE() << "no such broken list";
    return {};
  }
  // Puts it where the good one belongs, and gives that back.
  std::string Spoil(const std::string& file, const quarter::BrokenPlan& broken) {
    std::string good = ReadFile(In(file));
    Write(file, ReadFile(In("broken/" + broken.file)));
    return good;
  }
  // "单位名录 / C3" as columns of refused.tsv.
  static std::string Place(const quarter::BrokenPlan& broken) {
    const std::vector<std::string> place = absl::StrSplit(broken.place, " / ");
    return place.size() == 2 ? absl::StrCat(place[0], "\t", place[1]) : "\t";
  }
  // Lines of refused.tsv that are not of broken/.
  static std::vector<std::string> Refused(const std::string& text) {
    std::vector<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      const std::vector<absl::string_view> cells = absl::StrSplit(line, '\t');
      if (cells.size() == 6 && cells[0] != "file" && cells[4].empty()) lines.emplace_back(line);
    }
    return lines;
  }
  std::string LastLine() const {
    const std::vector<std::string> lines = absl::StrSplit(ReadFile(log()), '\n', absl::SkipEmpty());
    return lines.empty() ? "" : lines.back();
  }
  // The list without those rows.
  template <class T, class Drop>
  void Without(const std::string& file, Drop drop) {
    const auto book = sheet::ReadWorkbook(ReadFile(In(file)), file);
    ASSERT_TRUE(book.ok()) << book.status();
    std::vector<T> rows;
    size_t dropped = 0;
    for (const auto& [row, number] : sheet::ReadTable<T>(*book, *book->FirstVisible()).rows) {
      if (drop(row)) {
        ++dropped;
      } else {
        rows.push_back(row);
      }
    }
    ASSERT_GT(dropped, 0U) << file;
    sheet::Writer writer({.created = absl::UnixEpoch(), .title = file});
    sheet::WriteTable(writer, book->FirstVisible()->name, T::descriptor(), rows, {});
    const absl::StatusOr<std::string> bytes = std::move(writer).Finish();
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    Write(file, *bytes);
  }
  static std::string TitleOf(const std::string& file, const std::string& id) {
    const auto book = sheet::ReadWorkbook(ReadFile(file), "organizations.xlsx");
    if (!book.ok()) return "";
    for (const auto& [row, number] :
         sheet::ReadTable<registry::v1::Organization>(*book, *book->FirstVisible()).rows) {
      if (absl::AsciiStrToLower(row.unified_social_credit_code()) == id ||
          api::DigestId("o", row.display_name()) == id) {
        return row.display_name();
      }
    }
    return "";
  }

  quarter::Plan plan_;
};

TEST_F(QuarterListsTest, WithoutAnythingRegisteredThereIsNoQuarterAndAfterwardsTheQuarterGoesOn) {
  SeedQuarter();
  if (HasFatalFailure()) return;
  Files straight;
  {
    Suite suite(NoQuarterOfItsOwn());
    straight = Walk(suite, "straight");
    if (HasFailure()) return;
  }
  Suite suite(NoQuarterOfItsOwn());
  const quarter::BrokenPlan bad_organizations = Broken(quarter::BrokenList::kOrganizations);
  const std::string organizations = Spoil(kOrganizations, bad_organizations);
  // Nor a roster that can be read.
  const std::string roster = ReadFile(In(kRoster));
  Write(kRoster, roster.substr(0, roster.size() / 2));
  Walk(suite, "out", kFailed);
  EXPECT_THAT(LastLine(), AllOf(StartsWith("organizations.xlsx 被拒绝，而名录中还没有任何单位"),
                                HasSubstr("refused.tsv")));
  const std::string refused_path = dir_ + "/out/refused.tsv";
  EXPECT_THAT(
      Refused(ReadFile(refused_path)),
      Contains(AllOf(StartsWith(absl::StrCat(kOrganizations, "\t", Place(bad_organizations), "\t")),
                     HasSubstr(bad_organizations.words), EndsWith("\t"))));

  // Now there are organizations, and no platform.
  Write(kOrganizations, organizations);
  const quarter::BrokenPlan bad_platforms = Broken(quarter::BrokenList::kPlatforms);
  const std::string platforms = Spoil(kPlatforms, bad_platforms);
  Walk(suite, "out", kFailed);
  EXPECT_THAT(LastLine(), StartsWith("platforms.xlsx 被拒绝，而还没有任何已发布的科创平台"));
  const std::vector<std::string> now_refused = Refused(ReadFile(refused_path));
  EXPECT_THAT(now_refused,
              Contains(AllOf(StartsWith(absl::StrCat(kPlatforms, "\t", Place(bad_platforms), "\t")),
                             HasSubstr(bad_platforms.words))));
  EXPECT_THAT(now_refused, ::testing::Each(::testing::Not(StartsWith(kOrganizations))));

  // A bad list of those that are registered already, and no roster.
  Write(kPlatforms, platforms);
  Spoil(kOrganizations, bad_organizations);
  const Files without = Walk(suite, "out", kFilesRefused);
  if (HasFailure()) return;
  EXPECT_THAT(Refused(without.at("refused.tsv")),
              ::testing::ElementsAre(
                  StartsWith(absl::StrCat(kOrganizations, "\t", Place(bad_organizations), "\t")),
                  StartsWith("roster.xlsx\t\t\t文件不完整或已损坏")));
  EXPECT_THAT(LastLine(), HasSubstr("有 2 个文件被拒绝，其中名录 2 份"));
  const Json summary = Json::Parse(without.at("summary.json"));
  EXPECT_EQ(summary.At("conservation.conserved"), "true");
  EXPECT_EQ(summary.At("coverage.roster_date"), "") << "nobody knows of how many";
  EXPECT_THAT(ReadFile(log()), HasSubstr("企业名册没有导入，未统计"));
  EXPECT_EQ(without.at("leaderboard.json"), straight.at("leaderboard.json"));

  // Nothing is mended: nothing changes.
  EXPECT_THAT(Differences(Walk(suite, "out", kFilesRefused), without), IsEmpty());

  Write(kOrganizations, organizations);
  Write(kRoster, roster);
  EXPECT_THAT(Differences(Walk(suite, "out"), straight), IsEmpty());
  EXPECT_THAT(Differences(Walk(suite, "out"), straight), IsEmpty());
}

TEST_F(QuarterListsTest, WhatIsOfNobodyRegisteredIsRefusedAndTheRestGoesOn) {
  SeedQuarter();
  if (HasFatalFailure()) return;
  const quarter::FormPlan& form = plan_.forms.back();
  const auto given =
      std::find_if(plan_.returns.begin(), plan_.returns.end(), [&](const quarter::ReturnPlan& one) {
        return one.universities.size() == 1 && one.universities[0] != form.university;
      });
  ASSERT_NE(given, plan_.returns.end());
  const std::string university = TitleOf(In(kOrganizations), form.university);
  const std::string enterprise = TitleOf(In(kOrganizations), given->enterprise);
  ASSERT_FALSE(university.empty() || enterprise.empty());
  Without<registry::v1::Organization>(kOrganizations, [&](const auto& row) {
    return row.display_name() == university || row.display_name() == enterprise;
  });
  Without<registry::v1::Platform>(
      kPlatforms, [&](const auto& row) { return row.organization_title() == university; });
  Without<pairing::v1::RosterEntry>(
      kRoster, [&](const auto& row) { return row.enterprise_title() == enterprise; });
  std::filesystem::remove(In("instruments.xlsx"));

  Suite suite(NoQuarterOfItsOwn());
  const Files made = Walk(suite, "out", kFilesRefused);
  if (HasFailure()) return;
  const std::vector<std::string> refused = Refused(made.at("refused.tsv"));
  EXPECT_THAT(refused,
              Contains(AllOf(StartsWith(absl::StrCat("forms/", form.university, ".xlsx")),
                             HasSubstr("该单位不在单位名录中"), EndsWith("\t" + form.university))));
  const std::string file = absl::StrCat("returns/", given->unit, "/", given->enterprise, "/",
                                        given->universities[0], ".xlsx");
  EXPECT_THAT(refused, Contains(AllOf(StartsWith(file), HasSubstr("该企业不在单位名录中"),
                                      EndsWith("\t" + given->enterprise))));
  // A form that names it is refused at its cell.
  EXPECT_THAT(refused,
              Contains(AllOf(StartsWith(absl::StrCat("forms/", given->universities[0], ".xlsx\t")),
                             EndsWith("\t" + given->universities[0]))));
  EXPECT_EQ(Json::Parse(made.at("summary.json")).At("conservation.conserved"), "true");
  EXPECT_TRUE(made.contains("leaderboard.json"));
  EXPECT_THAT(Differences(Walk(suite, "out", kFilesRefused), made), IsEmpty());
}

}  // namespace
}  // namespace chanyan::e2e
