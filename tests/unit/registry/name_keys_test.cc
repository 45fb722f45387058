// How one name is written in many ways, and what is not one name.
#include "services/registry/name_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/text.h"
#include "services/registry/name_index.h"
#include "tests/support/service_test.h"

namespace chanyan::registry {
namespace {

const NameKeys& Keys() {
  static const auto* const pack = testing::ShippedPack().release();
  static const auto* const keys = new NameKeys(*pack);
  return *keys;
}

TEST(NameKeysTest, OneNameWrittenInManyWaysHasOneKey) {
  const struct {
    const char* one;
    const char* other;
  } kCases[] = {
      // Width.
      {"ＡＢＣ海洋科技有限公司", "ABC海洋科技有限公司"},
      {"海洋科技３６０有限公司", "海洋科技360有限公司"},
      {"海洋科技　有限公司", "海洋科技 有限公司"},
      {"ｱｲｳ海洋", "アイウ海洋"},
      // Case.
      {"abc Marine Co., Ltd.", "ABC MARINE CO. LTD"},
      {"Ｈａｉｅｒ海尔", "HAIER海尔"},
      {"ß海洋", "ss海洋"},
      // Traditional characters.
      {"中國海洋大學", "中国海洋大学"},
      {"青島啤酒股份有限公司", "青岛啤酒股份有限公司"},
      {"臺灣海洋裝備有限公司", "台湾海洋装备有限公司"},
      {"國家深海基地管理中心", "国家深海基地管理中心"},
      {"龍鳳貿易有限公司", "龙凤贸易有限公司"},
      // Brackets, blanks, points.
      {"中国石油大学(华东)", "中国石油大学（华东）"},
      {"中国石油大学（华东）", "中国石油大学华东"},
      {"中国石油大学【华东】", "中国石油大学〔华东〕"},
      {"海尔（集团）公司", "海尔集团公司"},
      {" 海洋 科技\t有限公司 ", "海洋科技有限公司"},
      {"海洋·科技有限公司", "海洋•科技有限公司"},
      {"海洋-科技有限公司", "海洋—科技有限公司"},
      {"“海洋”科技有限公司", "海洋科技有限公司"},
      {"海洋科技有限公司。", "海洋科技有限公司"},
      {"海洋科技有限公司\xE2\x80\x8B", "海洋科技有限公司"},
      // Numbers of other looks.
      {"第①海洋研究所", "第1海洋研究所"},
      {"海洋Ⅲ期有限公司", "海洋III期有限公司"},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(Keys().Name(one.one), Keys().Name(one.other)) << one.one << " " << one.other;
    EXPECT_NE(Keys().Name(one.one), "") << one.one;
  }
}

TEST(NameKeysTest, OtherNamesHaveOtherKeys) {
  const struct {
    const char* one;
    const char* other;
  } kCases[] = {
      {"第一海洋研究所", "第二海洋研究所"},
      {"自然资源部第一海洋研究所", "自然资源部第三海洋研究所"},
      {"海洋科技有限公司", "海洋科技有限责任公司"},
      {"海洋科技1号有限公司", "海洋科技2号有限公司"},
      {"青岛大学", "青岛科技大学"},
      {"海洋科技有限公司", "海洋科技有限公司青岛分公司"},
  };
  for (const auto& one : kCases) {
    EXPECT_NE(Keys().Name(one.one), Keys().Name(one.other)) << one.one << " " << one.other;
  }
  EXPECT_EQ(Keys().Name("（）—— "), "") << "nothing is left: it is like nobody";
}

TEST(NameKeysTest, TheCoreOfACompanysNameIsWithoutPlaceFormAndGroup) {
  const struct {
    const char* title;
    const char* core;
  } kCases[] = {
      // Legal forms.
      {"蓝鲸海洋科技有限公司", "蓝鲸海洋科技"},
      {"蓝鲸海洋科技有限责任公司", "蓝鲸海洋科技"},
      {"蓝鲸海洋科技股份有限公司", "蓝鲸海洋科技"},
      {"蓝鲸海洋科技公司", "蓝鲸海洋科技"},
      {"藍鯨海洋科技（股份）有限公司", "蓝鲸海洋科技"},
      {"Blue Whale Marine Co., Ltd.", "bluewhalemarine"},
      {"Blue Whale Marine Limited", "bluewhalemarine"},
      {"蓝鲸投资合伙企业（有限合伙）", "蓝鲸投资"},
      // Groups.
      {"蓝鲸海洋科技集团有限公司", "蓝鲸海洋科技"},
      {"蓝鲸海洋科技（集团）有限公司", "蓝鲸海洋科技"},
      {"蓝鲸海洋科技（集团）股份有限公司", "蓝鲸海洋科技"},
      {"蓝鲸海洋科技控股集团有限责任公司", "蓝鲸海洋科技"},
      // Places at the beginning.
      {"青岛蓝鲸海洋科技有限公司", "蓝鲸海洋科技"},
      {"青岛市蓝鲸海洋科技有限公司", "蓝鲸海洋科技"},
      {"青島市黃島區藍鯨海洋科技有限公司", "蓝鲸海洋科技"},
      {"山东省青岛市蓝鲸海洋科技有限公司", "蓝鲸海洋科技"},
      {"山东青岛西海岸新区蓝鲸海洋科技有限公司", "蓝鲸海洋科技"},
      {"中国（山东）自由贸易试验区蓝鲸海洋科技有限公司", "蓝鲸海洋科技"},
      // Places in brackets, wherever.
      {"蓝鲸海洋科技（青岛）有限公司", "蓝鲸海洋科技"},
      {"蓝鲸（青岛）海洋科技有限公司", "蓝鲸海洋科技"},
      {"蓝鲸海洋科技(山东)(青岛)有限公司", "蓝鲸海洋科技"},
      // What stays.
      {"蓝鲸海洋科技（北京）有限公司", "蓝鲸海洋科技北京"},
      {"蓝鲸青岛海洋科技有限公司", "蓝鲸青岛海洋科技"},
      {"蓝鲸海洋科技（演示）有限公司", "蓝鲸海洋科技演示"},
      // Too little is left to say anything.
      {"青岛有限公司", "青岛"},
      {"鲸有限公司", ""},
      // No company's name.
      {"中国海洋大学", ""},
      {"青岛大学", ""},
      {"古镇口（演示）", ""},
      {"蓝鲸海洋科技有限公司青岛分公司", ""},
  };
  for (const auto& one : kCases) EXPECT_EQ(Keys().Core(one.title), one.core) << one.title;
}

TEST(NameKeysTest, KeysFitTheirColumn) {
  std::string title;
  for (int i = 0; i < 400; ++i) title += "鲸";
  EXPECT_EQ(api::CodePoints(Keys().Name(title)), kMaxKeyCharacters);
  EXPECT_EQ(api::CodePoints(Keys().Core(title + "有限公司")), kMaxKeyCharacters);
  // One character that stands for eighteen.
  std::string ligatures;
  for (int i = 0; i < 120; ++i) ligatures += "\xEF\xB7\xBA";
  EXPECT_LE(api::CodePoints(Keys().Name(ligatures)), kMaxKeyCharacters);
}

TEST(NameKeysTest, AnotherPackMakesOtherKeysAndSaysSo) {
  const auto pack = testing::PackOf(R"pb(
    id: "small"
    display_name: "小"
    version: "1"
    effective_from { year: 2025 month: 1 day: 1 }
    name_elements {
      id: "names.forms"
      display_name: "组织形式"
      kind: NAME_ELEMENT_KIND_LEGAL_FORM
      clause { document: "规定" article: "六" text: "组织形式" }
      origin: ORIGIN_CHOSEN
      note: "试"
      texts: "有限公司"
    })pb");
  const NameKeys small(*pack);
  EXPECT_EQ(small.Core("青岛蓝鲸海洋科技有限公司"), "青岛蓝鲸海洋科技");
  EXPECT_EQ(small.Core("蓝鲸海洋科技集团股份公司"), "") << "the pack does not know this form";
  EXPECT_NE(small.fingerprint(), Keys().fingerprint());
  const NameKeys again(*pack);
  EXPECT_EQ(again.fingerprint(), small.fingerprint());
  EXPECT_EQ(small.fingerprint().size(), 16u);
}

TEST(NameKeysTest, ManyMayAskAtOnce) {
  std::vector<std::thread> threads;
  std::vector<int> wrong(8, 0);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&wrong, i] {
      for (int n = 0; n < 500; ++n) {
        wrong[i] += Keys().Core("青島藍鯨海洋科技（集團）有限公司") != "蓝鲸海洋科技";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, ::testing::Each(0));
}

TEST(NameIndexTest, AnOrganizationHasEachKeyOnce) {
  const auto pack = testing::ShippedPack();
  const NameIndex index(*pack);
  v1::Organization organization;
  organization.set_display_name("青岛蓝鲸海洋科技有限公司");
  organization.set_unified_social_credit_code(testing::CreditCode(7));
  organization.add_former_names()->set_display_name("青島藍鯨海洋科技有限公司");
  organization.add_former_names()->set_display_name("白鲸贸易有限公司");
  std::vector<std::string> keys;
  for (const NameKey& key : index.KeysOf(organization)) {
    keys.push_back(absl::StrCat(key.kind, " ", key.value, key.former ? " former" : ""));
  }
  EXPECT_THAT(keys,
              ::testing::ElementsAre(absl::StrCat("CODE ", testing::CreditCode(7).substr(8, 9)),
                                     "NAME 青岛蓝鲸海洋科技有限公司", "CORE 蓝鲸海洋科技",
                                     "NAME 白鲸贸易有限公司 former", "CORE 白鲸贸易 former"));
}

TEST(NameIndexTest, ReasonsAreBits) {
  ReasonBits all = 0;
  for (int number = 1; number < v1::DuplicateReason_ARRAYSIZE; ++number) {
    const auto reason = static_cast<v1::DuplicateReason>(number);
    EXPECT_EQ(all & BitOf(reason), 0);
    all |= BitOf(reason);
    EXPECT_THAT(ReasonsOf(BitOf(reason)), ::testing::ElementsAre(reason));
  }
  EXPECT_EQ(ReasonsOf(all).size(), 4u);
  EXPECT_EQ(BitOf(v1::DUPLICATE_REASON_SAME_CODE), 1) << "as in distinct_pair.settled";
  EXPECT_EQ(BitOf(v1::DUPLICATE_REASON_SIMILAR_NAME), 8);
  EXPECT_EQ(ReasonOf(kCodeKey, false), v1::DUPLICATE_REASON_SAME_CODE);
  EXPECT_EQ(ReasonOf(kNameKey, false), v1::DUPLICATE_REASON_SAME_NAME);
  EXPECT_EQ(ReasonOf(kNameKey, true), v1::DUPLICATE_REASON_FORMER_NAME);
  EXPECT_EQ(ReasonOf(kCoreKey, true), v1::DUPLICATE_REASON_FORMER_NAME);
  EXPECT_EQ(ReasonOf(kCoreKey, false), v1::DUPLICATE_REASON_SIMILAR_NAME);
}

}  // namespace
}  // namespace chanyan::registry
