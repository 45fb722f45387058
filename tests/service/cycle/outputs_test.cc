// What a quarter leaves on paper: forms, packages, ledgers, punctuality, leaderboards.
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
#include "tests/service/cycle/world.h"

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
      ASSERT_TRUE(world_.Receive(unit, ROLE_UNIT).ok());
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
      ASSERT_TRUE(world_.Receive(unit, ROLE_UNIT).ok());
      ASSERT_TRUE(world_.SubmitPackages(unit).ok());
    }
    ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
    ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
    const auto returned = world_.ReturnToUniversities();
    ASSERT_TRUE(returned.ok()) << returned.status();
    for (const char* university : {kOuc, kUpc}) {
      ASSERT_TRUE(world_.Receive(university, ROLE_RESEARCH_OFFICE).ok());
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
        world_.CallOf("ComputeLeaderboard", ROLE_SECRETARIAT, kSecretariat), request);
  }
  absl::StatusOr<v1::ReplayLeaderboardResponse> Replay(const std::string& name) {
    v1::ReplayLeaderboardRequest request;
    request.set_name(name);
    return world_.service->ReplayLeaderboard(
        world_.CallOf("ReplayLeaderboard", ROLE_SECRETARIAT, kSecretariat), request);
  }
  absl::StatusOr<v1::Leaderboard> Publish(const std::string& name) {
    v1::PublishLeaderboardRequest request;
    request.set_name(name);
    return world_.service->PublishLeaderboard(
        world_.CallOf("PublishLeaderboard", ROLE_SECRETARIAT, kSecretariat), request);
  }
  absl::StatusOr<v1::Leaderboard> Seen(const std::string& name) {
    v1::GetLeaderboardRequest request;
    request.set_name(name);
    rpc::Call call = world_.CallOf("GetLeaderboard", ROLE_SECRETARIAT, kSecretariat);
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

TEST_F(OutputsTest, ALeaderboardIsRefusedBeforeTheSixthWeek) {
  UntilEnterprises();
  EXPECT_EQ(status::ReasonOf(Compute().status()), options::v1::ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(OutputsTest, TheSameInputsMakeNoSecondVersion) {
  UntilSixthWeek();
  const auto first = Compute();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->name(), absl::StrCat(kCycle, "/leaderboards/v1"));
  ASSERT_EQ(first->boards_size(), 3);
  ASSERT_EQ(first->boards(0).entries_size(), 2);
  const v1::LeaderboardEntry& best = first->boards(0).entries(0);
  // One new project, two enterprises, one in progress, one intent, on time.
  EXPECT_EQ(best.subject(), kOuc);
  EXPECT_EQ(best.title(), "海洋大学（演示）");
  EXPECT_EQ(best.score(), 5 + 2 * 3 + 2 + 1 + 5) << best.DebugString();
  EXPECT_THAT(first->boards(2).formula(), HasSubstr("解决痛点难点每个1分"));
  const auto second = Compute();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(world_.Count("leaderboard"), 1);
  // One of before snapshots were kept has one when it is found to be the same.
  world_.database.Apply("DELETE FROM leaderboard_snapshot");
  ASSERT_TRUE(Compute().ok());
  const auto replayed = Replay(first->name());
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_TRUE(replayed->same());
}

TEST_F(OutputsTest, ProblemsThatWereResolvedInTheQuarterCountForTheUnitOfTheirProject) {
  const auto add = [&](const std::string& id, const std::string& unit,
                       pairing::v1::ProblemState state, absl::Time when) {
    pairing::v1::Problem problem;
    problem.set_name(absl::StrCat("projects/p0/problems/", id));
    problem.set_unit(unit);
    problem.set_enterprise(World::Enterprise(0));
    problem.set_content("缺少中试场地");
    problem.set_state(state);
    *problem.mutable_resolve_time() = time::ToTimestamp(when);
    world_.fakes.Add(problem);
  };
  using namespace pairing::v1;  // NOLINT: the states alone
  // From the first second of the quarter to its last.
  add("a", kTown, PROBLEM_STATE_RESOLVED, InChina(4, 1, 0));
  add("b", kTown, PROBLEM_STATE_CLOSED, InChina(5, 9));
  add("c", kTown, PROBLEM_STATE_CLOSED, InChina(6, 30, 23, 59, 59));
  add("d", kZone, PROBLEM_STATE_CLOSED, InChina(5, 9));
  add("e", kZone, PROBLEM_STATE_CLOSED, InChina(3, 31, 23, 59, 59));
  add("f", kZone, PROBLEM_STATE_CLOSED, InChina(7, 1, 0));
  add("g", kZone, PROBLEM_STATE_ASSIGNED, InChina(5, 9));
  UntilSixthWeek();
  const auto version = Compute();
  ASSERT_TRUE(version.ok()) << version.status();
  std::vector<std::string> counted;
  for (const v1::LeaderboardEntry& entry : version->boards(2).entries()) {
    for (const v1::LeaderboardTerm& term : entry.terms()) {
      if (term.item() != policy::v1::COUNTED_ITEM_RESOLVED_PROBLEM) continue;
      counted.push_back(absl::StrCat(entry.subject(), " ", term.count(), " ", term.score()));
    }
  }
  EXPECT_THAT(counted, ::testing::UnorderedElementsAre(absl::StrCat(kTown, " 3 3"),
                                                       absl::StrCat(kZone, " 1 1")));

  // What becomes of the problems since is another version's.
  add("d", kZone, PROBLEM_STATE_OPEN, InChina(5, 9));
  const auto replayed = Replay(version->name());
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_TRUE(replayed->same()) << replayed->DebugString();
  EXPECT_EQ(replayed->boards(2).SerializeAsString(), version->boards(2).SerializeAsString());
  EXPECT_EQ(Compute()->name(), absl::StrCat(kCycle, "/leaderboards/v2"));
  // Without its problems it is not what was kept.
  world_.database.Apply("UPDATE leaderboard_snapshot SET problems = NULL");
  EXPECT_FALSE(Replay(version->name())->same());
}

TEST_F(OutputsTest, ProblemsAreAskedForByTheServiceWhoeverAsksForTheBoard) {
  UntilSixthWeek();
  v1::ComputeLeaderboardRequest request;
  request.set_parent(kCycle);
  rpc::Call call = world_.CallOf("ComputeLeaderboard", ROLE_SECRETARIAT, kSecretariat);
  // Pairing shows them no problems.
  call.bearer = "ROLE_BROKER";
  const auto board = world_.service->ComputeLeaderboard(call, request);
  EXPECT_TRUE(board.ok()) << board.status();
  EXPECT_EQ(world_.Count("leaderboard"), 1);
}

TEST_F(OutputsTest, PublishedVersionsArePublicAndStayWhenCorrected) {
  UntilSixthWeek();
  const auto first = Compute();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(absl::IsNotFound(Seen(first->name()).status()));
  ASSERT_TRUE(Publish(first->name()).ok());
  EXPECT_EQ(status::ReasonOf(Publish(first->name()).status()),
            options::v1::ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(Seen(first->name()).ok());

  // The registry renames a unit that is ranked.
  world_.fakes.At(kTown).set_display_name("古镇口街道办（演示）");
  const auto corrected = Compute();
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_EQ(corrected->name(), absl::StrCat(kCycle, "/leaderboards/v2"));
  EXPECT_NE(corrected->input_sha256(), first->input_sha256());
  ASSERT_TRUE(Publish(corrected->name()).ok());
  EXPECT_EQ(Seen(first->name())->boards(2).DebugString(), first->boards(2).DebugString());
  v1::ListLeaderboardsRequest request;
  request.set_parent(kCycle);
  rpc::Call call = world_.CallOf("ListLeaderboards", ROLE_SECRETARIAT, kSecretariat);
  call.principal = {};
  const auto listed = world_.service->ListLeaderboards(call, request);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->leaderboards_size(), 2);
  EXPECT_EQ(listed->leaderboards(1).name(), corrected->name());
}

TEST_F(OutputsTest, AVersionIsComputedAgainFromWhatWasFrozenWithIt) {
  UntilSixthWeek();
  const auto version = Compute();
  ASSERT_TRUE(version.ok()) << version.status();
  // Everything that it was computed from changes.
  world_.database.Apply("UPDATE form_row SET category = 'INTENT', enterprise_title = '改名的'");
  world_.database.Apply("UPDATE enterprise_return SET on_time = 0");
  world_.fakes.At(kTown).set_display_name("古镇口街道办（演示）");
  const auto replayed = Replay(version->name());
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_TRUE(replayed->same()) << replayed->DebugString();
  EXPECT_EQ(replayed->input_sha256(), version->input_sha256());
  ASSERT_EQ(replayed->boards_size(), version->boards_size());
  for (int i = 0; i < version->boards_size(); ++i) {
    EXPECT_EQ(replayed->boards(i).SerializeAsString(), version->boards(i).SerializeAsString());
  }

  // A version that says something else than its inputs, and inputs that are not those of the
  // version.
  world_.database.Apply(
      "UPDATE leaderboard SET boards = REPLACE(boards, '海洋大学（演示）', '别的大学（演示）')");
  const auto forged = Replay(version->name());
  ASSERT_TRUE(forged.ok()) << forged.status();
  EXPECT_FALSE(forged->same());
  EXPECT_THAT(forged->differences(), ::testing::Contains(HasSubstr("与复算结果不一致")));
  world_.database.Apply("UPDATE leaderboard SET input_sha256 = REPEAT('0', 64)");
  EXPECT_THAT(Replay(version->name())->differences(),
              ::testing::Contains(HasSubstr("快照可能被改动")));

  // One of before snapshots were kept.
  world_.database.Apply("DELETE FROM leaderboard_snapshot");
  const auto without = Replay(version->name());
  EXPECT_EQ(status::ReasonOf(without.status()), options::v1::ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(absl::IsNotFound(Replay(absl::StrCat(kCycle, "/leaderboards/v9")).status()));
}

}  // namespace
}  // namespace chanyan::cycle
