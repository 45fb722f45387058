// What may happen to an organization, and how it is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/api/text.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/registry/organization_life.h"
#include "services/registry/organization_rules.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::CivilDay kChangeDay(2025, 4, 1);

std::vector<std::string> FieldsOfChange(const std::vector<status::Violation>& violations) {
  std::vector<std::string> fields;
  for (const status::Violation& violation : violations) fields.push_back(violation.field);
  return fields;
}

v1::Organization Named(const std::string& id, v1::OrganizationKind kind) {
  v1::Organization organization;
  organization.set_name("organizations/" + id);
  organization.set_display_name(id + "公司");
  organization.set_kind(kind);
  organization.set_state(v1::ORGANIZATION_STATE_ACTIVE);
  return organization;
}

TEST(OrganizationLifeTest, EveryStateAndVerb) {
  using S = v1::OrganizationState;
  constexpr S kNo = v1::ORGANIZATION_STATE_UNSPECIFIED;
  constexpr S kActive = v1::ORGANIZATION_STATE_ACTIVE;
  constexpr S kSuspended = v1::ORGANIZATION_STATE_SUSPENDED;
  constexpr S kMerged = v1::ORGANIZATION_STATE_MERGED;
  const S states[] = {kActive, kSuspended, kMerged};
  struct Case {
    const char* verb;
    // Result from each of `states`; kNo = refused.
    S to[3];
  };
  const Case cases[] = {
      {"suspend", {kSuspended, kNo, kNo}},
      {"resume", {kNo, kActive, kNo}},
      {"merge", {kMerged, kMerged, kNo}},
      {"split", {kActive, kNo, kNo}},
  };
  EXPECT_EQ(std::size(cases), OrganizationLife().size());
  EXPECT_EQ(std::size(states) + 1, static_cast<size_t>(v1::OrganizationState_ARRAYSIZE));
  for (const Case& one : cases) {
    for (size_t i = 0; i < std::size(states); ++i) {
      const auto next = policy::Next(OrganizationLife(), states[i], one.verb);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(next.status()), options::v1::ERROR_REASON_WRONG_STATE)
            << one.verb << " from " << states[i];
      } else {
        ASSERT_TRUE(next.ok()) << next.status();
        EXPECT_EQ(*next, one.to[i]) << one.verb << " from " << states[i];
      }
    }
  }
}

TEST(OrganizationRulesTest, OnlyALikeKindTakesAPlace) {
  for (int into = 0; into < v1::OrganizationKind_ARRAYSIZE; ++into) {
    for (int from = 0; from < v1::OrganizationKind_ARRAYSIZE; ++from) {
      const auto a = static_cast<v1::OrganizationKind>(into);
      const auto b = static_cast<v1::OrganizationKind>(from);
      const auto science = [](v1::OrganizationKind kind) {
        return kind == v1::ORGANIZATION_KIND_UNIVERSITY ||
               kind == v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE;
      };
      const bool wanted = (into == from && into != 0) || (science(a) && science(b)) ||
                          (MayBeResponsibleUnit(a) && MayBeResponsibleUnit(b));
      EXPECT_EQ(MayTakeThePlaceOf(a, b), wanted) << a << " of " << b;
    }
  }
}

TEST(OrganizationRulesTest, AnActHoldsFromTodayOrADayThatHasCome) {
  EXPECT_EQ(*EffectiveDay({}, kChangeDay), kChangeDay);
  EXPECT_EQ(*EffectiveDay(time::ToProto(kChangeDay), kChangeDay), kChangeDay);
  EXPECT_EQ(*EffectiveDay(time::ToProto(absl::CivilDay(2024, 12, 31)), kChangeDay),
            absl::CivilDay(2024, 12, 31));
  const auto tomorrow = EffectiveDay(time::ToProto(kChangeDay + 1), kChangeDay);
  EXPECT_THAT(FieldsOfChange(status::ViolationsOf(tomorrow.status())),
              ElementsAre("effective_date"));
  google::type::Date none;
  none.set_year(2025);
  none.set_month(2);
  none.set_day(30);
  EXPECT_FALSE(EffectiveDay(none, kChangeDay).ok());
}

TEST(OrganizationRulesTest, NamesFollowOneAnotherInTime) {
  v1::Organization row = Named("甲", v1::ORGANIZATION_KIND_ENTERPRISE);
  EXPECT_TRUE(CheckRenameDay(row, absl::CivilDay(2000, 1, 1)).ok());
  Rename("乙公司", absl::CivilDay(2025, 1, 1), &row);
  EXPECT_TRUE(WasCalled(row, "甲公司"));
  EXPECT_FALSE(WasCalled(row, "乙公司")) << "it still is";
  EXPECT_TRUE(CheckRenameDay(row, absl::CivilDay(2025, 1, 1)).ok()) << "a slip, mended at once";
  const absl::Status early = CheckRenameDay(row, absl::CivilDay(2024, 12, 31));
  EXPECT_EQ(early.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(early.message()), HasSubstr("2025年1月1日"));
}

TEST(OrganizationRulesTest, WhatIsMergedSaysWhereToGoOn) {
  v1::Organization row = Named("甲", v1::ORGANIZATION_KIND_ENTERPRISE);
  EXPECT_TRUE(RefuseMerged(row).ok());
  row.set_state(v1::ORGANIZATION_STATE_MERGED);
  row.set_merged_into("organizations/乙");
  const absl::Status refused = RefuseMerged(row);
  EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("organizations/乙"));
}

TEST(OrganizationRulesTest, AMergerNeedsTwoThatFit) {
  const v1::Organization from = Named("甲", v1::ORGANIZATION_KIND_ENTERPRISE);
  v1::Organization into = Named("乙", v1::ORGANIZATION_KIND_ENTERPRISE);
  EXPECT_THAT(MergeViolations(from, into), IsEmpty());
  EXPECT_THAT(FieldsOfChange(MergeViolations(from, from)), ElementsAre("into"));
  into.set_state(v1::ORGANIZATION_STATE_SUSPENDED);
  into.set_kind(v1::ORGANIZATION_KIND_TOWN);
  EXPECT_THAT(FieldsOfChange(MergeViolations(from, into)), ElementsAre("into", "into"))
      << "state and kind at once";
  into.set_state(v1::ORGANIZATION_STATE_MERGED);
  into.set_merged_into("organizations/丙");
  EXPECT_THAT(MergeViolations(from, into)[0].description, HasSubstr("organizations/丙"));
}

TEST(OrganizationRulesTest, ASplitIsToldAllThatIsWrongWithIt) {
  const v1::Organization whole = Named("甲", v1::ORGANIZATION_KIND_UNIVERSITY);
  v1::SplitOrganizationRequest request;
  request.add_parts();
  auto* itself = request.add_parts();
  itself->set_organization(whole.name());
  itself->set_successor(true);
  auto* there = request.add_parts();
  there->set_organization("organizations/乙");
  there->set_successor(true);
  there->add_platforms("organizations/甲/platforms/p");
  auto* twice = request.add_parts();
  twice->set_organization("organizations/乙");
  twice->add_platforms("organizations/甲/platforms/p");
  auto* other = request.add_parts();
  other->mutable_created()->set_kind(v1::ORGANIZATION_KIND_TOWN);
  EXPECT_THAT(
      FieldsOfChange(PartViolations(whole, request)),
      ElementsAre("parts[0]", "parts[1].organization", "parts[2].successor",
                  "parts[3].organization", "parts[3].platforms[0]", "parts[4].created.kind"));
  v1::Organization part = Named("乙", v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE);
  EXPECT_THAT(ExistingPartViolations(whole, part, 0), IsEmpty());
  part.set_split_from(whole.name());
  EXPECT_THAT(ExistingPartViolations(whole, part, 0), IsEmpty()) << "it may be given more";
  part.set_split_from("organizations/丙");
  part.set_state(v1::ORGANIZATION_STATE_SUSPENDED);
  part.set_kind(v1::ORGANIZATION_KIND_ENTERPRISE);
  EXPECT_EQ(ExistingPartViolations(whole, part, 1).size(), 3u);
}

TEST(OrganizationRulesTest, ANameBesideAnotherFitsAndIsNotTaken) {
  EXPECT_EQ(NameBeside("海洋实验室", "石油大学", {}), "海洋实验室（原石油大学）");
  EXPECT_EQ(NameBeside("海洋实验室", "石油大学", {"海洋实验室（原石油大学）"}),
            "海洋实验室（原石油大学2）");
  std::string longest;
  for (int i = 0; i < 120; ++i) longest += "海";
  const std::string beside = NameBeside(longest, longest, {});
  EXPECT_EQ(api::CodePoints(beside), 120);
  EXPECT_NE(NameBeside(longest, longest, {beside}), beside);
  EXPECT_EQ(api::CodePoints(NameBeside(longest, longest, {beside})), 120);
}

TEST(OrganizationRulesTest, WhoAbsorbsHasAllThatIsPartOfTheOther) {
  v1::Organization a = Named("a", v1::ORGANIZATION_KIND_ENTERPRISE);
  a.set_unified_social_credit_code("91370211MA3CXXXX0A");
  v1::Organization b = Named("b", v1::ORGANIZATION_KIND_ENTERPRISE);
  v1::Organization c = Named("c", v1::ORGANIZATION_KIND_ENTERPRISE);
  Absorb(kChangeDay, "重组", &a, &b);
  EXPECT_EQ(a.state(), v1::ORGANIZATION_STATE_MERGED);
  EXPECT_EQ(a.merged_into(), b.name());
  EXPECT_EQ(a.state_reason(), "重组");
  EXPECT_EQ(*time::ToCivilDay(a.state_since()), kChangeDay);
  ASSERT_EQ(b.absorbed_size(), 1);
  EXPECT_EQ(b.absorbed(0).display_name(), "a公司");
  EXPECT_EQ(b.absorbed(0).unified_social_credit_code(), "91370211MA3CXXXX0A");
  Absorb(kChangeDay + 1, "重组", &b, &c);
  EXPECT_EQ(b.absorbed_size(), 0);
  ASSERT_EQ(c.absorbed_size(), 2);
  EXPECT_EQ(c.absorbed(0).organization(), a.name());
  EXPECT_EQ(*time::ToCivilDay(c.absorbed(0).date()), kChangeDay) << "the day it was no more";
  EXPECT_EQ(c.absorbed(1).organization(), b.name());
}

TEST(OrganizationRulesTest, AHistoryIsReadInSentences) {
  const struct {
    EventFacts facts;
    const char* sentence;
  } kCases[] = {
      {{v1::ORGANIZATION_EVENT_KIND_RENAMED, "乙", {"甲"}, "", ""}, "由“甲”更名为“乙”"},
      {{v1::ORGANIZATION_EVENT_KIND_SUSPENDED, "甲", {}, "", ""},
       "停用“甲”，保留其记录，不再新办业务"},
      {{v1::ORGANIZATION_EVENT_KIND_RESUMED, "甲", {}, "", ""}, "恢复“甲”"},
      {{v1::ORGANIZATION_EVENT_KIND_MERGED, "甲", {"乙"}, "", "科创平台 2 个"},
       "“甲”并入“乙”，随同转入：科创平台 2 个"},
      {{v1::ORGANIZATION_EVENT_KIND_ABSORBED, "乙", {"甲"}, "", ""}, "“甲”并入“乙”"},
      {{v1::ORGANIZATION_EVENT_KIND_SPLIT, "甲", {"乙", "丙"}, "", ""}, "“甲”分立出“乙”“丙”"},
      {{v1::ORGANIZATION_EVENT_KIND_SPLIT, "甲", {"乙", "丙"}, "丙", "科创平台 1 个"},
       "“甲”分立出“乙”“丙”，其余权利义务由“丙”承继，随同转入：科创平台 1 个"},
      {{v1::ORGANIZATION_EVENT_KIND_SPLIT_OFF, "乙", {"甲"}, "", ""}, "“乙”由“甲”分立"},
  };
  for (const auto& one : kCases) EXPECT_EQ(EventSentence(one.facts), one.sentence);
}

}  // namespace
}  // namespace chanyan::registry
