// Whom a result goes to by Qingdao's pack (TRI-4): S1 三(二)1–2 line by line.
#include "services/triage/dispatch_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/triage/library_rules.h"
#include "services/triage/push_name.h"
#include "tests/support/service_test.h"
#include "tests/support/small_triage_city.h"
#include "tests/support/violations.h"

namespace chanyan::triage {
namespace {

using policy::v1::TRIAGE_CLASS_FINANCING;
using policy::v1::TRIAGE_CLASS_HORIZONTAL;
using policy::v1::TRIAGE_CLASS_MAJOR;
using policy::v1::TRIAGE_CLASS_SPINOUT;
using policy::v1::TRIAGE_CLASS_TRANSFER;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class DispatchRulesTest : public ::testing::Test {
 protected:
  DispatchRulesTest() : pack_(testing::ShippedPack()), triage_(*pack_) {
    result_.set_name("results/a");
    result_.set_disclosure(v1::DISCLOSURE_OPEN);
  }
  v1::DispatchPlan Route(const std::vector<policy::v1::TriageClass>& classes) {
    result_.clear_classes();
    for (const auto one : classes) result_.add_classes(one);
    return RouteResult(triage_, result_);
  }
  static std::vector<std::string> Titles(const v1::DispatchPlan& plan) {
    std::vector<std::string> titles;
    for (const auto& one : plan.recipients()) titles.push_back(one.recipient_title());
    return titles;
  }

  const std::unique_ptr<const policy::Pack> pack_;
  const TriagePack triage_;
  v1::Result result_;
};

TEST_F(DispatchRulesTest, WhatIsNotForEverybodyIsPushedAndNotListed) {
  EXPECT_TRUE(Route({TRIAGE_CLASS_TRANSFER}).on_market());
  result_.set_disclosure(v1::DISCLOSURE_LIMITED);
  const v1::DispatchPlan plan = Route({TRIAGE_CLASS_TRANSFER});
  EXPECT_FALSE(plan.on_market());
  EXPECT_GT(plan.recipients_size(), 0);
}

// 有横向合作需求的成果主要推送给高新处、海洋处、农社处三个主要业务处室，与项目指南结合。
TEST_F(DispatchRulesTest, HorizontalGoesToThreeDepartmentsByFieldAndIndustry) {
  struct Case {
    const char* fields;
    const char* industries;
    const char* departments;
  };
  for (const Case& one : {
           Case{"电子信息", "", "高新技术与重大专项处"},
           Case{"新材料及其应用", "", "高新技术与重大专项处"},
           Case{"海洋", "", "海洋处"},
           Case{"农业", "", "农社处"},
           Case{"生物、医药和医疗器械", "", "农社处"},
           Case{"", "海洋装备", "海洋处"},
           Case{"", "深海开发", "海洋处"},
           Case{"", "海洋电子信息", "海洋处"},
           Case{"电子信息", "海洋电子信息", "海洋处 高新技术与重大专项处"},
           Case{"农业", "现代渔业", "海洋处 农社处"},
           Case{"海洋 农业 先进制造", "", "海洋处 农社处 高新技术与重大专项处"},
           Case{"", "人工智能", "高新技术与重大专项处"},
           Case{"", "现代轻工", "高新技术与重大专项处"},
           Case{"", "", "高新技术与重大专项处"},
       }) {
    result_.clear_fields();
    result_.clear_industries();
    for (const auto field : absl::StrSplit(one.fields, ' ', absl::SkipEmpty())) {
      result_.add_fields(std::string(field));
    }
    for (const auto industry : absl::StrSplit(one.industries, ' ', absl::SkipEmpty())) {
      result_.add_industries(std::string(industry));
    }
    const v1::DispatchPlan plan = Route({TRIAGE_CLASS_HORIZONTAL});
    EXPECT_THAT(Titles(plan), ::testing::ElementsAreArray(
                                  std::vector<std::string>(absl::StrSplit(one.departments, ' '))))
        << one.fields << " / " << one.industries;
    EXPECT_TRUE(plan.on_market());
    for (const auto& recipient : plan.recipients()) {
      EXPECT_THAT(recipient.request(), HasSubstr("项目指南"));
    }
  }
}

// 三(一)2：将本专班收集的成果信息录入到海洋科技大市场平台系统发布、展示。
TEST_F(DispatchRulesTest, WhateverItsClassIsItIsShownOnTheMarket) {
  for (const auto one : {TRIAGE_CLASS_TRANSFER, TRIAGE_CLASS_HORIZONTAL, TRIAGE_CLASS_SPINOUT,
                         TRIAGE_CLASS_FINANCING, TRIAGE_CLASS_MAJOR}) {
    EXPECT_TRUE(Route({one}).on_market()) << one;
  }
  EXPECT_FALSE(Route({}).on_market());
}

// 有转让和许可需求的成果在海洋科技大市场予以公布，同步推送给市场化的服务机构促进实施。
TEST_F(DispatchRulesTest, TransferIsListedAndGoesToEveryAgency) {
  const v1::DispatchPlan plan = Route({TRIAGE_CLASS_TRANSFER});
  EXPECT_TRUE(plan.on_market());
  EXPECT_THAT(plan.recipients(),
              SizeIs(triage_.UnitsOf(policy::v1::TRIAGE_UNIT_KIND_AGENCY).size()));
}

// 有成立企业的成果推送给相关区（市）科技主管部门，服务在本区（市）落地转化，同步推送给孵化器协会。
TEST_F(DispatchRulesTest, SpinoutGoesToTheDistrictOfThePlaceAndTheAssociation) {
  result_.set_settle_place("古镇口");
  EXPECT_THAT(Titles(Route({TRIAGE_CLASS_SPINOUT})),
              ElementsAre("黄岛区科技主管部门", "市孵化器协会"));
  result_.set_settle_place("崂山区");
  EXPECT_THAT(Titles(Route({TRIAGE_CLASS_SPINOUT})),
              ElementsAre("崂山区科技主管部门", "市孵化器协会"));
  result_.clear_settle_place();
  const v1::DispatchPlan nowhere = Route({TRIAGE_CLASS_SPINOUT});
  EXPECT_THAT(nowhere.missing(), ElementsAre(HasSubstr("拟落地区（市）")));
}

TEST_F(DispatchRulesTest, APlaceIsFoundAsPeopleWriteIt) {
  const std::vector<std::pair<std::string, std::string>> called = {
      {"嶗山區", "崂山区"},
      {"崂山", "崂山区"},
      {" 崂山区 ", "崂山区"},
      {"青岛市崂山区", "崂山区"},
      {"青島嶗山區", "崂山区"},
      {"青岛崂山", "崂山区"},
      {"青岛市即墨", "即墨区"},
      {"胶州", "胶州市"},
      {"膠州市", "胶州市"},
      {"青島西海岸新區", "黄岛区"},
      {"黄岛区古镇口", "古镇口"},
      {"古鎮口", "古镇口"},
      // A street of the same name lies in the district.
      {"黄岛", "黄岛区"},
      {"青岛西海岸新区", "青岛西海岸新区"},
  };
  for (const auto& [given, official] : called) {
    EXPECT_EQ(triage_.PlaceName(given), official) << given;
    EXPECT_EQ(triage_.DistrictOf(given), triage_.DistrictOf(official)) << given;
    EXPECT_NE(triage_.DistrictOf(given), "") << given;
  }
  for (const char* unknown : {"", "浦东新区", "区", "市", "崂", "崂山区人民政府"}) {
    EXPECT_EQ(triage_.PlaceName(unknown), unknown);
    EXPECT_EQ(triage_.DistrictOf(unknown), "") << unknown;
  }
}

// Every place of the pack: a department takes what settles there, its own or the next one outwards.
TEST_F(DispatchRulesTest, WhicheverPlaceOfTheCityItSettlesInItsDepartmentIsAsked) {
  // Districts, and zones that lie in none; everything else of the pack lies in 黄岛区.
  const std::map<std::string, std::string> own = {
      {"370202", "市南区科技主管部门"},
      {"370203", "市北区科技主管部门"},
      {"370212", "崂山区科技主管部门"},
      {"370213", "李沧区科技主管部门"},
      {"370214", "城阳区科技主管部门"},
      {"370215", "即墨区科技主管部门"},
      {"370281", "胶州市科技主管部门"},
      {"370283", "平度市科技主管部门"},
      {"370285", "莱西市科技主管部门"},
      {"zone-hightech", "青岛高新区科技主管部门"},
      {"zone-bluevalley", "青岛蓝谷科技主管部门"},
      {"zone-sco", "上合示范区科技主管部门"},
      {"zone-airport", "胶东临空经济示范区科技主管部门"},
      {"zone-ftz", "自贸片区科技主管部门"},
  };
  std::set<std::string> met;
  for (const policy::v1::Place& place : pack_->proto().places()) {
    result_.set_settle_place(place.display_name());
    const auto wrong = testing::FieldsOf(ResultViolations(triage_, result_));
    if (place.kind() == policy::v1::PLACE_KIND_CITY) {
      EXPECT_THAT(wrong, Contains("settle_place")) << "too wide: " << place.display_name();
      EXPECT_FALSE(triage_.IsInCity(place.display_name()));
      continue;
    }
    EXPECT_THAT(wrong, Not(Contains("settle_place"))) << place.display_name();
    const auto named = own.find(place.id());
    const std::string department = named == own.end() ? "黄岛区科技主管部门" : named->second;
    if (named == own.end()) {
      EXPECT_TRUE(place.id() == "370211" || place.parent_id() == "370211") << place.id();
    } else {
      met.insert(place.id());
    }
    const v1::DispatchPlan plan = Route({TRIAGE_CLASS_SPINOUT});
    EXPECT_THAT(Titles(plan), ElementsAre(department, "市孵化器协会")) << place.display_name();
    EXPECT_THAT(plan.missing(), IsEmpty()) << place.display_name();
  }
  EXPECT_EQ(met.size(), own.size()) << "each of the table is a place of the pack";
}

// Where nobody takes what settles in a place of the city, that is said, and not that it is none.
TEST(SettlePlaceTest, APlaceWithoutADepartmentIsToldFromOneThatIsNotTheCitys) {
  const auto pack = testing::PackOf(testing::kSmallTriageCity);
  ASSERT_NE(pack, nullptr);
  const TriagePack triage(*pack);
  v1::Result result;
  const auto why = [&](const char* place) -> std::string {
    result.set_settle_place(place);
    for (const status::Violation& one : ResultViolations(triage, result)) {
      if (one.field == "settle_place") return one.description;
    }
    return "";
  };
  EXPECT_EQ(why("甲区"), "");
  EXPECT_EQ(why("港新区"), "") << "a zone of the city's own with a department";
  EXPECT_EQ(why("泊水镇"), "") << "in a district";
  EXPECT_THAT(why("湖新区"), HasSubstr("尚无承接落地的科技主管部门"));
  EXPECT_THAT(why("湖畔街道"), HasSubstr("尚无承接落地的科技主管部门")) << "in that zone";
  EXPECT_THAT(why("甲市"), HasSubstr("不是本市的区（市）"));
  EXPECT_THAT(why("黄岛区"), HasSubstr("不是本市的区（市）"));
  EXPECT_EQ(triage.DistrictOf("港新区"), "zone-port");
  EXPECT_EQ(triage.DistrictOf("泊水镇"), "990101");
  EXPECT_EQ(triage.DistrictOf("湖畔街道"), "");
}

// 对于有融资需求的成果……推送给资配处……同步推送给有关国有企业投资平台。
TEST_F(DispatchRulesTest, FinancingGoesToItsDepartmentAndTheTeamsInvestor) {
  result_.set_investor("organizations/qd-investor-3");
  EXPECT_THAT(Titles(Route({TRIAGE_CLASS_FINANCING})),
              ElementsAre("资配处", "第三专班国有企业投资平台"));
  result_.clear_investor();
  EXPECT_THAT(Route({TRIAGE_CLASS_FINANCING}).recipients(), SizeIs(1 + 6));
}

// 对于重大的科技成果和跨部门协调解决的成果，需报送市领导调度推进。
TEST_F(DispatchRulesTest, MajorGoesToTheCityLeaders) {
  EXPECT_THAT(Titles(Route({TRIAGE_CLASS_MAJOR})), ElementsAre("市领导"));
}

TEST_F(DispatchRulesTest, SeveralClassesAreSeveralPushesAndNobodyGetsOneTwice) {
  result_.add_fields("海洋");
  result_.set_settle_place("即墨区");
  const v1::DispatchPlan plan =
      Route({TRIAGE_CLASS_TRANSFER, TRIAGE_CLASS_HORIZONTAL, TRIAGE_CLASS_SPINOUT,
             TRIAGE_CLASS_FINANCING, TRIAGE_CLASS_MAJOR});
  EXPECT_THAT(plan.recipients(), SizeIs(6 + 1 + 2 + 7 + 1));
  EXPECT_THAT(plan.missing(), IsEmpty());
  std::vector<std::string> names;
  for (const auto& one : plan.recipients()) {
    names.push_back(PushName(result_.name(), one.recipient(), one.triage_class()));
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace chanyan::triage
