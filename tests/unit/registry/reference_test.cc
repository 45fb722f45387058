// Rules of the reference lists and taxonomies, on the shipped pack and on a small one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/taxonomy/tree.h"
#include "common/time/civil.h"
#include "services/registry/ids.h"
#include "services/registry/reference_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::registry {
namespace {

using namespace taxonomy;  // NOLINT(google-build-using-namespace)

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> FieldsOf(const std::vector<status::Violation>& violations) {
  std::vector<std::string> fields;
  for (const status::Violation& violation : violations) fields.push_back(violation.field);
  return fields;
}

TEST(ReferenceRulesTest, AllThatIsWrongWithADutyIsSaidAtOnce) {
  const auto pack = testing::ShippedPack();
  v1::IndustryDuty duty;
  duty.set_industry("海洋装备");
  duty.set_lead_unit("区海洋发展局");
  duty.add_supporting_units("区工信局");
  EXPECT_THAT(DutyViolations(*pack, duty), IsEmpty());
  duty.set_industry("炼金");
  duty.add_supporting_units("区海洋发展局");
  duty.add_supporting_units("区工信局");
  *duty.mutable_effective_from() = time::ToProto(absl::CivilDay(2025, 4, 1));
  *duty.mutable_effective_until() = time::ToProto(absl::CivilDay(2025, 3, 31));
  EXPECT_THAT(
      FieldsOf(DutyViolations(*pack, duty)),
      ElementsAre("industry", "supporting_units[1]", "supporting_units[2]", "effective_until"));
  *duty.mutable_effective_until() = duty.effective_from();
  EXPECT_EQ(DutyViolations(*pack, duty).size(), 3u) << "a single day is a span";
}

TEST(ReferenceRulesTest, MembersAndDividendsNameIndustriesOfThePack) {
  const auto pack = testing::ShippedPack();
  v1::TaskForceMember member;
  member.add_industries("人工智能");
  member.add_industries("先导产业体系");
  EXPECT_THAT(FieldsOf(MemberViolations(*pack, member)), ElementsAre("industries[1]"));
  v1::PolicyDividend dividend;
  dividend.add_industries("炼金");
  dividend.add_applicant_kinds(v1::ORGANIZATION_KIND_ENTERPRISE);
  dividend.add_applicant_kinds(v1::ORGANIZATION_KIND_ENTERPRISE);
  *dividend.mutable_effective_from() = time::ToProto(absl::CivilDay(2025, 4, 1));
  *dividend.mutable_effective_until() = time::ToProto(absl::CivilDay(2024, 4, 1));
  EXPECT_THAT(FieldsOf(DividendViolations(*pack, dividend)),
              ElementsAre("industries[0]", "applicant_kinds[1]", "effective_until"));
}

TEST(ReferenceRulesTest, ADayBecomesPartOfTheFilter) {
  EXPECT_EQ(*FilterOfDay("", ""), "");
  EXPECT_EQ(*FilterOfDay("kind = TAX", ""), "kind = TAX");
  const std::string day = *FilterOfDay("kind = TAX OR kind = FUNDING", "2025-04-01");
  EXPECT_TRUE(absl::StartsWith(day, "(kind = TAX OR kind = FUNDING) AND ")) << day;
  for (const char* bad : {"2025-02-30", "2025-13-01", "0000-01-01", "yesterday"}) {
    EXPECT_FALSE(FilterOfDay("", bad).ok()) << bad;
  }
}

TEST(ReferenceRulesTest, WhatIsOneLineOfItsListHasOneId) {
  v1::PolicyDividend dividend;
  dividend.set_display_name("甲");
  dividend.set_document("文件");
  dividend.set_clause("一");
  const std::string id = PolicyDividendId(dividend);
  dividend.set_benefit("不同的内容");
  EXPECT_EQ(PolicyDividendId(dividend), id);
  dividend.set_clause("二");
  EXPECT_NE(PolicyDividendId(dividend), id);
}

// --- Taxonomies

std::unique_ptr<const policy::Pack> TaxonomyPack() {
  return testing::PackOf(R"pb(
    id: "small"
    display_name: "小"
    version: "7"
    effective_from { year: 2025 month: 1 day: 1 }
    taxonomies {
      id: "a"
      display_name: "甲体系"
      version: "1"
      note: "测试"
      industries { id: "g" display_name: "分组" is_group: true }
      industries { id: "chain" display_name: "装备产业链" parent_id: "g" }
      industries { id: "ship" display_name: "船舶制造" parent_id: "chain" }
      industries { id: "rail" display_name: "轨道交通" parent_id: "chain" }
      industries { id: "lone" display_name: "无对应行业" }
    }
    taxonomies {
      id: "b"
      display_name: "乙体系"
      version: "1"
      note: "测试"
      industries { id: "37" display_name: "运输设备" }
      industries { id: "35" display_name: "专用设备" to_be_verified: true }
    }
    mappings {
      id: "m"
      display_name: "对照"
      version: "2"
      from_taxonomy: "a"
      to_taxonomy: "b"
      origin: ORIGIN_CHOSEN
      note: "拟定"
      entries {
        from_id: "ship"
        to_ids: [ "37", "35" ]
      }
      entries { from_id: "rail" to_ids: "37" }
    })pb");
}

std::vector<std::string> Lines(const std::vector<v1::Correspondence>& lines) {
  std::vector<std::string> out;
  for (const v1::Correspondence& line : lines) {
    out.push_back(
        absl::StrCat(line.to_id(), line.through_id().empty() ? "" : " 经 ", line.through_id()));
  }
  return out;
}

TEST(TaxonomyRulesTest, ATreeHasDepthsAndCountsIndustriesOnly) {
  const auto pack = TaxonomyPack();
  const v1::Taxonomy tree = WholeTaxonomy(*pack, *pack->FindTaxonomy("a"));
  EXPECT_EQ(tree.name(), "taxonomies/a");
  EXPECT_EQ(tree.industry_count(), 4);
  std::vector<int> depths;
  for (const auto& node : tree.industries()) depths.push_back(node.depth());
  EXPECT_THAT(depths, ElementsAre(1, 2, 3, 3, 1));
  EXPECT_EQ(tree.industries(2).parent_id(), "a/chain");
  EXPECT_EQ(TaxonomyOf(*pack->FindTaxonomy("a")).industries_size(), 0);
}

TEST(TaxonomyRulesTest, WhatIsNotNamedIsAskedBelowThenAbove) {
  const auto pack = TaxonomyPack();
  EXPECT_THAT(Lines(CorrespondencesOf(*pack, "a/ship", "")), ElementsAre("b/37", "b/35"));
  EXPECT_THAT(Lines(CorrespondencesOf(*pack, "b/37", "")), ElementsAre("a/ship", "a/rail"));
  // Each once, through the first that names it.
  EXPECT_THAT(Lines(CorrespondencesOf(*pack, "a/chain", "b")),
              ElementsAre("b/37 经 a/ship", "b/35 经 a/ship"));
  EXPECT_THAT(Lines(CorrespondencesOf(*pack, "a/g", "b")),
              ElementsAre("b/37 经 a/ship", "b/35 经 a/ship"));
  EXPECT_THAT(CorrespondencesOf(*pack, "a/lone", ""), IsEmpty());
  EXPECT_THAT(CorrespondencesOf(*pack, "a/nothing", ""), IsEmpty());
  EXPECT_THAT(CorrespondencesOf(*pack, "c/x", ""), IsEmpty());
  const v1::Correspondence line = CorrespondencesOf(*pack, "a/ship", "b")[0];
  EXPECT_EQ(line.source(), v1::MAPPING_SOURCE_OURS);
  EXPECT_EQ(line.version(), "2");
  EXPECT_EQ(line.note(), "拟定");
  EXPECT_EQ(line.from_title(), "船舶制造");
  EXPECT_EQ(line.to_taxonomy_title(), "乙体系");
  EXPECT_EQ(AllCorrespondences(*pack).size(), 3u);
}

TEST(TaxonomyRulesTest, ATermIsAnIdACodeANameOrAPart) {
  const auto pack = TaxonomyPack();
  const auto ids = [&](absl::string_view term, absl::string_view from = "") {
    std::vector<std::string> out;
    for (const v1::IndustryMatch& match : MatchIndustry(*pack, term, from)) {
      out.push_back(absl::StrCat(match.id(), match.exact() ? "" : "~"));
    }
    return out;
  };
  EXPECT_THAT(ids("a/ship"), ElementsAre("a/ship"));
  EXPECT_THAT(ids("A/SHIP"), ElementsAre("a/ship"));
  EXPECT_THAT(ids("37"), ElementsAre("b/37"));
  EXPECT_THAT(ids("C37"), ElementsAre("b/37"));
  EXPECT_THAT(ids("装备产业链"), ElementsAre("a/chain"));
  EXPECT_THAT(ids("装备"), ElementsAre("a/chain")) << "the name without 产业链";
  EXPECT_THAT(ids("设备"), ElementsAre("b/37~", "b/35~"));
  EXPECT_THAT(ids("大型船舶制造和修理"), ElementsAre("a/ship~"));
  EXPECT_THAT(ids("设备", "a"), IsEmpty());
  EXPECT_THAT(ids("船"), IsEmpty()) << "one character is part of too much";
  EXPECT_THAT(ids("炼金"), IsEmpty());
}

TEST(QingdaoTaxonomiesTest, FourTaxonomiesCorrespondPairwise) {
  const auto pack = testing::ShippedPack();
  std::set<std::string> ids;
  for (const auto& taxonomy : pack->proto().taxonomies()) ids.insert(taxonomy.id());
  EXPECT_THAT(ids, UnorderedElementsAre("qingdao10p1", "qingdao-marine", "shandong11", "gbt4754"));
  EXPECT_EQ(TaxonomyOf(*pack->FindTaxonomy("gbt4754")).industry_count(), 97);
  EXPECT_EQ(TaxonomyOf(*pack->FindTaxonomy("shandong11")).industry_count(), 11 + 33);
  std::set<std::string> pairs;
  for (const auto& mapping : pack->proto().mappings()) {
    pairs.insert(std::min(mapping.from_taxonomy(), mapping.to_taxonomy()) + "+" +
                 std::max(mapping.from_taxonomy(), mapping.to_taxonomy()));
    // Nobody publishes one: none may be taken for official.
    EXPECT_EQ(mapping.origin(), policy::v1::ORIGIN_CHOSEN) << mapping.id();
  }
  EXPECT_EQ(pairs.size(), 6u);
  // Every industry of ours and every sub-sector of the chains has its divisions.
  for (const char* from : {"qingdao10p1", "qingdao-marine", "shandong11"}) {
    for (const auto& industry : pack->FindTaxonomy(from)->industries()) {
      EXPECT_FALSE(
          CorrespondencesOf(*pack, absl::StrCat(from, "/", industry.id()), "gbt4754").empty())
          << from << "/" << industry.display_name();
    }
  }
  EXPECT_THAT(
      Lines(CorrespondencesOf(*pack, "shandong11/it", "gbt4754")),
      ElementsAre("gbt4754/39 经 shandong11/it.ic", "gbt4754/65 经 shandong11/it.software"));
}

TEST(QingdaoTaxonomiesTest, OtherCitiesHaveTheirOwnBesideTheShared) {
  for (const char* city : {"linyi", "shandong"}) {
    const auto pack = testing::ShippedPack(city);
    EXPECT_NE(pack->FindTaxonomy("gbt4754"), nullptr) << city;
    EXPECT_NE(pack->FindTaxonomy("shandong11"), nullptr) << city;
    EXPECT_EQ(pack->FindTaxonomy("qingdao10p1"), nullptr) << city;
  }
}

}  // namespace
}  // namespace chanyan::registry
