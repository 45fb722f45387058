// Which project guides a result is applied with under (TRI-4), without a database.
#include "services/triage/guide_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "tests/support/service_test.h"

namespace chanyan::triage {
namespace {

using policy::v1::TRIAGE_CLASS_FINANCING;
using policy::v1::TRIAGE_CLASS_HORIZONTAL;
using policy::v1::TRIAGE_CLASS_TRANSFER;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class GuideFitTest : public ::testing::Test {
 protected:
  GuideFitTest() : pack_(testing::ShippedPack()), triage_(*pack_) {}

  static v1::ProjectGuide Guide(const std::string& name) {
    v1::ProjectGuide guide;
    guide.set_name(absl::StrCat("guides/", name));
    guide.set_title(name);
    guide.set_department("organizations/qdst-hy");
    guide.set_state(v1::PROJECT_GUIDE_STATE_PUBLISHED);
    guide.add_triage_classes(TRIAGE_CLASS_HORIZONTAL);
    *guide.mutable_apply_start_date() = time::ToProto(absl::CivilDay(2025, 4, 10));
    *guide.mutable_apply_end_date() = time::ToProto(absl::CivilDay(2025, 4, 20));
    return guide;
  }
  static v1::Result Result(const std::string& field, const std::string& industry) {
    v1::Result result;
    if (!field.empty()) result.add_fields(field);
    if (!industry.empty()) result.add_industries(industry);
    return result;
  }
  std::vector<std::string> Wrong(const v1::ProjectGuide& guide) {
    std::vector<std::string> fields;
    for (const auto& one : GuideViolations(triage_, guide)) fields.push_back(one.field);
    return fields;
  }

  const std::unique_ptr<const policy::Pack> pack_;
  const TriagePack triage_;
};

TEST_F(GuideFitTest, WhatAGuideMustBe) {
  EXPECT_THAT(Wrong(Guide("g")), IsEmpty());
  EXPECT_THAT(Wrong(v1::ProjectGuide()),
              ElementsAre("department", "triage_classes", "apply_start_date", "apply_end_date"));
  v1::ProjectGuide guide = Guide("g");
  // An agency is a unit and no department.
  guide.set_department("organizations/qd-agency-3");
  guide.add_triage_classes(TRIAGE_CLASS_HORIZONTAL);
  guide.add_triage_classes(policy::v1::TRIAGE_CLASS_UNSPECIFIED);
  *guide.mutable_apply_end_date() = time::ToProto(absl::CivilDay(2025, 4, 9));
  EXPECT_THAT(Wrong(guide), ElementsAre("department", "triage_classes[1]", "triage_classes[2]",
                                        "apply_end_date"));
  // One day is enough.
  *guide.mutable_apply_end_date() = time::ToProto(absl::CivilDay(2025, 4, 10));
  EXPECT_THAT(Wrong(guide), SizeIs(3));
}

TEST_F(GuideFitTest, ItTakesApplicationsFromItsFirstDayToItsLast) {
  v1::ProjectGuide guide = Guide("g");
  EXPECT_FALSE(IsAccepting(guide, absl::CivilDay(2025, 4, 9)));
  EXPECT_TRUE(IsAccepting(guide, absl::CivilDay(2025, 4, 10)));
  EXPECT_TRUE(IsAccepting(guide, absl::CivilDay(2025, 4, 20)));
  EXPECT_FALSE(IsAccepting(guide, absl::CivilDay(2025, 4, 21)));
  EXPECT_FALSE(IsOver(guide, absl::CivilDay(2025, 4, 20)));
  EXPECT_TRUE(IsOver(guide, absl::CivilDay(2025, 4, 21)));
  guide.set_state(v1::PROJECT_GUIDE_STATE_WITHDRAWN);
  EXPECT_FALSE(IsAccepting(guide, absl::CivilDay(2025, 4, 10)));
}

TEST_F(GuideFitTest, AResultFitsByClassAndByFieldOrIndustry) {
  struct Case {
    const char* what;
    std::vector<std::string> fields;
    std::vector<std::string> industries;
    policy::v1::TriageClass triage_class;
    v1::Result result;
    bool fits;
  };
  for (const Case& one : std::vector<Case>{
           {"for everybody", {}, {}, TRIAGE_CLASS_HORIZONTAL, Result("", ""), true},
           {"another class", {}, {}, TRIAGE_CLASS_TRANSFER, Result("海洋", ""), false},
           {"its field", {"海洋"}, {}, TRIAGE_CLASS_HORIZONTAL, Result("海洋", ""), true},
           {"another field",
            {"海洋"},
            {},
            TRIAGE_CLASS_HORIZONTAL,
            Result("新材料及其应用", "海水淡化与综合利用"),
            false},
           {"its industry",
            {},
            {"海水淡化与综合利用"},
            TRIAGE_CLASS_HORIZONTAL,
            Result("", "海水淡化与综合利用"),
            true},
           {"one of the two is enough",
            {"新材料及其应用"},
            {"海水淡化与综合利用"},
            TRIAGE_CLASS_HORIZONTAL,
            Result("海洋", "海水淡化与综合利用"),
            true},
           {"a chain has what is below it",
            {},
            {"船舶和海工装备产业链"},
            TRIAGE_CLASS_HORIZONTAL,
            Result("", "船舶"),
            true},
           {"what is below has not the chain",
            {},
            {"船舶"},
            TRIAGE_CLASS_HORIZONTAL,
            Result("", "船舶和海工装备产业链"),
            false},
           {"nothing said of the result",
            {"海洋"},
            {"量子信息"},
            TRIAGE_CLASS_HORIZONTAL,
            Result("", ""),
            false}}) {
    v1::ProjectGuide guide = Guide("g");
    for (const std::string& field : one.fields) guide.add_fields(field);
    for (const std::string& industry : one.industries) guide.add_industries(industry);
    ASSERT_THAT(Wrong(guide), IsEmpty()) << one.what;
    EXPECT_EQ(Fits(triage_, guide, one.triage_class, one.result), one.fits) << one.what;
  }
}

TEST_F(GuideFitTest, NoMoreThanAPushHoldsAndNoOtherDepartments) {
  std::vector<v1::ProjectGuide> open;
  for (int i = 0; i < kMostGuides + 5; ++i) open.push_back(Guide(absl::StrCat("g", i)));
  open[0].set_department("organizations/qdst-gx");
  const auto fitting = FittingGuides(triage_, open, "organizations/qdst-hy",
                                     TRIAGE_CLASS_HORIZONTAL, Result("海洋", ""));
  ASSERT_THAT(fitting, SizeIs(kMostGuides));
  EXPECT_EQ(fitting[0].name(), "guides/g1");
  v1::Push push;
  NameGuides(fitting, &push);
  EXPECT_FALSE(AddGuide(open.back(), &push));
  DropGuide("guides/g3", &push);
  EXPECT_THAT(push.guides(), SizeIs(kMostGuides - 1));
  EXPECT_EQ(push.guide_titles(2), "g4");
  EXPECT_FALSE(AddGuide(open[1], &push));
  EXPECT_TRUE(AddGuide(open.back(), &push));
  EXPECT_EQ(push.guide_titles(kMostGuides - 1), open.back().title());
  DropGuide("guides/none", &push);
  EXPECT_THAT(push.guides(), SizeIs(kMostGuides));
}

TEST_F(GuideFitTest, APushIsTiedToItsRecipientsGuidesOfItsClassInTheirTime) {
  v1::Push push;
  push.set_recipient("organizations/qdst-hy");
  push.set_triage_class(TRIAGE_CLASS_HORIZONTAL);
  const v1::ProjectGuide guide = Guide("g");
  EXPECT_EQ(WhyNotTied(guide, push, absl::CivilDay(2025, 4, 20)), "");
  EXPECT_NE(WhyNotTied(guide, push, absl::CivilDay(2025, 4, 21)), "");
  push.set_triage_class(TRIAGE_CLASS_FINANCING);
  EXPECT_NE(WhyNotTied(guide, push, absl::CivilDay(2025, 4, 20)), "");
  push.set_triage_class(TRIAGE_CLASS_HORIZONTAL);
  push.set_recipient("organizations/qdst-gx");
  EXPECT_NE(WhyNotTied(guide, push, absl::CivilDay(2025, 4, 20)), "");
}

}  // namespace
}  // namespace chanyan::triage
