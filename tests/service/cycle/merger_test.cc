// Organizations that become one while a quarter runs: nothing is lost, nobody counts twice, and
// what is over stays as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/ids.h"
#include "services/cycle/opening.h"
#include "tests/service/cycle/world.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class CycleMergerTest : public ::testing::Test {
 protected:
  void Conserved(const char* when) {
    const v1::Conservation proof = world_.Check();
    EXPECT_THAT(proof.violations(), IsEmpty()) << when;
    EXPECT_EQ(proof.origin_sha256(), proof.present_sha256()) << when;
  }
  // Enterprises 0 of both universities, 1 and 2 of one; the forms are accepted.
  void ReportAll() {
    ASSERT_TRUE(world_.Open().ok());
    ASSERT_TRUE(world_
                    .Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0),
                                                World::NewProject(kOucCenter, 1)}))
                    .ok());
    ASSERT_TRUE(
        world_.Import(kUpc, World::Sheet({World::Ongoing(kUpcLab, 2), World::Intent(kUpcLab, 0)}))
            .ok());
    for (const char* university : {kOuc, kUpc}) {
      ASSERT_TRUE(world_.Submit(university).ok());
      ASSERT_TRUE(world_.Accept(university).ok());
    }
  }
  void Distribute() {
    ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
    ASSERT_TRUE(world_.Distribute().ok());
  }
  void Deliver() {
    for (const char* unit : {kZone, kTown}) {
      ASSERT_TRUE(world_.Receive(unit, ROLE_UNIT).ok());
      ASSERT_TRUE(world_.ToEnterprises(unit).ok());
    }
    ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
  }
  v1::Punctuality Punctuality() {
    v1::QueryPunctualityRequest request;
    request.set_name(kCycle);
    const auto result = world_.service->QueryPunctuality(
        world_.CallOf("QueryPunctuality", ROLE_SECRETARIAT, kSecretariat), request);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : v1::Punctuality();
  }

  World world_;
};

TEST_F(CycleMergerTest, RowsOfAMergedEnterpriseGoOnWithTheSurvivor) {
  ReportAll();
  Distribute();
  Deliver();
  // 1 has received, 2 has not.
  ASSERT_TRUE(world_.Receive(World::Enterprise(1), ROLE_ENTERPRISE).ok());
  ASSERT_TRUE(world_.Merge(World::Enterprise(1), World::Enterprise(0)).ok());
  ASSERT_TRUE(world_.Merge(World::Enterprise(2), World::Enterprise(0)).ok());
  Conserved("merged");
  for (const v1::Row& row : world_.Rows()) {
    EXPECT_EQ(row.enterprise(), World::Enterprise(0));
    if (row.former_enterprise().empty()) continue;
    EXPECT_NE(row.enterprise_title(), World::TitleOf(0)) << "the name of its time";
  }
  for (int gone : {1, 2}) {
    const std::string filter =
        absl::StrCat("former_enterprise = \"", World::Enterprise(gone), "\"");
    EXPECT_EQ(world_.Rows(filter).size(), 1u);
  }

  // The survivor fills in a row under the name of the one that is no more, and gives all back.
  v1::Row filled = World::NewProject(kOucCenter, 1);
  filled.set_content("补充的内容");
  const auto given = world_.GiveBack(kOucForm, 0, World::Sheet({filled}));
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->updated(), 1) << "the row that is there, not another one";
  EXPECT_EQ(given->created(), 0);
  const auto submitted = world_.SubmitReturns(0);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  EXPECT_EQ(submitted->row_count(), 4);
  Conserved("given back");
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  const auto packed = world_.SubmitPackages(kZone);
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_EQ(packed->package_count(), 1) << "one enterprise, one package";
  EXPECT_EQ(packed->row_count(), 4);
  const v1::Punctuality punctuality = Punctuality();
  EXPECT_EQ(punctuality.enterprises().expected(), 1) << "it counts once";
  EXPECT_EQ(punctuality.enterprises().actual(), 1);
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
  const auto returned = world_.ReturnToUniversities();
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->row_count(), 4);
  const auto of = [](const std::string& former) {
    return absl::StrCat(World::Enterprise(0), " ", former, " ", World::TitleOf(0));
  };
  std::vector<std::string> reports;
  for (const auto& call : world_.fakes.recorded) {
    for (const auto& report : call.reports()) {
      reports.push_back(absl::StrCat(report.enterprise(), " ", report.former_enterprise(), " ",
                                     report.enterprise_title()));
    }
  }
  EXPECT_THAT(reports, UnorderedElementsAre(of(""), of(""), of(World::Enterprise(1)),
                                            of(World::Enterprise(2))));
  Conserved("returned");
}

TEST_F(CycleMergerTest, WhoGaveBackBeforeTheMergerHasGivenBack) {
  ReportAll();
  Distribute();
  Deliver();
  ASSERT_TRUE(world_.SubmitReturns(1).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 24)).ok());
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  EXPECT_EQ(Punctuality().enterprises().on_time(), 1) << "0 is late";
  ASSERT_TRUE(world_.Merge(World::Enterprise(1), World::Enterprise(0)).ok());
  const v1::Punctuality punctuality = Punctuality();
  EXPECT_EQ(punctuality.enterprises().expected(), 2);
  EXPECT_EQ(punctuality.enterprises().actual(), 1);
  EXPECT_EQ(punctuality.enterprises().on_time(), 1) << "its first time counts";
}

TEST_F(CycleMergerTest, TwoFormsOfOneUniversityStayTwo) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.Import(kUpc, World::Sheet({World::Ongoing(kUpcLab, 2)})).ok());
  ASSERT_TRUE(world_.Submit(kUpc).ok());
  ASSERT_TRUE(world_.Merge(kUpc, kOuc).ok());
  Conserved("one form is under way");
  EXPECT_EQ(world_.Form(kUpcForm).university(), kOuc);
  EXPECT_EQ(world_.Form(kUpcForm).university_title(), "石油大学（演示）");
  // A platform has its place on the form of the time.
  const auto import = [&](const char* form, const std::string& file) {
    v1::ImportFormRequest request;
    request.set_name(form);
    request.mutable_file()->set_data(file);
    request.set_file_name("报表.xlsx");
    request.set_request_id(World::Uuid());
    return world_.service->ImportForm(world_.CallOf("ImportForm", ROLE_RESEARCH_OFFICE, kOuc),
                                      request);
  };
  const auto strange =
      import(kOucForm, World::Sheet({World::Ongoing(kOucLab, 0), World::Intent(kUpcLab, 1)}));
  ASSERT_EQ(status::ViolationsOf(strange.status()).size(), 1u) << strange.status();
  EXPECT_THAT(status::ViolationsOf(strange.status())[0].description, HasSubstr("石油大学（演示）"));
  ASSERT_TRUE(import(kOucForm, World::Sheet({World::Ongoing(kOucLab, 0)})).ok());
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  ASSERT_TRUE(world_.Accept(kOuc).ok());
  EXPECT_EQ(world_.Form(kUpcForm).state(), v1::FORM_STATE_SUBMITTED) << "each by itself";
  EXPECT_EQ(world_.RowOf(kUpcLab, 2).in_transit().empty(), false);
  ASSERT_TRUE(world_.Return(kUpc, "请补充进展").ok());
  Conserved("returned");
  // Mended by the survivor's people.
  const auto mended =
      import(kUpcForm, World::Sheet({World::Ongoing(kUpcLab, 2), World::Intent(kUpcLab, 1)}));
  ASSERT_TRUE(mended.ok()) << mended.status();
  EXPECT_EQ(mended->created(), 1);
  v1::SubmitFormRequest submit;
  submit.set_name(kUpcForm);
  ASSERT_TRUE(
      world_.service->SubmitForm(world_.CallOf("SubmitForm", ROLE_RESEARCH_OFFICE, kOuc), submit)
          .ok());
  ASSERT_TRUE(world_.Accept(kUpc).ok());
  Conserved("accepted");
  EXPECT_EQ(world_.Rows().size(), 3u);
  const v1::Punctuality punctuality = Punctuality();
  EXPECT_EQ(punctuality.universities().expected(), 2) << "two forms were due";
  EXPECT_EQ(punctuality.universities().actual(), 2);
}

TEST_F(CycleMergerTest, AUnitThatTakesOverHasTheRowsOfTheOther) {
  ReportAll();
  Distribute();
  ASSERT_TRUE(world_.Receive(kTown, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.Merge(kTown, kZone).ok());
  Conserved("merged");
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  const auto delivered = world_.ToEnterprises(kZone);
  ASSERT_TRUE(delivered.ok()) << delivered.status();
  EXPECT_EQ(delivered->enterprise_count(), 3) << "its own and the other's";
  ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
  for (int enterprise = 0; enterprise < 3; ++enterprise) {
    const auto submitted = world_.SubmitReturns(enterprise);
    ASSERT_TRUE(submitted.ok()) << submitted.status();
  }
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  EXPECT_EQ(world_.SubmitPackages(kZone)->package_count(), 3);
  Conserved("packed");
  const v1::Punctuality punctuality = Punctuality();
  int units = 0;
  for (const auto& line : punctuality.lines()) units += line.organization() == kTown;
  EXPECT_EQ(units, 0) << "the one that is no more owes nothing";
  EXPECT_EQ(punctuality.enterprises().expected(), 3);
}

TEST_F(CycleMergerTest, AnEndedCycleStaysAsItIsAndTheSurvivorReadsIt) {
  ReportAll();
  ASSERT_TRUE(world_.MoveTo(InChina(5, 20)).ok());
  const v1::Punctuality before = Punctuality();
  ASSERT_TRUE(world_.Merge(World::Enterprise(1), World::Enterprise(0)).ok());
  ASSERT_TRUE(world_.Merge(kUpc, kOuc).ok());
  EXPECT_EQ(world_.RowOf(kOucCenter, 1).enterprise(), World::Enterprise(1));
  EXPECT_EQ(world_.Form(kUpcForm).university(), kUpc);
  v1::Punctuality after = Punctuality();
  *after.mutable_as_of() = before.as_of();
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
  Conserved("over");
  const auto forms = [&](const std::vector<std::string>& predecessors) {
    rpc::Call call = world_.CallOf("ListForms", ROLE_RESEARCH_OFFICE, kOuc);
    call.principal.predecessors = predecessors;
    v1::ListFormsRequest request;
    request.set_parent(kCycle);
    return world_.service->ListForms(call, request)->forms_size();
  };
  EXPECT_EQ(forms({}), 1);
  rpc::Predecessors known(world_.database.db(), world_.clock, rpc::kPredecessorsSql);
  EXPECT_THAT(known.Of(kOuc), ElementsAre(kUpc));
  EXPECT_EQ(forms(known.Of(kOuc)), 2);
}

TEST_F(CycleMergerTest, ASheetWithTheOldNameFillsTheSurvivorsRow) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.Merge(World::Enterprise(1), World::Enterprise(0)).ok());
  const std::string file = World::Sheet(
      {World::Ongoing(kOucLab, 0), World::Intent(kOucLab, 1), World::Intent(kOucCenter, 1)});
  const auto twice = world_.Import(kOuc, file);
  ASSERT_EQ(status::ViolationsOf(twice.status()).size(), 1u) << twice.status();
  EXPECT_THAT(status::ViolationsOf(twice.status())[0].description, HasSubstr("与第 3 行"))
      << "the lab has a row of the company already";
  const std::string good = World::Sheet({World::Ongoing(kOucLab, 0), World::Intent(kOucCenter, 1)});
  ASSERT_TRUE(world_.Import(kOuc, good).ok());
  const v1::Row row = world_.RowOf(kOucCenter, 0);
  EXPECT_EQ(row.enterprise_title(), World::TitleOf(0));
  EXPECT_EQ(row.unified_social_credit_code(), World::CodeOf(0));
  EXPECT_EQ(row.former_enterprise(), "");
  EXPECT_EQ(world_.Import(kOuc, good)->unchanged(), 2) << "the same file twice";
}

TEST_F(CycleMergerTest, WhatWasReadBeforeAMergerIsAskedAgain) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.Merge(World::Enterprise(1), World::Enterprise(0)).ok());
  // The registry still answers as before the merger.
  registry::v1::Organization& stale = world_.fakes.At(World::Enterprise(1));
  stale.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  stale.clear_merged_into();
  const auto raced =
      world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::Intent(kOucCenter, 1)}));
  EXPECT_EQ(raced.status().code(), absl::StatusCode::kAborted) << raced.status();
  EXPECT_EQ(world_.Rows().size(), 2u) << "those that were carried";
}

TEST_F(CycleMergerTest, TheNextCycleCarriesBothProjectsOfAPair) {
  OpeningFacts facts;
  auto& university = facts.universities.emplace_back();
  university.set_name(kOuc);
  university.set_display_name("海洋大学（演示）");
  // The platform came with another university, which is no more.
  auto& platform = facts.platforms.emplace_back();
  platform.set_name("organizations/upc/platforms/lab");
  platform.set_organization(kOuc);
  platform.set_display_name(kUpcLab);
  for (const int number : {1, 2}) {
    auto& enterprise = facts.enterprises[World::Enterprise(number)];
    enterprise.set_name(World::Enterprise(number));
    enterprise.set_display_name(World::TitleOf(number));
    enterprise.set_unified_social_credit_code(World::CodeOf(number));
    enterprise.set_unit(number == 1 ? kZone : kTown);
  }
  facts.enterprises[World::Enterprise(1)].set_state(registry::v1::ORGANIZATION_STATE_MERGED);
  facts.enterprises[World::Enterprise(1)].set_merged_into(World::Enterprise(2));
  const auto add = [&](const char* name, int enterprise) -> pairing::v1::Project& {
    auto& project = facts.projects.emplace_back();
    project.set_name(name);
    project.set_platform(platform.name());
    project.set_enterprise(World::Enterprise(enterprise));
    project.set_state(pairing::v1::PROJECT_STATE_BUILDING);
    project.set_title(name);
    return project;
  };
  add("projects/own", 2);
  auto& doubled = add("projects/doubled", 2);
  doubled.set_doubled_by("projects/own");
  doubled.add_former_enterprises(World::Enterprise(1));
  const Opening opening = PlanOpening("cycles/2025q3", facts);
  ASSERT_EQ(opening.forms.size(), 1u);
  EXPECT_EQ(opening.forms[0].name(), "cycles/2025q3/forms/ouc");
  EXPECT_EQ(opening.forms[0].row_count(), 2);
  ASSERT_EQ(opening.rows.size(), 2u);
  std::set<std::string> rows;
  for (const v1::Row& row : opening.rows) {
    EXPECT_EQ(row.enterprise(), World::Enterprise(2));
    EXPECT_EQ(row.unit(), kTown) << "the survivor's";
    EXPECT_EQ(row.university(), kOuc);
    rows.insert(
        absl::StrCat(row.title(), " ", row.former_enterprise(), " ", row.enterprise_title()));
  }
  EXPECT_THAT(
      rows, ElementsAre("projects/doubled organizations/e1 演示企业1", "projects/own  演示企业2"));
  // Pairing has not read of the merger yet: the row is the survivor's all the same.
  facts.projects = {facts.projects[0]};
  facts.projects[0].set_enterprise(World::Enterprise(1));
  const Opening early = PlanOpening("cycles/2025q3", facts);
  ASSERT_EQ(early.rows.size(), 1u);
  EXPECT_EQ(early.rows[0].enterprise(), World::Enterprise(2));
  EXPECT_EQ(early.rows[0].former_enterprise(), "");
}

// As CustodyTest.NoOrderOfActsLosesARow, with organizations that become one in between.
TEST_F(CycleMergerTest, NoOrderOfActsAndMergersLosesARow) {
  const unsigned seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  for (unsigned round = 0; round < 3; ++round) {
    World world;
    std::mt19937 random(seed + round);
    const auto one_of = [&](size_t n) { return static_cast<size_t>(random() % n); };
    const auto living = [&](std::string name) {
      const auto& organization = world.fakes.At(name);
      return organization.merged_into().empty() ? name : organization.merged_into();
    };
    const auto a_unit = [&] { return living(one_of(2) == 0 ? kZone : kTown); };
    ASSERT_TRUE(world.Open().ok());
    absl::Time now = InChina(4, 1, 8);
    int done = 0;
    size_t rows = world.Rows().size();
    for (int act = 0; act < 80; ++act) {
      const bool ouc = one_of(2) == 0;
      const char* form = ouc ? kOucForm : kUpcForm;
      const char* platform = ouc ? kOucCenter : kUpcLab;
      const int enterprise = static_cast<int>(one_of(3));
      const std::string office = living(ouc ? kOuc : kUpc);
      absl::Status status;
      bool may_strike = false;
      switch (one_of(11)) {
        case 0: {
          std::vector<v1::Row> sheet = {ouc ? World::Ongoing(kOucLab, 0)
                                            : World::Ongoing(kUpcLab, 2)};
          if (one_of(2) == 0) sheet.push_back(World::Intent(platform));
          if (one_of(2) == 0) sheet.push_back(World::NewProject(platform, 1));
          v1::ImportFormRequest request;
          request.set_name(form);
          request.mutable_file()->set_data(World::Sheet(sheet));
          request.set_request_id(World::Uuid());
          status =
              world.service
                  ->ImportForm(world.CallOf("ImportForm", ROLE_RESEARCH_OFFICE, office), request)
                  .status();
          may_strike = true;
          break;
        }
        case 1: {
          v1::SubmitFormRequest request;
          request.set_name(form);
          status =
              world.service
                  ->SubmitForm(world.CallOf("SubmitForm", ROLE_RESEARCH_OFFICE, office), request)
                  .status();
          break;
        }
        case 2:
          status = one_of(3) == 0 ? world.Return(ouc ? kOuc : kUpc, "请补充").status()
                                  : world.Accept(ouc ? kOuc : kUpc).status();
          break;
        case 3:
          status = world.Distribute().status();
          break;
        case 4:
          status = world.Receive(a_unit(), ROLE_UNIT).status();
          break;
        case 5:
          status = world.ToEnterprises(a_unit()).status();
          break;
        case 6: {
          // Of pairs that no university struck out before.
          if (enterprise == 1) break;
          const std::string name = living(World::Enterprise(enterprise));
          const int index = name.back() - '0';
          status =
              world.GiveBack(form, index, World::Sheet({World::NewProject(platform, enterprise)}))
                  .status();
          break;
        }
        case 7:
          status = world.SubmitReturns(living(World::Enterprise(enterprise)).back() - '0').status();
          break;
        case 8:
          status = world.ReturnToUniversities().status();
          break;
        case 9:
          // Within the cycle: what is over is not moved.
          now = std::min(now + absl::Hours(24 + 24 * static_cast<int>(one_of(5))), InChina(5, 10));
          status = world.MoveTo(now).status();
          break;
        default: {
          // Seldom, and never back.
          if (one_of(4) != 0) break;
          const std::vector<std::pair<std::string, std::string>> mergers = {
              {World::Enterprise(1), World::Enterprise(0)},
              {kTown, kZone},
              {kUpc, kOuc},
              {World::Enterprise(0), World::Enterprise(2)}};
          const auto& [from, into] = mergers[one_of(mergers.size())];
          if (!world.fakes.At(from).merged_into().empty()) break;
          if (!world.fakes.At(into).merged_into().empty()) break;
          status = world.Merge(from, into);
          ASSERT_TRUE(status.ok()) << status;
        }
      }
      EXPECT_FALSE(absl::IsInternal(status)) << status << " seed " << seed + round;
      done += status.ok() ? 1 : 0;
      const v1::Conservation proof = world.Check();
      ASSERT_THAT(proof.violations(), IsEmpty()) << "seed " << seed + round << ", act " << act;
      ASSERT_EQ(proof.origin_sha256(), proof.present_sha256());
      const size_t present = world.Rows().size();
      if (!may_strike) {
        EXPECT_GE(present, rows) << "seed " << seed + round << ", act " << act;
      }
      rows = present;
      for (const v1::Row& row : world.Rows()) {
        for (const std::string& name :
             {row.enterprise(), row.unit(), row.university(), row.holder()}) {
          ASSERT_TRUE(name.empty() || world.fakes.At(name).merged_into().empty())
              << name << " is no more, seed " << seed + round << ", act " << act;
        }
      }
    }
    EXPECT_GT(done, 10) << "seed " << seed + round;
  }
}

}  // namespace
}  // namespace chanyan::cycle
