// The work list of unpaired enterprises with the platforms that fit them (PAIR-6, REG-6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/discovery_world.h"

namespace chanyan::pairing {
namespace {

using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kListing[] = "CoverageService.ListUnpairedEnterprises";

class UnpairedSuggestionsTest : public ::testing::Test, protected DiscoveryWorld {
 protected:
  UnpairedSuggestionsTest()
      : coverage(CoverageService::Deps{{database.db(), clock, nullptr}, *pack, advice.get()}) {}
  void SetUp() override {
    const auto roster = ImportRoster({EntryOf(1), EntryOf(2), EntryOf(3)});
    ASSERT_TRUE(roster.ok()) << roster.status();
  }
  v1::ListUnpairedEnterprisesResponse List(const rpc::Call& call = As(ROLE_SECRETARIAT, "",
                                                                      kListing)) {
    const auto page = coverage.ListUnpairedEnterprises(call, {});
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? *page : v1::ListUnpairedEnterprisesResponse();
  }
  static std::vector<std::string> PlatformsOf(const v1::ListUnpairedEnterprisesResponse& page,
                                              const std::string& enterprise) {
    std::vector<std::string> platforms;
    for (const v1::UnpairedEnterprise& row : page.enterprises()) {
      if (row.enterprise() != enterprise) continue;
      for (const v1::Suggestion& suggestion : row.suggestions()) {
        platforms.push_back(suggestion.platform());
      }
    }
    return platforms;
  }

  CoverageService coverage;
};

TEST_F(UnpairedSuggestionsTest, AreThoseThatTheEnterpriseWouldBeGivenItself) {
  PublishRequest(1, "腐蚀防护（演示）", "海洋药物中试");
  PublishRequest(2, "低空装备检测（演示）", "");
  const v1::ListUnpairedEnterprisesResponse page = List();
  ASSERT_EQ(page.enterprises_size(), 3);
  EXPECT_EQ(time::ToTime(page.suggestions_as_of()), advice->as_of());
  for (const v1::UnpairedEnterprise& row : page.enterprises()) {
    v1::RecommendPlatformsRequest request;
    request.set_subject(row.enterprise());
    request.set_max_results(3);
    const auto alone = discovery->RecommendPlatforms(Call(ROLE_SECRETARIAT, ""), request);
    ASSERT_TRUE(alone.ok()) << alone.status();
    ASSERT_EQ(row.suggestions_size(), alone->suggestions_size()) << row.enterprise();
    for (int i = 0; i < row.suggestions_size(); ++i) {
      EXPECT_EQ(row.suggestions(i).SerializeAsString(), alone->suggestions(i).SerializeAsString());
      EXPECT_GT(row.suggestions(i).reasons_size(), 0) << "each says why";
    }
  }
  EXPECT_THAT(PlatformsOf(page, Enterprise(2)), Not(IsEmpty()));
  EXPECT_THAT(PlatformsOf(page, Enterprise(3)), IsEmpty()) << "nothing is known but its name";
}

TEST_F(UnpairedSuggestionsTest, WhatIsBeingTalkedAboutOrWasDismissedIsNotSuggestedAgain) {
  PublishRequest(1, "腐蚀防护（演示）", "海洋药物中试");
  ASSERT_THAT(PlatformsOf(List(), Enterprise(1)), ElementsAre(kPilotLine, kLab));
  In(v1::PROJECT_STATE_INTENT, kLab, 1);
  EXPECT_THAT(PlatformsOf(List(), Enterprise(1)), ElementsAre(kPilotLine));
  ASSERT_TRUE(Dismiss(Call(ROLE_UNIT, kZone, "CreateDismissal"), 1, kPilotLine, "产能不足").ok());
  EXPECT_THAT(PlatformsOf(List(), Enterprise(1)), IsEmpty());
}

TEST_F(UnpairedSuggestionsTest, AUnitGetsThemForItsOwnOnly) {
  PublishRequest(1, "腐蚀防护（演示）", "");
  EXPECT_THAT(PlatformsOf(List(As(ROLE_UNIT, kZone, kListing)), Enterprise(1)), Not(IsEmpty()));
  EXPECT_THAT(PlatformsOf(List(As(ROLE_UNIT, kTown, kListing)), Enterprise(1)), IsEmpty());
}

TEST_F(UnpairedSuggestionsTest, TheSheetHasThemInWords) {
  PublishRequest(1, "腐蚀防护（演示）", "海洋药物中试");
  const auto file = coverage.ExportUnpairedEnterprises(
      As(ROLE_UNIT, kZone, "CoverageService.ExportUnpairedEnterprises"), {});
  ASSERT_TRUE(file.ok()) << file.status();
  const auto workbook = sheet::ReadWorkbook(file->data(), "清单.xlsx");
  ASSERT_TRUE(workbook.ok()) << workbook.status();
  const auto table = sheet::ReadTable<v1::UnpairedEnterprise>(*workbook, *workbook->FirstVisible());
  ASSERT_TRUE(table.violations.empty()) << table.violations[0].description;
  ASSERT_FALSE(table.rows.empty());
  const std::string& text = table.rows[0].message.suggestions_text();
  EXPECT_THAT(text, HasSubstr("1. 海洋药物中试平台（演示）（"));
  EXPECT_THAT(text, HasSubstr("\n2. 海洋腐蚀与防护实验室（演示）（"));
  EXPECT_THAT(text, HasSubstr("都提到“腐蚀”"));
}

TEST_F(UnpairedSuggestionsTest, AListWithoutAPlanOrAnIndexComesWithoutThem) {
  PublishRequest(1, "腐蚀防护（演示）", "");
  const auto page =
      coverage_service.ListUnpairedEnterprises(As(ROLE_SECRETARIAT, "", kListing), {});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->enterprises_size(), 3);
  EXPECT_FALSE(page->has_suggestions_as_of());
  EXPECT_THAT(PlatformsOf(*page, Enterprise(1)), IsEmpty());
}

}  // namespace
}  // namespace chanyan::pairing
