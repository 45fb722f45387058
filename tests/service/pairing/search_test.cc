// Search as its callers see it, over the registry's journal and pairing's own (REG-5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/validate.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/pairing/discovery_world.h"

namespace chanyan::pairing {
namespace {

using options::v1::ROLE_ADMINISTRATOR;
using options::v1::ROLE_AUDITOR;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class SearchTest : public ::testing::Test, protected DiscoveryWorld {
 protected:
  // Values of one facet with their counts.
  static std::vector<std::string> Values(const v1::SearchResponse& response,
                                         const std::string& facet) {
    std::vector<std::string> values;
    for (const v1::SearchFacet& found : response.facets()) {
      if (found.facet() != facet) continue;
      for (const v1::SearchValue& value : found.values()) {
        values.push_back(absl::StrCat(value.label(), " ", value.count()));
      }
    }
    return values;
  }
};

TEST_F(SearchTest, ThePublicFindsWhatIsPublishedAndItsOwnersTheDraftsToo) {
  EXPECT_THAT(Found(ROLE_PUBLIC, "", "海洋"), UnorderedElementsAre(kLab, kPilotLine));
  EXPECT_THAT(Found(ROLE_RESEARCH_OFFICE, kOuc, "海洋 实验室"), UnorderedElementsAre(kLab, kDraft));
  EXPECT_THAT(Found(ROLE_RESEARCH_OFFICE, kUpc, "海洋 实验室"), ElementsAre(kLab));
  EXPECT_THAT(Found(ROLE_SECRETARIAT, "", "卫星"), ElementsAre(kDraft));
  for (const auto role : {ROLE_PUBLIC, ROLE_ADMINISTRATOR, ROLE_AUDITOR}) {
    EXPECT_THAT(Found(role, "organizations/x", "卫星"), IsEmpty());
    EXPECT_THAT(Found(role, "organizations/x", "企业"), IsEmpty()) << "no enterprise is public";
  }
}

TEST_F(SearchTest, WhatIsPublishedIsFoundAndWhatIsWithdrawnIsGone) {
  registry::v1::Platform fresh =
      MakePlatform("organizations/upc/platforms/fresh", "量子测量实验室（演示）");
  EXPECT_THAT(Found(ROLE_PUBLIC, "", "量子"), IsEmpty());
  Write(fresh);
  Settle();
  EXPECT_THAT(Found(ROLE_PUBLIC, "", "量子"), ElementsAre(fresh.name()));
  fresh.set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
  Write(fresh);
  Settle();
  for (const auto role : {ROLE_PUBLIC, ROLE_SECRETARIAT}) {
    EXPECT_THAT(Found(role, "", "量子"), IsEmpty());
  }
}

TEST_F(SearchTest, IntentsComeAndGoWithTheirLifeAndAreGoneAtTheInstantOfTheirExpiry) {
  const v1::Intent intent = PublishRequest(1, "需要深海电池中试线（演示）", "寻找合作方");
  EXPECT_THAT(Found(ROLE_UNIT, kTown, "深海电池"), IsEmpty()) << "not sealed yet";
  Settle();
  EXPECT_THAT(Found(ROLE_UNIT, kTown, "深海电池"), ElementsAre(intent.name()));
  EXPECT_THAT(Found(ROLE_ENTERPRISE, Enterprise(2), "深海电池"), ElementsAre(intent.name()));
  EXPECT_THAT(Found(ROLE_PUBLIC, "", "深海电池"), IsEmpty());
  clock.now += absl::Hours(24) - absl::Microseconds(1);
  EXPECT_THAT(Found(ROLE_UNIT, kTown, "深海电池"), ElementsAre(intent.name()));
  clock.now += absl::Microseconds(1);
  EXPECT_THAT(Found(ROLE_UNIT, kTown, "深海电池"), IsEmpty()) << "no job has run";
  EXPECT_THAT(Found(ROLE_ENTERPRISE, Enterprise(1), "深海电池"), IsEmpty()) << "nor for its owner";
  ASSERT_EQ(*service.ExpireIntents(*JobLease()), 1);
  Settle();
  EXPECT_THAT(Found(ROLE_SECRETARIAT, "", "深海电池"), IsEmpty());

  const v1::Intent second = PublishRequest(1, "需要深海电池中试线（演示）", "");
  Settle();
  EXPECT_THAT(Found(ROLE_UNIT, kTown, "深海电池"), ElementsAre(second.name()));
  v1::WithdrawIntentRequest withdraw;
  withdraw.set_name(second.name());
  ASSERT_TRUE(
      service.WithdrawIntent(As(ROLE_ENTERPRISE, Enterprise(1), "WithdrawIntent"), withdraw).ok());
  Settle();
  EXPECT_THAT(Found(ROLE_UNIT, kTown, "深海电池"), IsEmpty());
}

TEST_F(SearchTest, ResultsAreFoundByTheirProjectsSidesTheUnitAndTheOffices) {
  v1::CreateOutcomeRequest request;
  request.set_parent(In(v1::PROJECT_STATE_SIGNED, kLab, 1).name());
  request.set_request_id(api::NewUuid());
  v1::Outcome& outcome = *request.mutable_outcome();
  outcome.set_kind("发明专利");
  outcome.set_quantity(1);
  outcome.set_reference("ZL202510000001.1");
  outcome.set_description("石墨烯防腐涂层制备方法（演示）");
  *outcome.mutable_period_first() = time::ToProto(absl::CivilDay(2025, 3, 1));
  *outcome.mutable_period_last() = time::ToProto(absl::CivilDay(2025, 3, 31));
  *outcome.add_evidence() = Document("证书.pdf");
  const auto declared = outcomes.CreateOutcome(
      As(ROLE_RESEARCH_OFFICE, kOuc, "OutcomeService.CreateOutcome"), request);
  ASSERT_TRUE(declared.ok()) << declared.status();
  Settle();
  EXPECT_THAT(Found(ROLE_RESEARCH_OFFICE, kOuc, "石墨烯 涂层"), ElementsAre(declared->name()));
  EXPECT_THAT(Found(ROLE_ENTERPRISE, Enterprise(1), "石墨烯 涂层"), ElementsAre(declared->name()));
  EXPECT_THAT(Found(ROLE_UNIT, kZone, "石墨烯 涂层"), ElementsAre(declared->name()));
  EXPECT_THAT(Found(ROLE_SECRETARIAT, "", "ZL202510000001.1"), ElementsAre(declared->name()));
  EXPECT_THAT(Found(ROLE_RESEARCH_OFFICE, kUpc, "石墨烯 涂层"), IsEmpty());
  EXPECT_THAT(Found(ROLE_ENTERPRISE, Enterprise(2), "石墨烯 涂层"), IsEmpty());
  EXPECT_THAT(Found(ROLE_UNIT, kTown, "石墨烯 涂层"), IsEmpty());
  EXPECT_THAT(Found(ROLE_PUBLIC, "", "石墨烯 涂层"), IsEmpty());
  v1::WithdrawOutcomeRequest withdraw;
  withdraw.set_name(declared->name());
  withdraw.set_request_id(api::NewUuid());
  ASSERT_TRUE(outcomes
                  .WithdrawOutcome(As(ROLE_RESEARCH_OFFICE, kOuc, "OutcomeService.WithdrawOutcome"),
                                   withdraw)
                  .ok());
  Settle();
  EXPECT_THAT(Found(ROLE_SECRETARIAT, "", "石墨烯 涂层"), IsEmpty());
}

TEST_F(SearchTest, AnEnterpriseIsFoundByItselfItsUnitAndTheOffices) {
  EXPECT_THAT(Found(ROLE_ENTERPRISE, Enterprise(1), "企业1"), ElementsAre(Enterprise(1)));
  EXPECT_THAT(Found(ROLE_ENTERPRISE, Enterprise(2), "企业1"), ElementsAre(Enterprise(2)))
      << "only 企业 is within its reach";
  EXPECT_THAT(Found(ROLE_UNIT, kZone, "企业"), UnorderedElementsAre(Enterprise(1), Enterprise(2)));
  EXPECT_THAT(Found(ROLE_UNIT, kTown, "企业"), ElementsAre(Enterprise(3)));
  EXPECT_EQ(Found(ROLE_SECRETARIAT, "", "企业").size(), 3u);
  EXPECT_THAT(Found(ROLE_RESEARCH_OFFICE, kOuc, "企业"), IsEmpty());
}

TEST_F(SearchTest, FacetsCountWhatTheCallerMaySeeAndNarrow) {
  registry::v1::Organization owner = At(kOuc);
  owner.set_zone("古镇口");
  owner.set_region_code("370211");
  Write(owner);
  PublishRequest(1, "海洋检测需求（演示）", "");
  Settle();
  v1::SearchRequest request;
  request.set_query("海洋");
  auto response = Search(Call(ROLE_PUBLIC, ""), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->total_size(), 2);
  EXPECT_THAT(Values(*response, "type"), ElementsAre("科创平台 2"));
  EXPECT_THAT(Values(*response, "kind"), ElementsAre("实验室 1", "中试验证平台 1"));
  EXPECT_THAT(Values(*response, "zone"), ElementsAre("古镇口 2"));
  EXPECT_THAT(Values(*response, "district"), ElementsAre("黄岛区 2"));
  EXPECT_THAT(Values(*response, "level"), ElementsAre("省级 2"));
  // One kind chosen: its own facet still shows the others.
  request.add_kinds("PILOT_TEST");
  response = Search(Call(ROLE_PUBLIC, ""), request);
  EXPECT_EQ(response->total_size(), 1);
  EXPECT_EQ(response->hits(0).resource(), kPilotLine);
  EXPECT_THAT(Values(*response, "kind"), ElementsAre("实验室 1", "中试验证平台 1"));
  EXPECT_THAT(Values(*response, "zone"), ElementsAre("古镇口 1"));
  request.clear_kinds();
  response = Search(Call(ROLE_SECRETARIAT, ""), request);
  EXPECT_EQ(response->total_size(), 5) << "drafts, intents and the university itself";
  EXPECT_THAT(Values(*response, "type"),
              UnorderedElementsAre("科创平台 3", "结对共建意向 1", "单位 1"));
  request.add_types("Intent");
  response = Search(Call(ROLE_SECRETARIAT, ""), request);
  EXPECT_EQ(response->total_size(), 1);
  EXPECT_THAT(Values(*response, "kind"), ElementsAre("中试验证平台 1"))
      << "a kind of co-building beside kinds of platforms";
}

TEST_F(SearchTest, AHitShowsWhereItsWordsStand) {
  registry::v1::Platform lab = MakePlatform(kLab, "海洋腐蚀与防护实验室（演示）");
  lab.set_introduction("面向海工装备，开展全浸、飞溅和大气区的腐蚀试验。");
  registry::v1::Contact& contact = *lab.add_contacts();
  contact.set_person("王腐蚀");
  contact.set_phone("13812345678");
  Write(lab);
  Settle();
  v1::SearchRequest request;
  request.set_query("腐蝕");
  const auto response = Search(Call(ROLE_PUBLIC, ""), request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->hits_size(), 1);
  const v1::SearchHit& hit = response->hits(0);
  EXPECT_EQ(hit.title(), "海洋腐蚀与防护实验室（演示）");
  EXPECT_EQ(hit.type_label(), "科创平台");
  ASSERT_EQ(hit.title_marks_size(), 1);
  EXPECT_EQ(hit.title_marks(0).begin(), 2);
  EXPECT_EQ(hit.title_marks(0).end(), 4);
  ASSERT_EQ(hit.excerpts_size(), 1);
  EXPECT_EQ(hit.excerpts(0).field(), "introduction");
  EXPECT_EQ(hit.excerpts(0).label(), "平台介绍");
  EXPECT_EQ(hit.excerpts(0).text(), lab.introduction());
  EXPECT_EQ(hit.excerpts(0).marks(0).begin(), 19);
  EXPECT_THAT(Found(ROLE_SECRETARIAT, "", "王腐"), IsEmpty()) << "contacts are not searched";
  EXPECT_THAT(Found(ROLE_SECRETARIAT, "", "13812345678"), IsEmpty());
}

TEST_F(SearchTest, PagesLeadThroughAllHitsOnceAndTokensFitTheirQuestion) {
  for (int i = 0; i < 25; ++i) {
    Write(MakePlatform(absl::StrCat("organizations/upc/platforms/n", i), "量子实验室（演示）"));
  }
  Settle();
  for (const char* words : {"量子", "", "量子 不存在的词"}) {
    v1::SearchRequest request;
    request.set_query(words);
    request.set_page_size(7);
    std::vector<std::string> names;
    do {
      const auto page = Search(Call(ROLE_PUBLIC, ""), request);
      ASSERT_TRUE(page.ok()) << page.status();
      EXPECT_EQ(page->total_size(), *words == '\0' ? 28 : 25);
      EXPECT_EQ(page->partial(), std::string(words) == "量子 不存在的词");
      for (const v1::SearchHit& hit : page->hits()) names.push_back(hit.resource());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(names.size(), *words == '\0' ? 28u : 25u);
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  }
  v1::SearchRequest request;
  request.set_query("量子");
  request.set_page_size(7);
  const std::string token = Search(Call(ROLE_PUBLIC, ""), request)->next_page_token();
  request.set_query("低空");
  for (const std::string& wrong : {token, std::string("garbage"), token + "A"}) {
    request.set_page_token(wrong);
    EXPECT_EQ(status::ReasonOf(Search(Call(ROLE_PUBLIC, ""), request).status()),
              options::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
  }
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_TRUE(absl::IsInvalidArgument(Search(Call(ROLE_PUBLIC, ""), request).status()));
}

TEST_F(SearchTest, AnUnknownTypeIsNamedAndATooLongQueryRefused) {
  v1::SearchRequest request;
  request.add_types("Platform");
  request.add_types("Castle");
  const auto violations = status::ViolationsOf(Search(Call(ROLE_PUBLIC, ""), request).status());
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "types[1]");
  EXPECT_THAT(violations[0].description,
              ::testing::HasSubstr("Platform、Instrument、Organization、Intent"));
  request.clear_types();
  std::string query;
  for (int i = 0; i < 201; ++i) query += "海";
  request.set_query(query);
  EXPECT_FALSE(api::Violations(request).empty());
}

TEST_F(SearchTest, HostileWordsAreOnlyWords) {
  for (const char* words :
       {"海洋 NOT 药物", "type:Intent", "Gx", "\"", "(((", "*", "海洋*", "%' OR 1=1 -- ", "~1^2",
        "<b>海洋</b>", "${jndi:ldap://x}", "\xE2\x80\xAE海洋", "../../etc/passwd"}) {
    v1::SearchRequest request;
    request.set_query(words);
    const auto response = Search(Call(ROLE_PUBLIC, ""), request);
    ASSERT_TRUE(response.ok()) << words << response.status();
    for (const v1::SearchHit& hit : response->hits()) EXPECT_NE(hit.resource(), kDraft) << words;
  }
}

TEST_F(SearchTest, ARequestIsNarrowedByWhereItsEnterpriseStands) {
  registry::v1::Organization enterprise = At(Enterprise(1));
  enterprise.set_zone("泊里镇");
  Write(enterprise);
  PublishRequest(1, "海洋检测需求（演示）", "");
  Settle();
  v1::SearchRequest request;
  request.set_query("海洋检测需求");
  request.add_types("Intent");
  request.add_zones("泊里镇");
  EXPECT_EQ(Search(Call(ROLE_RESEARCH_OFFICE, kOuc), request)->total_size(), 1);
  request.set_zones(0, "古镇口");
  EXPECT_EQ(Search(Call(ROLE_RESEARCH_OFFICE, kOuc), request)->total_size(), 0);
}

TEST_F(SearchTest, AnInstrumentIsNarrowedByItsPlatformAndWhereItStands) {
  registry::v1::Organization owner = At(kOuc);
  owner.set_zone("古镇口");
  Write(owner);
  registry::v1::Platform platform = PlatformAt(kPilotLine);
  platform.add_industries("生命健康");
  Write(platform);
  registry::v1::Instrument instrument;
  instrument.set_name("organizations/ouc/instruments/i1");
  instrument.set_organization(kOuc);
  instrument.set_platform(kPilotLine);
  instrument.set_platform_published(true);
  instrument.set_display_name("冻干机（演示）");
  instrument.set_state(registry::v1::INSTRUMENT_STATE_OPEN);
  Write(instrument);
  Settle();
  const rpc::Call anyone = Call(options::v1::ROLE_PUBLIC, "");
  v1::SearchRequest request;
  request.set_query("冻干机");
  const auto narrowed = [&](const std::function<void(v1::SearchRequest*)>& narrow) {
    v1::SearchRequest one = request;
    narrow(&one);
    const auto response = Search(anyone, one);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->total_size() : -1;
  };
  EXPECT_EQ(narrowed([](v1::SearchRequest* r) { r->add_industries("生命健康"); }), 1);
  EXPECT_EQ(narrowed([](v1::SearchRequest* r) { r->add_industries("海洋装备"); }), 0);
  EXPECT_EQ(narrowed([](v1::SearchRequest* r) { r->add_kinds("PILOT_TEST"); }), 1);
  EXPECT_EQ(narrowed([](v1::SearchRequest* r) { r->add_levels("PROVINCIAL"); }), 1);
  EXPECT_EQ(narrowed([](v1::SearchRequest* r) { r->add_levels("NATIONAL"); }), 0);
  EXPECT_EQ(narrowed([](v1::SearchRequest* r) { r->add_zones("古镇口"); }), 1);
  // The platform goes over to another industry, and its instruments with it.
  platform = PlatformAt(kPilotLine);
  platform.set_industries(0, "海洋装备");
  Write(platform);
  Settle();
  EXPECT_EQ(narrowed([](v1::SearchRequest* r) { r->add_industries("生命健康"); }), 0);
  EXPECT_EQ(narrowed([](v1::SearchRequest* r) { r->add_industries("海洋装备"); }), 1);
}

}  // namespace
}  // namespace chanyan::pairing
