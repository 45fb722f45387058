// A world in which things go back on their way; for the tests of what is sent back and opened
// again.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/sheet/workbook.h"
#include "common/time/timestamp.h"
#include "services/cycle/ids.h"
#include "services/cycle/trace_service.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {

class ReturningTest : public ::testing::Test {
 protected:
  // Both universities have reported; enterprise 0 has rows of both, 1 of one, 2 of one; third week.
  void UntilEnterprises() {
    ASSERT_TRUE(world_.Open().ok());
    Report();
    for (const char* university : {kOuc, kUpc}) ASSERT_TRUE(world_.Accept(university).ok());
    ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
    ASSERT_TRUE(world_.Distribute().ok());
    for (const char* unit : {kZone, kTown}) {
      ASSERT_TRUE(world_.Receive(unit, options::v1::ROLE_UNIT).ok());
      ASSERT_TRUE(world_.ToEnterprises(unit).ok());
    }
    ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
  }
  void Report() {
    ASSERT_TRUE(world_
                    .Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0),
                                                World::NewProject(kOucCenter, 1)}))
                    .ok());
    ASSERT_TRUE(
        world_.Import(kUpc, World::Sheet({World::Ongoing(kUpcLab, 2), World::Intent(kUpcLab, 0)}))
            .ok());
    for (const char* university : {kOuc, kUpc}) ASSERT_TRUE(world_.Submit(university).ok());
  }
  // Packages of the zone, enterprises 0 and 1, are with the secretariat.
  void UntilPackages() {
    UntilEnterprises();
    for (const int enterprise : {0, 1}) ASSERT_TRUE(world_.SubmitReturns(enterprise).ok());
    ASSERT_TRUE(world_.Receive(kZone, options::v1::ROLE_UNIT).ok());
    ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
    ASSERT_TRUE(world_.Receive(kSecretariat, options::v1::ROLE_SECRETARIAT).ok());
  }

  using Reasons = std::vector<std::pair<std::string, std::string>>;
  template <class Request>
  static void Add(const Reasons& reasons, Request* request) {
    request->add_reasons("请补充佐证材料");
    for (const auto& [row, reason] : reasons) {
      v1::RowReason& one = *request->add_row_reasons();
      one.set_row(row);
      one.set_reason(reason);
    }
    request->set_request_id(World::Uuid());
  }
  absl::StatusOr<v1::Form> ReturnForm(const std::string& form, const Reasons& reasons) {
    v1::ReturnFormRequest request;
    request.set_name(form);
    Add(reasons, &request);
    return world_.service->ReturnForm(
        world_.CallOf("ReturnForm", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  }
  absl::StatusOr<v1::ReturnToEnterpriseResponse> ToEnterprise(const std::string& unit,
                                                              const std::string& form,
                                                              int enterprise,
                                                              const Reasons& reasons = {}) {
    v1::ReturnToEnterpriseRequest request;
    request.set_parent(form);
    request.set_enterprise(World::Enterprise(enterprise));
    Add(reasons, &request);
    return world_.service->ReturnToEnterprise(
        world_.CallOf("ReturnToEnterprise", options::v1::ROLE_UNIT, unit), request);
  }
  std::string PackageOf(int enterprise) {
    return absl::StrCat(kCycle, "/packages/", api::IdOfName(World::Enterprise(enterprise)));
  }
  absl::StatusOr<v1::Package> ReturnPackage(int enterprise, const Reasons& reasons = {}) {
    v1::ReturnPackageRequest request;
    request.set_name(PackageOf(enterprise));
    Add(reasons, &request);
    return world_.service->ReturnPackage(
        world_.CallOf("ReturnPackage", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  }
  v1::Package Package(int enterprise) {
    v1::ListPackagesRequest request;
    request.set_parent(kCycle);
    request.set_filter(absl::StrCat("enterprise = \"", World::Enterprise(enterprise), "\""));
    const auto page = world_.service->ListPackages(
        world_.CallOf("ListPackages", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
    EXPECT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->packages_size(), 1);
    return page->packages_size() == 1 ? page->packages(0) : v1::Package();
  }
  absl::StatusOr<v1::ReturnException> Except(options::v1::Role role, const std::string& own,
                                             int enterprise, absl::Time until) {
    v1::GrantReturnExceptionRequest request;
    request.set_name(kCycle);
    request.set_enterprise(World::Enterprise(enterprise));
    *request.mutable_until() = time::ToTimestamp(until);
    request.set_reason("企业搬迁");
    request.set_request_id(World::Uuid());
    return world_.service->GrantReturnException(world_.CallOf("GrantReturnException", role, own),
                                                request);
  }
  std::vector<std::string> Acts(const std::string& row) {
    TraceService traces(
        {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()});
    v1::TraceRowRequest request;
    request.set_name(row);
    const auto trace = traces.TraceRow(testing::CallAs(options::v1::ROLE_SECRETARIAT, kSecretariat,
                                                       "chanyan.cycle.v1.TraceService.TraceRow"),
                                       request);
    EXPECT_TRUE(trace.ok()) << trace.status();
    std::vector<std::string> acts;
    for (const v1::TraceStep& step : trace->steps()) {
      acts.push_back(absl::StrCat(step.act(), " ", step.changes()));
    }
    return acts;
  }
  absl::StatusOr<google::api::HttpBody> ExportForm(const std::string& university,
                                                   int revision = 0) {
    v1::ExportFormRequest request;
    request.set_name(FormName(kCycle, university));
    request.set_revision(revision);
    return world_.service->ExportForm(
        world_.CallOf("ExportForm", options::v1::ROLE_RESEARCH_OFFICE, university), request);
  }
  static std::vector<std::string> Cells(const std::string& file) {
    const auto book = sheet::ReadWorkbook(file, "报表.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    std::vector<std::string> cells;
    for (const sheet::Row& row : book->FirstVisible()->rows) {
      for (const sheet::Cell& cell : row.cells) cells.push_back(cell.text);
    }
    return cells;
  }
  void Conserved() {
    const v1::Conservation proof = world_.Check();
    EXPECT_THAT(proof.violations(), ::testing::IsEmpty());
    EXPECT_EQ(proof.origin_sha256(), proof.present_sha256());
  }

  World world_;
};

}  // namespace chanyan::cycle
