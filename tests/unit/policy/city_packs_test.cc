// The packs as shipped say what their documents say.
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

using testing::Contains;
using testing::ElementsAre;

int Selectable(const v1::Taxonomy& taxonomy) {
  int count = 0;
  for (const v1::Industry& industry : taxonomy.industries()) {
    count += industry.is_group() ? 0 : 1;
  }
  return count;
}

TEST(QingdaoPackTest, WalksSixStepsInTheFirstSixWeeks) {
  const auto pack = LoadShipped("qingdao");
  std::vector<std::string> steps;
  for (const v1::CycleStep& step : pack->proto().cycle_plan().steps()) {
    EXPECT_EQ(step.week(), steps.size() + 1);
    steps.push_back(step.id());
  }
  EXPECT_THAT(steps,
              ElementsAre("report", "distribute", "collect", "return", "exchange", "publish"));
  EXPECT_EQ(pack->FindStep("collect")->owner_role(), options::v1::ROLE_UNIT);
  const auto window = pack->StepWindowOf(time::Quarter(2025, 2), "publish");
  ASSERT_TRUE(window.ok()) << window.status();
  EXPECT_EQ(window->last_day, absl::CivilDay(2025, 5, 15));
  EXPECT_EQ(pack->StepWindowOf(time::Quarter(2025, 2), "nap").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(QingdaoPackTest, KnowsItsKindsIndustriesPlacesAndUnits) {
  const auto pack = LoadShipped("qingdao");
  EXPECT_EQ(pack->proto().co_build_kinds_size(), 14);
  EXPECT_EQ(pack->FindCoBuildKindByName("订单班")->id(), "order-class");
  EXPECT_EQ(Selectable(*pack->FindTaxonomy("qingdao10p1")), 10 + 8);
  EXPECT_EQ(pack->FindIndustry("qingdao10p1/low-altitude")->display_name(), "低空经济");
  EXPECT_TRUE(pack->InList(v1::VALUE_LIST_INDUSTRIES, "qingdao10p1/ai"));
  EXPECT_FALSE(pack->InList(v1::VALUE_LIST_INDUSTRIES, "qingdao10p1/pioneer"));
  EXPECT_THAT(pack->FindIndustriesByName("海洋电子信息"),
              ElementsAre("qingdao10p1/marine-electronics", "qingdao-marine/marine-electronics"));
  EXPECT_TRUE(pack->HasIndustryNamed("海洋电子信息"));
  EXPECT_TRUE(pack->HasIndustryNamed(pack->FindIndustry("qingdao10p1/pioneer")->display_name()));
  EXPECT_TRUE(pack->FindIndustriesByName(pack->FindIndustry("qingdao10p1/pioneer")->display_name())
                  .empty());
  EXPECT_FALSE(pack->HasIndustryNamed("炼金术"));
  EXPECT_EQ(pack->FindPlaceByName("青岛西海岸新区")->id(), "370211");
  EXPECT_EQ(pack->FindPlaceByName("泊里镇")->parent_id(), "370211");
  EXPECT_EQ(pack->proto().duty_units_size(), 10);
  EXPECT_EQ(pack->proto().contract_kinds_size(), 5);
  EXPECT_EQ(pack->proto().leaderboards_size(), 3);
  EXPECT_EQ(pack->FindRule("enterprise.coverage")->minimum_count().minimum(), 1u);
  EXPECT_EQ(pack->FindPlace("370299"), nullptr);
}

TEST(QingdaoPackTest, EveryCityKnowsLegalFormsAndItsOwnPlacesInNames) {
  for (const char* city : {"qingdao", "linyi", "shandong"}) {
    const auto pack = LoadShipped(city);
    std::set<int> kinds;
    for (const v1::NameElements& elements : pack->proto().name_elements()) {
      kinds.insert(elements.kind());
      EXPECT_FALSE(elements.note().empty()) << elements.id();
    }
    EXPECT_THAT(kinds, ElementsAre(v1::NAME_ELEMENT_KIND_LEGAL_FORM, v1::NAME_ELEMENT_KIND_GROUP,
                                   v1::NAME_ELEMENT_KIND_PLACE))
        << city;
  }
}

TEST(QingdaoPackTest, MapsIndustriesBothWays) {
  const auto pack = LoadShipped("qingdao");
  EXPECT_THAT(pack->MapIndustry("qingdao10p1/low-altitude", "gbt4754"),
              ElementsAre("gbt4754/37", "gbt4754/39", "gbt4754/74"));
  EXPECT_THAT(pack->MapIndustry("gbt4754/36", "qingdao10p1"),
              ElementsAre("qingdao10p1/connected-nev"));
  EXPECT_THAT(pack->MapIndustry("gbt4754/999", "qingdao10p1"), testing::IsEmpty());
  // No industry of the city is left without a division.
  for (const v1::Industry& industry : pack->FindTaxonomy("qingdao10p1")->industries()) {
    if (!industry.is_group()) {
      EXPECT_FALSE(
          pack->MapIndustry(absl::StrCat("qingdao10p1/", industry.id()), "gbt4754").empty())
          << industry.display_name();
    }
  }
}

TEST(QingdaoPackTest, SaysWhatCountsAsPairedAndHowTheUnpairedAreFollowedUp) {
  const auto pack = LoadShipped("qingdao");
  const v1::PairingPolicy& pairing = pack->proto().pairing();
  EXPECT_THAT(pairing.coverage().paired_stages(),
              ElementsAre(v1::PROJECT_STAGE_SIGNED, v1::PROJECT_STAGE_BUILDING,
                          v1::PROJECT_STAGE_COMPLETED));
  EXPECT_EQ(pairing.coverage().past_reading(), v1::PAST_READING_BY_SIGNING_DATE);
  std::set<std::string> reasons;
  for (const v1::OutreachReason& reason : pairing.outreach().reasons()) {
    reasons.insert(reason.id());
  }
  for (const char* reason : {"refused", "unreachable", "no-fit"}) {
    EXPECT_THAT(reasons, Contains(reason));
  }
  EXPECT_FALSE(pairing.has_cooperation()) << "the letter knows no frame agreements";
  std::vector<std::string> sizes;
  for (const v1::EnterpriseSize& size : pack->proto().enterprise_sizes()) {
    sizes.push_back(size.display_name());
  }
  EXPECT_THAT(sizes, ElementsAre("微型", "小型", "中型", "大型"));
}

TEST(LinyiPackTest, HasItsAreasItsConferenceAndItsBases) {
  const auto pack = LoadShipped("linyi");
  const v1::CooperationPolicy& cooperation = pack->proto().pairing().cooperation();
  std::vector<std::string> areas;
  for (const v1::CooperationArea& area : cooperation.areas()) areas.push_back(area.display_name());
  EXPECT_THAT(areas, ElementsAre("平台建设", "人才交流培养合作", "科技成果转移转化合作",
                                 "决策咨询服务合作"));
  EXPECT_EQ(cooperation.conference().interval_months(), 6u);
  EXPECT_EQ(cooperation.conference().clause().article(), "四、（一）");
  for (const std::string& kind : cooperation.base_kinds()) {
    EXPECT_NE(pack->FindCoBuildKind(kind), nullptr) << kind;
  }
  EXPECT_EQ(pack->FindRule("enterprise.coverage")->minimum_count().minimum(), 1u);
  EXPECT_EQ(pack->FindPlaceByName("高新区")->id(), "zone-hightech");
}

TEST(LinyiPackTest, HasItsOwnKindsAndNoCycle) {
  const auto pack = LoadShipped("linyi");
  std::set<std::string> kinds;
  for (const v1::CoBuildKind& kind : pack->proto().co_build_kinds()) {
    kinds.insert(kind.display_name());
  }
  for (const char* kind :
       {"产业协同创新中心", "产业技术研究院", "科技企业孵化器", "众创空间", "企业研发平台",
        "科研设备共享平台", "人才挂职", "决策咨询服务", "科技成果转化", "委托开发"}) {
    EXPECT_THAT(kinds, Contains(kind));
  }
  EXPECT_EQ(pack->FindCoBuildKind("order-class"), nullptr);
  EXPECT_FALSE(pack->proto().has_cycle_plan());
  EXPECT_EQ(Selectable(*pack->FindTaxonomy("linyi-fields")), 8);
  // The calendar is everybody's.
  EXPECT_TRUE(pack->calendar().HasYear(2025) && pack->calendar().HasYear(2026));
}

// Which city it is stands in its pack: no line of code names one.
TEST(CityPacksTest, NoCityIsNamedInCode) {
  const std::filesystem::path root = std::filesystem::path(ShippedRoot()) / "../..";
  int looked_at = 0;
  for (const char* folder : {"common", "services"}) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(root / folder)) {
      const std::string extension = file.path().extension().string();
      // A list of passwords that are easily guessed has names of places.
      if ((extension != ".cc" && extension != ".h") ||
          file.path().filename() == "weak_passwords.cc") {
        continue;
      }
      ++looked_at;
      std::ifstream in(file.path());
      for (std::string line; std::getline(in, line);) {
        const std::string code = line.substr(0, line.find("//"));
        for (const char* word : {"青岛", "临沂", "西海岸", "古镇口", "qingdao", "linyi"}) {
          EXPECT_EQ(code.find(word), std::string::npos) << file.path() << ": " << line;
        }
      }
    }
  }
  EXPECT_GT(looked_at, 200);
}

TEST(ShandongPackTest, HasElevenChainsWithTheirWindowsAsPrinted) {
  const auto pack = LoadShipped("shandong");
  const auto& campaigns = pack->proto().chain_campaigns();
  ASSERT_EQ(campaigns.size(), 11);
  std::set<std::string> months;
  for (const v1::ChainCampaign& campaign : campaigns) {
    ASSERT_NE(pack->FindIndustry(campaign.industry()), nullptr);
    // Who is named one by one is the whole of what is printed.
    std::string printed = absl::StrJoin(campaign.lead_offices(), "、");
    if (!campaign.supporting_offices().empty()) {
      absl::StrAppend(&printed, "牵头，", absl::StrJoin(campaign.supporting_offices(), "、"),
                      "配合");
    }
    EXPECT_EQ(printed, campaign.offices());
    for (absl::CivilMonth month(campaign.first_date().year(), campaign.first_date().month());
         month <= absl::CivilMonth(campaign.last_date().year(), campaign.last_date().month());
         ++month) {
      EXPECT_TRUE(months.insert(absl::FormatCivilTime(month)).second) << campaign.id();
    }
  }
  // The text says every two months; the table leaves two gaps, and the table wins.
  EXPECT_EQ(months.size(), 22u);
  EXPECT_EQ(months.count("2023-01"), 0u);
  EXPECT_EQ(months.count("2024-02"), 0u);
  EXPECT_EQ(*months.begin(), "2022-11");
  EXPECT_EQ(*months.rbegin(), "2024-10");
  EXPECT_EQ(Selectable(*pack->FindTaxonomy("shandong11")), 11 + 33);
}

TEST(ShandongPackTest, HasSixteenTasksWithTheirUnits) {
  const auto pack = LoadShipped("shandong");
  ASSERT_EQ(pack->proto().action_tasks_size(), 16);
  EXPECT_THAT(pack->proto().action_tasks(2).units(), ElementsAre("省科技厅", "省工业和信息化厅"));
  EXPECT_EQ(pack->proto().action_tasks(3).offices(), "成果转化与区域创新处");
}

}  // namespace
}  // namespace chanyan::policy
