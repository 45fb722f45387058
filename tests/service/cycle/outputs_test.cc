// What a quarter leaves on paper: forms, packages, ledgers, punctuality.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/digest.h"
#include "common/auth/scope.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/ids.h"
#include "tests/service/cycle/outputs_world.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(OutputsTest, AUnitThatHasNothingBackPacksNothing) {
  UntilEnterprises();
  const auto packed = world_.SubmitPackages(kZone);
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_EQ(packed->package_count(), 0);
  EXPECT_EQ(world_.Count("package"), 0);
}

TEST_F(OutputsTest, PackagesAreNotTakenBeforeTheThirdWeek) {
  ASSERT_TRUE(world_.Open().ok());
  EXPECT_EQ(status::ReasonOf(world_.SubmitPackages(kZone).status()),
            options::v1::ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(OutputsTest, OnePackageAnEnterpriseOnceHoweverOftenAsked) {
  UntilEnterprises();
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  v1::SubmitPackagesRequest request;
  request.set_name(kCycle);
  request.set_request_id(World::Uuid());
  const rpc::Call call = world_.CallOf("SubmitPackages", ROLE_UNIT, kZone);
  for (int i = 0; i < 2; ++i) {
    const auto packed = world_.service->SubmitPackages(call, request);
    ASSERT_TRUE(packed.ok()) << packed.status();
    EXPECT_EQ(packed->package_count(), 1);
    EXPECT_EQ(packed->row_count(), 2);
  }
  EXPECT_EQ(world_.SubmitPackages(kZone)->package_count(), 0);
  EXPECT_EQ(world_.Count("handover WHERE step = 3 AND receiver = 'organizations/secretariat'"), 1);
  const std::vector<v1::Package> packages = Packages(ROLE_UNIT, kZone);
  ASSERT_EQ(packages.size(), 1u);
  EXPECT_EQ(packages[0].name(), absl::StrCat(kCycle, "/packages/e0"));
  EXPECT_EQ(packages[0].form_count(), 2);
  EXPECT_EQ(packages[0].row_count(), 2);
  EXPECT_TRUE(packages[0].on_time());
  const auto file = Download("e0", ROLE_ENTERPRISE, World::Enterprise(0));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(api::Sha256Hex(file->data()), packages[0].sha256());
  EXPECT_EQ(static_cast<int64_t>(file->data().size()), packages[0].byte_count());
  EXPECT_TRUE(world_.Check().conserved());
}

TEST_F(OutputsTest, WhatComesLaterRenewsThePackageWithAllItsRows) {
  UntilEnterprises();
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  ASSERT_EQ(world_.SubmitPackages(kZone)->row_count(), 2);
  const std::string before = Packages(ROLE_UNIT, kZone)[0].sha256();
  ASSERT_TRUE(world_.GiveBack(kOucForm, 0, World::Sheet({World::NewProject(kOucCenter, 0)})).ok());
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  ASSERT_TRUE(world_.SubmitReturns(1, kZone).ok());
  const auto renewed = world_.SubmitPackages(kZone);
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_EQ(renewed->package_count(), 2);
  EXPECT_EQ(renewed->row_count(), 2);
  const std::vector<v1::Package> packages = Packages(ROLE_UNIT, kZone);
  ASSERT_EQ(packages.size(), 2u);
  EXPECT_EQ(packages[0].row_count(), 3);
  EXPECT_NE(packages[0].sha256(), before);
  EXPECT_EQ(world_.Count("package_file"), 3) << "the first as it was, too";
  EXPECT_TRUE(world_.Check().conserved());
}

TEST_F(OutputsTest, ManyEnterprisesArePackedInSeveralTransactionsAndCountedOnce) {
  constexpr int kFirst = 10;
  constexpr int kEnd = kFirst + 260;
  std::vector<v1::Row> rows = {World::Ongoing(kOucLab, 0)};
  for (int i = kFirst; i < kEnd; ++i) {
    registry::v1::Organization enterprise = world_.fakes.At(World::Enterprise(0));
    enterprise.set_name(World::Enterprise(i));
    enterprise.set_display_name(World::TitleOf(i));
    enterprise.set_unified_social_credit_code(World::CodeOf(i));
    world_.fakes.Add(std::move(enterprise));
    rows.push_back(World::NewProject(kOucCenter, i));
  }
  ASSERT_TRUE(world_.Open().ok());
  const auto imported = world_.Import(kOuc, World::Sheet(rows));
  ASSERT_TRUE(imported.ok()) << imported.status();
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  ASSERT_TRUE(world_.Accept(kOuc).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
  ASSERT_TRUE(world_.Distribute().ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
  for (int i = kFirst; i < kEnd; ++i) ASSERT_TRUE(world_.SubmitReturns(i, kZone).ok());

  v1::SubmitPackagesRequest request;
  request.set_name(kCycle);
  request.set_request_id(World::Uuid());
  // Every second commit is done and then says that the connection was lost.
  db::Faults faults;
  faults.inject_ambiguous_commit_every = 2;
  world_.database.db().InjectFaults(faults);
  const rpc::Call call = world_.CallOf("SubmitPackages", ROLE_UNIT, kZone);
  for (int i = 0; i < 2; ++i) {
    const auto packed = world_.service->SubmitPackages(call, request);
    ASSERT_TRUE(packed.ok()) << packed.status();
    EXPECT_EQ(packed->package_count(), kEnd - kFirst);
    EXPECT_EQ(packed->row_count(), kEnd - kFirst);
  }
  world_.database.db().InjectFaults({});
  EXPECT_EQ(world_.Count("package"), kEnd - kFirst);
  EXPECT_EQ(world_.Count("handover WHERE step = 3 AND receiver = 'organizations/secretariat'"), 2);
  EXPECT_TRUE(world_.Check().conserved());
}

TEST_F(OutputsTest, PackagesOfOthersAreAsIfTheyWereNotThere) {
  UntilEnterprises();
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  EXPECT_TRUE(absl::IsNotFound(Download("e0", ROLE_UNIT, kTown).status()));
  EXPECT_TRUE(absl::IsNotFound(Download("e0", ROLE_ENTERPRISE, World::Enterprise(1)).status()));
  EXPECT_TRUE(absl::IsNotFound(Download("e9", ROLE_UNIT, kZone).status()));
  EXPECT_TRUE(Download("e0", ROLE_SECRETARIAT, kSecretariat).ok());
  EXPECT_TRUE(Packages(ROLE_UNIT, kTown).empty());
}

TEST_F(OutputsTest, AFormReadsBackAsItIsAndChangesNothing) {
  ASSERT_TRUE(world_.Open().ok());
  const std::string filled = World::Sheet({World::Ongoing(kOucLab, 0), World::Intent(kOucCenter)});
  ASSERT_TRUE(world_.Import(kOuc, filled).ok());
  v1::ExportFormRequest request;
  request.set_name(kOucForm);
  const auto file =
      world_.service->ExportForm(world_.CallOf("ExportForm", ROLE_RESEARCH_OFFICE, kOuc), request);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(RowsOf(*file).size(), 2u);
  const auto again = world_.Import(kOuc, file->data());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->unchanged(), 2);
  EXPECT_EQ(again->created() + again->updated() + again->removed(), 0);
  EXPECT_TRUE(absl::IsNotFound(
      world_.service->ExportForm(world_.CallOf("ExportForm", ROLE_RESEARCH_OFFICE, kUpc), request)
          .status()));
}

TEST_F(OutputsTest, AnEnterpriseGetsItsRowsOfOneUniversityAndNobodyElses) {
  UntilEnterprises();
  v1::ExportReturnRequest request;
  request.set_parent(kOucForm);
  request.set_enterprise(World::Enterprise(0));
  const auto file = world_.service->ExportReturn(
      world_.CallOf("ExportReturn", ROLE_ENTERPRISE, World::Enterprise(0)), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const std::vector<v1::Row> rows = RowsOf(*file);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].platform_title(), kOucLab);
  EXPECT_TRUE(
      world_.service->ExportReturn(world_.CallOf("ExportReturn", ROLE_UNIT, kZone), request).ok());
  for (const auto& [role, other] : {std::pair{ROLE_UNIT, std::string(kTown)},
                                    std::pair{ROLE_ENTERPRISE, World::Enterprise(1)}}) {
    EXPECT_TRUE(absl::IsNotFound(
        world_.service->ExportReturn(world_.CallOf("ExportReturn", role, other), request)
            .status()));
  }
}

TEST_F(OutputsTest, TheLedgerHasEveryEnterpriseTheLateOnesToo) {
  UntilEnterprises();
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  const auto own = Ledger(ROLE_UNIT, kZone);
  ASSERT_TRUE(own.ok()) << own.status();
  const std::vector<std::string> lines = LinesOf(*own);
  EXPECT_THAT(lines, Contains(HasSubstr("演示企业0|" + World::CodeOf(0) +
                                        "|海洋高新区（演示）|2|2|2025-04-16 09:00:00|按时")));
  EXPECT_THAT(lines, Contains(HasSubstr("演示企业1|" + World::CodeOf(1) +
                                        "|海洋高新区（演示）|0|0|未报送")));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("演示企业2"))));
  EXPECT_THAT(lines.back(), HasSubstr("企业 2 家，已报送 1 家，其中按时 1 家；报表 2 张，共 2 行"));
  EXPECT_EQ(Ledger(ROLE_UNIT, kZone)->data(), own->data()) << "same data, same bytes";

  const auto all = Ledger(ROLE_SECRETARIAT, kSecretariat);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_THAT(LinesOf(*all).back(), HasSubstr("企业 3 家"));
  EXPECT_EQ(Ledger(ROLE_SECRETARIAT, kSecretariat, kZone)->data(), own->data());
  EXPECT_TRUE(absl::IsNotFound(Ledger(ROLE_UNIT, kZone, kTown).status()));
}

TEST_F(OutputsTest, PunctualityCountsWhoWasDueWhoCameAndWhoCameInTime) {
  UntilEnterprises();
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
  ASSERT_TRUE(world_.SubmitReturns(2, kTown).ok());
  v1::QueryPunctualityRequest request;
  request.set_name(kCycle);
  const auto result = world_.service->QueryPunctuality(
      world_.CallOf("QueryPunctuality", ROLE_SECRETARIAT, kSecretariat), request);
  ASSERT_TRUE(result.ok()) << result.status();
  std::vector<std::string> lines;
  for (const v1::PunctualityLine& line : result->lines()) {
    lines.push_back(
        absl::StrCat(line.title(), " ", line.expected(), " ", line.actual(), " ", line.on_time()));
  }
  EXPECT_THAT(lines, ElementsAre("海洋大学（演示） 1 1 1", "石油大学（演示） 1 1 1",
                                 "古镇口街道（演示） 1 1 0", "海洋高新区（演示） 2 1 1"));
  EXPECT_EQ(result->universities().expected(), 2);
  EXPECT_EQ(result->enterprises().expected(), 3);
  EXPECT_EQ(result->enterprises().actual(), 2);
  EXPECT_EQ(result->enterprises().on_time(), 1);
}

}  // namespace
}  // namespace chanyan::cycle
