// A quarter as far as its outputs: packages, ledgers, boards, and their files read back.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "tests/service/cycle/world.h"

namespace chanyan::cycle {

class OutputsTest : public ::testing::Test {
 protected:
  // It is the third week and the enterprises hold their rows: 0 of both universities, 1 and 2 of
  // one.
  void UntilEnterprises() {
    ASSERT_TRUE(world_.Open().ok());
    ASSERT_TRUE(world_
                    .Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0),
                                                World::NewProject(kOucCenter, 1),
                                                World::Intent(kOucCenter)}))
                    .ok());
    ASSERT_TRUE(
        world_.Import(kUpc, World::Sheet({World::Ongoing(kUpcLab, 2), World::Intent(kUpcLab, 0)}))
            .ok());
    for (const char* university : {kOuc, kUpc}) {
      ASSERT_TRUE(world_.Submit(university).ok());
      ASSERT_TRUE(world_.Accept(university).ok());
    }
    ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
    ASSERT_TRUE(world_.Distribute().ok());
    for (const char* unit : {kZone, kTown}) {
      ASSERT_TRUE(world_.Receive(unit, options::v1::ROLE_UNIT).ok());
      ASSERT_TRUE(world_.ToEnterprises(unit).ok());
    }
    ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
  }
  // Everything is back at the universities; it is the sixth week.
  void UntilSixthWeek() {
    UntilEnterprises();
    for (int enterprise = 0; enterprise < 3; ++enterprise) {
      ASSERT_TRUE(world_.SubmitReturns(enterprise).ok());
    }
    for (const char* unit : {kZone, kTown}) {
      ASSERT_TRUE(world_.Receive(unit, options::v1::ROLE_UNIT).ok());
      ASSERT_TRUE(world_.SubmitPackages(unit).ok());
    }
    ASSERT_TRUE(world_.Receive(kSecretariat, options::v1::ROLE_SECRETARIAT).ok());
    ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
    const auto returned = world_.ReturnToUniversities();
    ASSERT_TRUE(returned.ok()) << returned.status();
    for (const char* university : {kOuc, kUpc}) {
      ASSERT_TRUE(world_.Receive(university, options::v1::ROLE_RESEARCH_OFFICE).ok());
    }
    ASSERT_TRUE(world_.MoveTo(InChina(5, 14)).ok());
  }

  absl::StatusOr<google::api::HttpBody> Download(const std::string& package, options::v1::Role role,
                                                 const std::string& organization) {
    v1::DownloadPackageRequest request;
    request.set_name(absl::StrCat(kCycle, "/packages/", package));
    return world_.service->DownloadPackage(world_.CallOf("DownloadPackage", role, organization),
                                           request);
  }
  std::vector<v1::Package> Packages(options::v1::Role role, const std::string& organization) {
    v1::ListPackagesRequest request;
    request.set_parent(kCycle);
    const auto page =
        world_.service->ListPackages(world_.CallOf("ListPackages", role, organization), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->packages().begin(), page->packages().end()};
  }
  absl::StatusOr<google::api::HttpBody> Ledger(options::v1::Role role,
                                               const std::string& organization,
                                               const std::string& unit = "") {
    v1::ExportLedgerRequest request;
    request.set_name(kCycle);
    request.set_unit(unit);
    return world_.service->ExportLedger(world_.CallOf("ExportLedger", role, organization), request);
  }
  absl::StatusOr<v1::Leaderboard> Compute(const std::string& request_id = World::Uuid()) {
    v1::ComputeLeaderboardRequest request;
    request.set_parent(kCycle);
    request.set_request_id(request_id);
    return world_.service->ComputeLeaderboard(
        world_.CallOf("ComputeLeaderboard", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  }
  absl::StatusOr<v1::ReplayLeaderboardResponse> Replay(const std::string& name) {
    v1::ReplayLeaderboardRequest request;
    request.set_name(name);
    return world_.service->ReplayLeaderboard(
        world_.CallOf("ReplayLeaderboard", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  }
  absl::StatusOr<v1::Leaderboard> Publish(const std::string& name) {
    v1::PublishLeaderboardRequest request;
    request.set_name(name);
    return world_.service->PublishLeaderboard(
        world_.CallOf("PublishLeaderboard", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  }
  absl::StatusOr<v1::Leaderboard> Seen(const std::string& name) {
    v1::GetLeaderboardRequest request;
    request.set_name(name);
    rpc::Call call = world_.CallOf("GetLeaderboard", options::v1::ROLE_SECRETARIAT, kSecretariat);
    call.principal = {};
    return world_.service->GetLeaderboard(call, request);
  }
  // The rows of a form's file.
  static std::vector<v1::Row> RowsOf(const google::api::HttpBody& file) {
    const auto book = sheet::ReadWorkbook(file.data(), "报表.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    auto table = sheet::ReadTable<v1::Row>(*book, *book->FirstVisible());
    EXPECT_TRUE(table.Check().ok()) << table.Check();
    std::vector<v1::Row> rows;
    for (auto& row : table.rows) rows.push_back(std::move(row.message));
    return rows;
  }
  // Every line of a file, its cells joined.
  static std::vector<std::string> LinesOf(const google::api::HttpBody& file) {
    const auto book = sheet::ReadWorkbook(file.data(), "台账.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    std::vector<std::string> lines;
    for (const sheet::Row& row : book->FirstVisible()->rows) {
      lines.push_back(absl::StrJoin(row.cells, "|", [](std::string* out, const sheet::Cell& cell) {
        out->append(cell.text);
      }));
    }
    return lines;
  }

  World world_;
};

}  // namespace chanyan::cycle
