// Rules of organizations and platforms, without a database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/verdict.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/registry/ids.h"
#include "services/registry/organization_rules.h"
#include "services/registry/platform_life.h"
#include "services/registry/platform_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Fields(const std::vector<status::Violation>& violations) {
  std::vector<std::string> fields;
  for (const status::Violation& violation : violations) fields.push_back(violation.field);
  return fields;
}

v1::Organization OrganizationOf(v1::OrganizationKind kind) {
  v1::Organization organization;
  organization.set_name("organizations/a");
  organization.set_display_name("甲");
  organization.set_kind(kind);
  return organization;
}

// A pack that asks for freshness after 92 days and for an introduction.
std::unique_ptr<const policy::Pack> SmallPack() {
  return testing::PackOf(R"pb(
    id: "small"
    display_name: "小"
    version: "1"
    effective_from { year: 2025 month: 1 day: 1 }
    rules {
      id: "platform.introduction"
      display_name: "应有介绍"
      clause { document: "函" article: "一" text: "发布科创平台介绍" }
      strength: STRENGTH_HARD
      origin: ORIGIN_STATED
      decision: DECISION_PLATFORM_PUBLISH
      required_facts { facts { name: "introduction" display_name: "平台介绍" } }
    }
    rules {
      id: "platform.freshness"
      display_name: "及时更新"
      clause { document: "函" article: "一" text: "及时更新" }
      strength: STRENGTH_SOFT
      origin: ORIGIN_CHOSEN
      note: "一个季度"
      override_roles: ROLE_SECRETARIAT
      decision: DECISION_PLATFORM_FRESHNESS
      maximum_age { fact: "confirmed_date" as_of_fact: "as_of_date" max_days: 92 }
    })pb");
}

TEST(OrganizationRulesTest, EveryKindIsUnitOwnerBothOrNeither) {
  struct Case {
    v1::OrganizationKind kind;
    bool unit;
    bool owner;
  };
  const Case cases[] = {
      {v1::ORGANIZATION_KIND_UNSPECIFIED, false, false},
      {v1::ORGANIZATION_KIND_UNIVERSITY, false, true},
      {v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE, false, true},
      {v1::ORGANIZATION_KIND_ENTERPRISE, false, true},
      {v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE, true, false},
      {v1::ORGANIZATION_KIND_TOWN, true, false},
      {v1::ORGANIZATION_KIND_DISTRICT, true, false},
      {v1::ORGANIZATION_KIND_DEPARTMENT, true, false},
      {v1::ORGANIZATION_KIND_SECRETARIAT, false, false},
      {v1::ORGANIZATION_KIND_SERVICE_AGENCY, false, false},
      {v1::ORGANIZATION_KIND_STATE_INVESTOR, false, false},
      {v1::ORGANIZATION_KIND_ASSOCIATION, false, false},
      {v1::ORGANIZATION_KIND_INCUBATOR, false, false},
      {v1::ORGANIZATION_KIND_FINANCIAL, false, false},
  };
  EXPECT_EQ(std::size(cases), static_cast<size_t>(v1::OrganizationKind_ARRAYSIZE));
  for (const Case& one : cases) {
    EXPECT_EQ(MayBeResponsibleUnit(one.kind), one.unit) << one.kind;
    EXPECT_EQ(MayOwnPlatforms(one.kind), one.owner) << one.kind;
  }
}

TEST(OrganizationRulesTest, AllViolationsAtOnce) {
  EXPECT_THAT(Fields(OrganizationViolations(OrganizationOf(v1::ORGANIZATION_KIND_ENTERPRISE))),
              ElementsAre("unified_social_credit_code"));
  v1::Organization town = OrganizationOf(v1::ORGANIZATION_KIND_TOWN);
  EXPECT_THAT(OrganizationViolations(town), IsEmpty());
  town.set_unit("organizations/b");
  town.add_qualifications(v1::QUALIFICATION_HIGH_TECH);
  town.set_parent(town.name());
  EXPECT_THAT(Fields(OrganizationViolations(town)),
              ElementsAre("unit", "qualifications", "parent"));
}

TEST(OrganizationRulesTest, WhereItIsIsWhatThePackCallsIt) {
  const auto pack = testing::PackOf(R"pb(
    id: "small"
    display_name: "小"
    version: "1"
    effective_from { year: 2025 month: 1 day: 1 }
    places { id: "9901" display_name: "甲市" kind: PLACE_KIND_CITY }
    places { id: "990111" display_name: "东区" kind: PLACE_KIND_DISTRICT parent_id: "9901" }
    places {
      id: "z"
      display_name: "古港口"
      kind: PLACE_KIND_ZONE
      parent_id: "990111"
      aliases: "创新区"
    })pb");
  v1::Organization organization = OrganizationOf(v1::ORGANIZATION_KIND_ENTERPRISE);
  organization.set_region_code("990111");
  organization.set_zone("创新区");
  EXPECT_THAT(TakePlace(*pack, nullptr, &organization), IsEmpty());
  EXPECT_EQ(organization.zone(), "古港口");
  // The pack of today knows neither.
  organization.set_region_code("990199");
  organization.set_zone("古港囗");
  EXPECT_THAT(Fields(TakePlace(*pack, nullptr, &organization)), ElementsAre("region_code", "zone"));
  v1::Organization stored = organization;
  organization.set_display_name("乙");
  EXPECT_THAT(TakePlace(*pack, &stored, &organization), IsEmpty()) << "what stays is left alone";
  organization.set_zone("古港");
  EXPECT_THAT(Fields(TakePlace(*pack, &stored, &organization)), ElementsAre("zone"));
  organization.set_zone(stored.zone());
  organization.set_region_code("990111");
  EXPECT_THAT(Fields(TakePlace(*pack, &stored, &organization)), ElementsAre("zone"))
      << "who moves says where to";
}

TEST(OrganizationRulesTest, RenameKeepsEachFormerNameWithItsLastDay) {
  v1::Organization organization = OrganizationOf(v1::ORGANIZATION_KIND_TOWN);
  Rename("甲", absl::CivilDay(2025, 5, 1), &organization);
  EXPECT_EQ(organization.former_names_size(), 0) << "the same name";
  Rename("乙", absl::CivilDay(2025, 5, 1), &organization);
  Rename("丙", absl::CivilDay(2026, 1, 1), &organization);
  EXPECT_EQ(organization.display_name(), "丙");
  ASSERT_EQ(organization.former_names_size(), 2);
  EXPECT_EQ(organization.former_names(0).display_name(), "甲");
  EXPECT_EQ(*time::ToCivilDay(organization.former_names(0).until()), absl::CivilDay(2025, 4, 30));
  EXPECT_EQ(organization.former_names(1).display_name(), "乙");
  EXPECT_EQ(*time::ToCivilDay(organization.former_names(1).until()), absl::CivilDay(2025, 12, 31));
}

TEST(OrganizationRulesTest, IdsAreTheSameForTheSameThing) {
  v1::Organization organization = OrganizationOf(v1::ORGANIZATION_KIND_TOWN);
  const std::string by_name = OrganizationId(organization);
  EXPECT_EQ(OrganizationId(organization), by_name);
  organization.set_unified_social_credit_code("91370211MA3CXXXX0A");
  EXPECT_EQ(OrganizationId(organization), "91370211ma3cxxxx0a");
  v1::Platform platform;
  platform.set_organization("organizations/a");
  platform.set_display_name("实验室");
  const std::string id = PlatformId(platform);
  platform.set_organization("organizations/b");
  EXPECT_NE(PlatformId(platform), id);
}

TEST(PlatformRulesTest, AMissingFactOfAHardRuleStopsPublication) {
  const auto pack = SmallPack();
  v1::Platform platform;
  platform.set_name("organizations/a/platforms/b");
  const absl::Time now = time::StartOfDay(absl::CivilDay(2025, 4, 1));
  EXPECT_TRUE(policy::HasHardFailure(PublishVerdicts(*pack, platform, now)));
  platform.set_introduction("介绍");
  const auto verdicts = PublishVerdicts(*pack, platform, now);
  EXPECT_FALSE(policy::HasHardFailure(verdicts));
  EXPECT_EQ(policy::Encode(verdicts), policy::Encode(PublishVerdicts(*pack, platform, now)));
}

TEST(PlatformRulesTest, APublishedPlatformSaysWhatItIsWhatItOffersAndWhomToTurnTo) {
  const auto pack = testing::ShippedPack();
  const absl::Time now = time::StartOfDay(absl::CivilDay(2025, 4, 1));
  v1::Platform complete;
  complete.set_name("organizations/a/platforms/b");
  complete.set_introduction("介绍");
  complete.add_services()->set_title("盐雾试验");
  v1::Contact* contact = complete.add_contacts();
  contact->set_person("王老师");
  contact->set_email("wang@example.cn");
  const auto missing = [&](const v1::Platform& platform) {
    const policy::v1::Verdicts verdicts = PublishVerdicts(*pack, platform, now);
    EXPECT_EQ(verdicts.verdicts_size(), 2);
    const policy::v1::Verdict& verdict = verdicts.verdicts(0);
    EXPECT_EQ(verdict.rule_id(), "platform.content");
    EXPECT_EQ(verdict.outcome() == policy::v1::OUTCOME_SATISFIED,
              policy::RequireSatisfied(verdicts).ok());
    return verdict.reason();
  };
  EXPECT_EQ(missing(complete), "科创平台发布应写明内容：应填内容齐全");
  EXPECT_EQ(missing(v1::Platform()),
            "科创平台发布应写明内容：缺少平台介绍、服务目录或服务能力、"
            "有联系电话或电子邮箱的联系人");
  v1::Platform one = complete;
  one.set_introduction(" 　\n　");
  EXPECT_EQ(missing(one), "科创平台发布应写明内容：缺少平台介绍") << "blanks say nothing";
  one = complete;
  one.clear_services();
  EXPECT_EQ(missing(one), "科创平台发布应写明内容：缺少服务目录或服务能力");
  one.add_capabilities("　");
  EXPECT_EQ(missing(one), "科创平台发布应写明内容：缺少服务目录或服务能力");
  one.add_capabilities("样机试验");
  EXPECT_EQ(missing(one), "科创平台发布应写明内容：应填内容齐全");
  one = complete;
  one.mutable_contacts(0)->clear_email();
  EXPECT_EQ(missing(one), "科创平台发布应写明内容：缺少有联系电话或电子邮箱的联系人")
      << "a name alone reaches nobody";
  one.mutable_contacts(0)->set_phone("0532-82345678");
  EXPECT_EQ(missing(one), "科创平台发布应写明内容：应填内容齐全");
  const std::string kept = PublishVerdicts(*pack, one, now).DebugString();
  EXPECT_EQ(kept.find("82345678"), std::string::npos);
}

TEST(PlatformRulesTest, TheFirstRoundsDayIsForWhatWasOnRecordBeforeIt) {
  const auto pack = testing::ShippedPack();
  const absl::CivilDay last(2025, 3, 18);
  const auto outcome = [&](absl::Time created, absl::Time published) {
    v1::Platform platform;
    *platform.mutable_create_time() = time::ToTimestamp(created);
    // Published for the first time now, or then and changed now.
    const auto fresh = PublishVerdicts(*pack, platform, published);
    *platform.mutable_publish_time() = time::ToTimestamp(published);
    const auto again = PublishVerdicts(*pack, platform, published + absl::Hours(24 * 100));
    EXPECT_EQ(policy::Encode(fresh), policy::Encode(again));
    EXPECT_EQ(fresh.verdicts(1).rule_id(), "platform.first-publication");
    return fresh.verdicts(1).outcome();
  };
  const absl::Time before = time::EndOfDay(last - 1);
  EXPECT_EQ(outcome(before, time::EndOfDay(last)), policy::v1::OUTCOME_SATISFIED);
  EXPECT_EQ(outcome(before, time::StartOfDay(last + 1)), policy::v1::OUTCOME_NOT_SATISFIED);
  EXPECT_EQ(outcome(before - absl::Hours(24 * 365), time::StartOfDay(last + 1)),
            policy::v1::OUTCOME_NOT_SATISFIED);
  EXPECT_EQ(outcome(time::StartOfDay(last), time::StartOfDay(last + 1)),
            policy::v1::OUTCOME_SATISFIED)
      << "new on the day itself";
  EXPECT_EQ(outcome(time::StartOfDay(last + 1), time::StartOfDay(last + 400)),
            policy::v1::OUTCOME_SATISFIED)
      << "持续发布新平台";
}

TEST(PlatformRulesTest, OnlyAPublishedPlatformGoesStaleAndOnlyAfterItsDays) {
  const auto pack = SmallPack();
  v1::Platform platform;
  const absl::Time confirmed = time::StartOfDay(absl::CivilDay(2025, 4, 1)) + absl::Hours(23);
  *platform.mutable_confirm_time() = time::ToTimestamp(confirmed);
  const absl::Time last = time::EndOfDay(absl::CivilDay(2025, 4, 1) + 92);
  for (int state = 0; state < v1::PlatformState_ARRAYSIZE; ++state) {
    platform.set_state(static_cast<v1::PlatformState>(state));
    EXPECT_FALSE(IsStale(*pack, platform, last)) << state;
    EXPECT_EQ(IsStale(*pack, platform, last + absl::Seconds(1)),
              state == v1::PLATFORM_STATE_PUBLISHED)
        << state;
  }
}

TEST(PlatformRulesTest, FreshnessIsJudgedWithTheDaysAndAnExceptionHoldsToItsLastDay) {
  const auto pack = SmallPack();
  const absl::CivilDay confirmed(2025, 4, 1);
  v1::Platform platform;
  platform.set_state(v1::PLATFORM_STATE_PUBLISHED);
  *platform.mutable_confirm_time() = time::ToTimestamp(time::StartOfDay(confirmed));
  JudgeFreshness(*pack, time::StartOfDay(confirmed + 92), &platform);
  EXPECT_FALSE(platform.stale());
  ASSERT_EQ(platform.freshness_verdicts().verdicts_size(), 1);
  EXPECT_EQ(platform.freshness_verdicts().verdicts(0).outcome(), policy::v1::OUTCOME_SATISFIED);
  const absl::Time late = time::StartOfDay(confirmed + 93);
  JudgeFreshness(*pack, late, &platform);
  EXPECT_TRUE(platform.stale());
  const policy::v1::Verdict& verdict = platform.freshness_verdicts().verdicts(0);
  EXPECT_EQ(verdict.outcome(), policy::v1::OUTCOME_NOT_SATISFIED);
  EXPECT_FALSE(verdict.clause().document().empty());
  std::vector<std::string> facts;
  for (const policy::v1::Fact& fact : verdict.facts()) {
    facts.push_back(fact.name() + " " + fact.values(0));
  }
  EXPECT_THAT(facts, ElementsAre("as_of_date 2025-07-03", "confirmed_date 2025-04-01"));

  // Set aside: the record stays until the last day is over, then the rule speaks again.
  platform.mutable_freshness_verdicts()->mutable_verdicts(0)->set_outcome(
      policy::v1::OUTCOME_OVERRIDDEN);
  *platform.mutable_freshness_override_until() = time::ToProto(confirmed + 100);
  JudgeFreshness(*pack, time::EndOfDay(confirmed + 100), &platform);
  EXPECT_FALSE(platform.stale());
  EXPECT_EQ(platform.freshness_verdicts().verdicts(0).outcome(), policy::v1::OUTCOME_OVERRIDDEN);
  JudgeFreshness(*pack, time::StartOfDay(confirmed + 101), &platform);
  EXPECT_TRUE(platform.stale());
  EXPECT_FALSE(platform.has_freshness_override_until());
  EXPECT_EQ(platform.freshness_verdicts().verdicts(0).outcome(), policy::v1::OUTCOME_NOT_SATISFIED);

  // A pack without the rule leaves neither mark nor verdicts.
  const auto linyi = testing::ShippedPack("linyi");
  JudgeFreshness(*linyi, late, &platform);
  EXPECT_FALSE(platform.stale());
  EXPECT_FALSE(platform.has_freshness_verdicts());
}

TEST(PlatformRulesTest, AnExceptionEndsWhenThePackSays) {
  const auto pack = testing::ShippedPack();
  const absl::CivilDay today(2025, 4, 1);
  for (const absl::CivilDay good : {today + 1, today + 366}) {
    const auto end = ExceptionEnd(*pack, time::ToProto(good), today);
    ASSERT_TRUE(end.ok()) << end.status();
    EXPECT_EQ(*end, good);
  }
  for (const absl::CivilDay bad : {today, today - 1, today + 367}) {
    const absl::Status refused = ExceptionEnd(*pack, time::ToProto(bad), today).status();
    EXPECT_THAT(Fields(status::ViolationsOf(refused)), ElementsAre("until"))
        << time::FormatDate(bad);
    EXPECT_THAT(status::ViolationsOf(refused)[0].description,
                ::testing::HasSubstr("不晚于2026年4月2日"));
  }
  google::type::Date no_day;
  no_day.set_year(2025);
  no_day.set_month(6);
  no_day.set_day(31);
  EXPECT_FALSE(ExceptionEnd(*pack, no_day, today).ok());
  EXPECT_FALSE(ExceptionEnd(*pack, {}, today).ok());
  // A city that sets no bound.
  const auto small = SmallPack();
  EXPECT_TRUE(ExceptionEnd(*small, time::ToProto(today + 5000), today).ok());
  EXPECT_FALSE(ExceptionEnd(*small, time::ToProto(today), today).ok());
}

TEST(PlatformLifeTest, EveryStateAndVerb) {
  using S = v1::PlatformState;
  const S states[] = {v1::PLATFORM_STATE_DRAFT, v1::PLATFORM_STATE_IN_REVIEW,
                      v1::PLATFORM_STATE_PUBLISHED, v1::PLATFORM_STATE_RETURNED,
                      v1::PLATFORM_STATE_WITHDRAWN};
  constexpr S kNo = v1::PLATFORM_STATE_UNSPECIFIED;
  struct Case {
    const char* verb;
    // Result from each of `states`; kNo = refused.
    S to[5];
  };
  const Case cases[] = {
      {"submit", {v1::PLATFORM_STATE_IN_REVIEW, kNo, kNo, v1::PLATFORM_STATE_IN_REVIEW, kNo}},
      {"publish", {kNo, v1::PLATFORM_STATE_PUBLISHED, kNo, kNo, kNo}},
      {"return", {kNo, v1::PLATFORM_STATE_RETURNED, kNo, kNo, kNo}},
      {"confirm", {kNo, kNo, v1::PLATFORM_STATE_PUBLISHED, kNo, kNo}},
      {"withdraw", {kNo, kNo, v1::PLATFORM_STATE_WITHDRAWN, kNo, kNo}},
  };
  EXPECT_EQ(std::size(cases), PlatformLife().size());
  for (const Case& one : cases) {
    for (int i = 0; i < 5; ++i) {
      const auto next = policy::Next(PlatformLife(), states[i], one.verb);
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

}  // namespace
}  // namespace chanyan::registry
