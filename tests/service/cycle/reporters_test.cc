// Whose platforms get forms is the pack's to say, an enterprise that is both sides keeps them
// apart, and who has no platform stands beside the rate (S0 一（一）, CYC-3, CYC-5).
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/service/cycle/outputs_world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReportersTest : public OutputsTest {
 protected:
  policy::v1::PolicyPack PackWith(bool enterprises, bool count_unpublished) {
    policy::v1::PolicyPack proto = world_.pack->proto();
    policy::v1::Reporters& reporters = *proto.mutable_cycle_plan()->mutable_reporters();
    reporters.clear_organization_kinds();
    reporters.add_organization_kinds("UNIVERSITY");
    reporters.add_organization_kinds("RESEARCH_INSTITUTE");
    if (enterprises) reporters.add_organization_kinds("ENTERPRISE");
    reporters.set_count_unpublished(count_unpublished);
    *reporters.mutable_clause() = proto.rules(0).clause();
    reporters.set_origin(policy::v1::ORIGIN_CHOSEN);
    reporters.set_note("大企业的科创平台也填报");
    return proto;
  }
  // Enterprise 0 has a platform, and platforms of enterprises report.
  void WithPlant() {
    world_.AddOwnPlatform(0);
    world_.Use(PackWith(/*enterprises=*/true, false));
    ASSERT_TRUE(world_.Open().ok());
  }
  // Both universities have reported; the units and enterprises have what is theirs.
  void UniversitiesReport() {
    ASSERT_TRUE(world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0)})).ok());
    ASSERT_TRUE(world_.Import(kUpc, World::Sheet({World::Ongoing(kUpcLab, 2)})).ok());
    for (const char* university : {kOuc, kUpc}) {
      ASSERT_TRUE(world_.Submit(university).ok());
      ASSERT_TRUE(world_.Accept(university).ok());
    }
  }
  void Distribute() {
    ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
    ASSERT_TRUE(world_.Distribute().ok());
    for (const char* unit : {kZone, kTown}) {
      ASSERT_TRUE(world_.Receive(unit, ROLE_UNIT).ok());
      ASSERT_TRUE(world_.ToEnterprises(unit).ok());
    }
    ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
  }
  void ExpectConserved() {
    const v1::Conservation proof = world_.Check();
    EXPECT_THAT(proof.violations(), IsEmpty()) << proof.DebugString();
  }
  v1::Punctuality Punctuality() {
    v1::QueryPunctualityRequest request;
    request.set_name(kCycle);
    const auto result = world_.service->QueryPunctuality(
        world_.CallOf("QueryPunctuality", ROLE_SECRETARIAT, kSecretariat), request);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : v1::Punctuality();
  }
  std::vector<std::string> ExportedPunctuality() {
    v1::ExportPunctualityRequest request;
    request.set_name(kCycle);
    const auto file = world_.service->ExportPunctuality(
        world_.CallOf("ExportPunctuality", ROLE_SECRETARIAT, kSecretariat), request);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? LinesOf(*file) : std::vector<std::string>();
  }
  std::vector<std::string> Told() {
    return testing::Texts(world_.database.db(),
                          "SELECT CONCAT(SUBSTR(account, 10), '|', title, '|', content) "
                          "FROM notification WHERE title LIKE '%尚未发布科创平台%'");
  }

  static constexpr char kPlantForm[] = "cycles/2025q2/forms/e0";
};

TEST_F(ReportersTest, WithoutASayOfThePackEnterprisesHaveNoForm) {
  world_.AddOwnPlatform(0);
  ASSERT_TRUE(world_.Open().ok());
  EXPECT_EQ(world_.Count("form"), 2);
  EXPECT_TRUE(absl::IsNotFound(
      world_.Import(World::Enterprise(0), World::Sheet({World::Intent(kPlantLab)})).status()));
}

TEST_F(ReportersTest, AnEnterpriseDoesNotPairWithItsOwnPlatform) {
  WithPlant();
  EXPECT_EQ(world_.Count("form"), 3) << "enterprises without a platform have none";
  for (int i = 0; i < 2; ++i) {
    const auto own = world_.Import(World::Enterprise(0),
                                   World::Sheet({World::NewProject(kPlantLab, 0)}), i == 0);
    ASSERT_TRUE(absl::IsInvalidArgument(own.status())) << own.status();
    EXPECT_THAT(status::ViolationsOf(own.status())[0].description,
                HasSubstr("不能与自己的科创平台结对"));
  }
  // Its platform's rows are on its form alone.
  const auto merged = world_.Import(
      kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::NewProject(kPlantLab, 1)}));
  ASSERT_FALSE(merged.ok());
  EXPECT_THAT(status::ViolationsOf(merged.status())[0].description, HasSubstr("不要合并表格"));
}

TEST_F(ReportersTest, WhatAnEnterpriseHoldsOfItsOwnFormIsNotGivenBackWithItsRows) {
  WithPlant();
  ASSERT_TRUE(
      world_.Import(World::Enterprise(0), World::Sheet({World::NewProject(kPlantLab, 2)})).ok());
  UniversitiesReport();
  ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
  // It holds rows of its form, which nobody sent it as an enterprise.
  EXPECT_EQ(status::ReasonOf(world_.SubmitReturns(0).status()),
            options::v1::ERROR_REASON_WRONG_STATE);
  Distribute();
  const auto given = world_.SubmitReturns(0);
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->row_count(), 1);
  EXPECT_EQ(given->form_count(), 1);
  EXPECT_EQ(world_.RowOf(kPlantLab, 2).holder(), World::Enterprise(0)) << "late, and still its own";
  EXPECT_EQ(world_.RowOf(kPlantLab, 2).in_transit(), "");
  ExpectConserved();
}

TEST_F(ReportersTest, AnEnterprisesPlatformHasFormRowsAndLedgerAndSignsAsWhatItIs) {
  WithPlant();
  ASSERT_TRUE(
      world_.Import(World::Enterprise(0), World::Sheet({World::NewProject(kPlantLab, 2)})).ok());
  EXPECT_EQ(world_.Form(kPlantForm).row_count(), 1);
  ASSERT_TRUE(world_.Submit(World::Enterprise(0)).ok());
  ASSERT_TRUE(world_.Accept(World::Enterprise(0)).ok());
  UniversitiesReport();
  Distribute();
  for (const int enterprise : {0, 2}) ASSERT_TRUE(world_.SubmitReturns(enterprise).ok());
  for (const char* unit : {kZone, kTown}) {
    ASSERT_TRUE(world_.Receive(unit, ROLE_UNIT).ok());
    ASSERT_TRUE(world_.SubmitPackages(unit).ok());
  }
  v1::ExportLedgerRequest request;
  request.set_name(kCycle);
  const auto ledger =
      world_.service->ExportLedger(world_.CallOf("ExportLedger", ROLE_UNIT, kTown), request);
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  EXPECT_THAT(LinesOf(*ledger), Contains(HasSubstr(kPlantLab)));
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
  ASSERT_TRUE(world_.ReturnToUniversities().ok());
  const auto as_enterprise = world_.Receive(World::Enterprise(0), ROLE_ENTERPRISE);
  ASSERT_TRUE(as_enterprise.ok()) << as_enterprise.status();
  EXPECT_EQ(as_enterprise->handovers(), 0) << "what came back is its research office's";
  const auto as_university = world_.Receive(World::Enterprise(0), ROLE_RESEARCH_OFFICE);
  ASSERT_TRUE(as_university.ok()) << as_university.status();
  EXPECT_EQ(as_university->handovers(), 1);
  EXPECT_EQ(world_.RowOf(kPlantLab, 2).holder(), World::Enterprise(0));
  const v1::Punctuality punctuality = Punctuality();
  EXPECT_EQ(punctuality.universities().expected(), 3);
  EXPECT_EQ(punctuality.universities().on_time(), 3);
  ExpectConserved();
}

TEST_F(ReportersTest, WhoHasNoPlatformStandsBesideTheRate) {
  world_.AddSilent();
  ASSERT_TRUE(world_.Open().ok());
  EXPECT_EQ(world_.Count("form"), 2);
  const v1::Punctuality result = Punctuality();
  EXPECT_EQ(result.universities().expected(), 2);
  EXPECT_EQ(result.unpublished().expected(), 1);
  ASSERT_EQ(result.lines_size(), 3);
  EXPECT_EQ(result.lines(2).organization(), kSilent);
  EXPECT_EQ(result.lines(2).note(), "未发布平台");
  EXPECT_EQ(result.lines(2).expected(), 0);
  // It publishes later: it had none when the quarter began.
  registry::v1::Platform late;
  late.set_name(absl::StrCat(kSilent, "/platforms/late"));
  late.set_organization(kSilent);
  late.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
  world_.fakes.Add(late);
  EXPECT_EQ(Punctuality().SerializeAsString(), result.SerializeAsString());
  const std::vector<std::string> lines = ExportedPunctuality();
  EXPECT_THAT(lines, Contains(HasSubstr("高校院所：应报送 2，已报送 0，按时报送 0，按时率 0%")));
  EXPECT_THAT(lines, Contains(HasSubstr("未发布平台的高校院所：1家，未计入应报送")));
  EXPECT_THAT(lines, Contains(HasSubstr("无平台研究所（演示）|0|0|0|未发布平台|")));
  EXPECT_THAT(Told(), IsEmpty()) << "a rehearsal tells nobody";
}

TEST_F(ReportersTest, ThePackMayCountThemAsDue) {
  world_.AddSilent();
  world_.Use(PackWith(/*enterprises=*/true, /*count_unpublished=*/true));
  ASSERT_TRUE(world_.Open().ok());
  const v1::Punctuality result = Punctuality();
  EXPECT_EQ(result.universities().expected(), 3);
  EXPECT_EQ(result.unpublished().expected(), 1) << "an enterprise need not have any";
  ASSERT_EQ(result.lines_size(), 3);
  EXPECT_EQ(result.lines(2).expected(), 1);
  EXPECT_THAT(ExportedPunctuality(), Contains(HasSubstr("1家，已计入应报送")));
}

TEST_F(ReportersTest, TheSecretariatIsToldOfThemOnceAtTheOpening) {
  world_.AddSilent();
  world_.clock.now = InChina(4, 1, 8);
  world_.SignUp("secretary", kSecretariat, {ROLE_SECRETARIAT});
  world_.SignUp("ouc-office", kOuc, {ROLE_RESEARCH_OFFICE});
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  EXPECT_FALSE(world_.OpenLive(kCycle).ok());
  EXPECT_THAT(Told(), ElementsAre("secretary|1家高校院所尚未发布科创平台，本季度没有报表|"
                                  "无平台研究所（演示）。请督促其发布科创平台，发布后自下一季度"
                                  "起填报；名单见按时报送率。"));
}

}  // namespace
}  // namespace chanyan::cycle
