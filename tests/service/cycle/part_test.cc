// The leg between a university and its platforms (CYC-3, CYC-4, CYC-5; S0 二, first and fourth
// week).
#include <atomic>
#include <thread>

#include "common/status/status.h"
#include "common/time/clock.h"
#include "tests/service/cycle/part_world.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_INVALID_FILE;
using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class PartTest : public PartWorld {
 protected:
  void Known(const std::string& account, const std::string& organization, const std::string& roles,
             bool disabled = false) {
    world_.database.Apply(absl::StrCat(
        "INSERT INTO person (account, organization, roles, disabled, display_name) VALUES ('",
        account, "', '", organization, "', '", roles, "', ", disabled ? 1 : 0, ", '张三')"));
  }
  std::string ManagerRole() { return absl::StrCat(",", int{ROLE_PLATFORM_MANAGER}, ","); }
};

TEST_F(PartTest, WhatCannotBeHandedOutIsNamedItemByItem) {
  ASSERT_TRUE(world_.Open().ok());
  const auto bad = Issue({"organizations/upc/platforms/lab", kLab, "nonsense", kLab});
  ASSERT_TRUE(absl::IsInvalidArgument(bad.status())) << bad.status();
  std::vector<std::string> fields;
  for (const auto& one : status::ViolationsOf(bad.status())) fields.push_back(one.field);
  EXPECT_THAT(fields, ElementsAre("platforms[0]", "platforms[2]", "platforms[3]"));
  for (const absl::Time due : {InChina(4, 1, 8), InChina(4, 9)}) {
    const auto term = Issue({kLab}, due);
    EXPECT_TRUE(absl::IsInvalidArgument(term.status())) << term.status();
    EXPECT_THAT(std::string(term.status().message()), HasSubstr("填报截止"));
  }
  EXPECT_EQ(world_.Count("platform_part"), 0);
  // Another university's form is not there.
  v1::IssuePartsRequest request;
  request.set_parent(kUpcForm);
  EXPECT_TRUE(absl::IsNotFound(parts_.IssueParts(Office("IssueParts"), request).status()));
  Conserved();
}

TEST_F(PartTest, APlatformFillsInItsOwnRowsAlone) {
  ASSERT_TRUE(world_.Open().ok());
  EXPECT_TRUE(absl::IsNotFound(Fill(kLab, {World::Ongoing(kOucLab, 0)}).status())) << "not out";
  const auto issued = Issue();
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->part_count(), 2);
  EXPECT_EQ(issued->row_count(), 1) << "what was carried forward";
  EXPECT_EQ(Issue()->unchanged_count(), 2) << "again";

  const auto foreign = Fill(kLab, {World::Ongoing(kOucLab, 0), World::Intent(kOucCenter),
                                   World::Intent(kUpcLab), World::NewProject("没有的平台", 1)});
  EXPECT_EQ(status::ReasonOf(foreign.status()), ERROR_REASON_INVALID_FILE);
  EXPECT_EQ(status::ViolationsOf(foreign.status()).size(), 3u) << foreign.status();
  for (const auto& one : status::ViolationsOf(foreign.status())) {
    EXPECT_THAT(one.description, HasSubstr(kOucLab));
  }
  const auto missing = Fill(kLab, {World::Intent(kOucLab, 1)});
  EXPECT_EQ(status::ReasonOf(missing.status()), ERROR_REASON_INVALID_FILE) << "a carried project";
  EXPECT_EQ(world_.RowOf(kOucLab, 0).holder(), kOuc) << "nothing was received by a refused file";

  const auto dry = Fill(kLab, {World::Ongoing(kOucLab, 0), World::Intent(kOucLab)}, true);
  ASSERT_TRUE(dry.ok()) << dry.status();
  EXPECT_EQ(dry->created(), 1);
  EXPECT_EQ(world_.Rows().size(), 2u) << "nothing is written";
  const auto filled = Fill(kLab, {World::Ongoing(kOucLab, 0), World::Intent(kOucLab)});
  ASSERT_TRUE(filled.ok()) << filled.status();
  EXPECT_EQ(filled->created(), 1);
  EXPECT_EQ(filled->updated(), 1);
  const auto twice = Fill(kLab, {World::Ongoing(kOucLab, 0), World::Intent(kOucLab)});
  ASSERT_TRUE(twice.ok()) << twice.status();
  EXPECT_EQ(twice->unchanged(), 2);
  EXPECT_EQ(world_.RowOf(kOucLab, 0).holder(), kLab);
  EXPECT_EQ(world_.RowOf(kOucLab, -1).holder(), kLab);
  EXPECT_EQ(Get(kLab).row_count(), 2);
  EXPECT_EQ(world_.Form(kOucForm).row_count(), 2);
  Conserved();
}

TEST_F(PartTest, WhileAPartIsOutTheUniversityChangesNothingOfIt) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Issue({kLab}).ok());
  ASSERT_TRUE(Fill(kLab, {World::Ongoing(kOucLab, 0)}).ok());
  v1::Row other = World::Ongoing(kOucLab, 0);
  other.set_progress("学校另写的进展");
  const auto changed = world_.Import(kOuc, World::Sheet({other, World::NewProject(kOucLab, 1)}));
  EXPECT_EQ(status::ReasonOf(changed.status()), ERROR_REASON_INVALID_FILE);
  EXPECT_EQ(status::ViolationsOf(changed.status()).size(), 2u) << changed.status();
  // As it is, or left out: what the university fills in itself is taken.
  for (const auto& rows :
       {std::vector<v1::Row>{World::Ongoing(kOucLab, 0), World::Intent(kOucCenter)},
        std::vector<v1::Row>{World::Intent(kOucCenter)}}) {
    const auto imported = world_.Import(kOuc, World::Sheet(rows));
    ASSERT_TRUE(imported.ok()) << imported.status();
    EXPECT_EQ(imported->removed(), 0);
  }
  EXPECT_EQ(world_.Form(kOucForm).row_count(), 2);
  const auto early = world_.Submit(kOuc);
  EXPECT_EQ(status::ReasonOf(early.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(std::string(early.status().message()), HasSubstr(kOucLab));
  Conserved();
}

TEST_F(PartTest, PartsGoBackWithReasonsAndComeAgain) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Issue({kLab}).ok());
  v1::Row bare = World::Ongoing(kOucLab, 0);
  bare.clear_progress();
  EXPECT_EQ(status::ReasonOf(Fill(kLab, {bare}).status()), ERROR_REASON_INVALID_FILE);
  // Carried, and not answered yet.
  EXPECT_EQ(status::ReasonOf(SubmitPart(kLab).status()), ERROR_REASON_RULE_VIOLATED);
  ASSERT_TRUE(Fill(kLab, {World::Ongoing(kOucLab, 0)}).ok());
  EXPECT_EQ(status::ReasonOf(AcceptPart(kLab).status()), ERROR_REASON_WRONG_STATE);
  const auto first = SubmitPart(kLab);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->revision(), 1);
  EXPECT_EQ(status::ReasonOf(SubmitPart(kLab).status()), ERROR_REASON_WRONG_STATE) << "once";
  EXPECT_EQ(status::ReasonOf(Fill(kLab, {World::Ongoing(kOucLab, 0)}).status()),
            ERROR_REASON_WRONG_STATE);
  // ReceiveHandovers leaves what is received by accepting it.
  ASSERT_TRUE(world_.Receive(kOuc, ROLE_RESEARCH_OFFICE).ok());
  EXPECT_EQ(world_.RowOf(kOucLab, 0).holder(), kLab);

  const std::string row = world_.RowOf(kOucLab, 0).name();
  EXPECT_TRUE(
      absl::IsInvalidArgument(ReturnPart(kLab, {{"cycles/x/forms/y/rows/z", "?"}}).status()));
  const auto returned = ReturnPart(kLab, {{row, "请写明样机编号"}});
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_THAT(returned->return_reasons(), ElementsAre("请补充佐证材料"));
  EXPECT_EQ(world_.RowOf(kOucLab, 0).return_reason(), "请写明样机编号");
  Conserved();
  v1::Row mended = World::Ongoing(kOucLab, 0);
  mended.set_progress("样机 7 号已下线");
  ASSERT_TRUE(Fill(kLab, {mended}).ok());
  ASSERT_TRUE(SubmitPart(kLab).ok());
  EXPECT_EQ(world_.RowOf(kOucLab, 0).return_reason(), "");
  ASSERT_TRUE(AcceptPart(kLab).ok());
  EXPECT_EQ(world_.RowOf(kOucLab, 0).holder(), kOuc);
  Conserved();
  // Accepted, and sent back all the same; then taken back.
  ASSERT_TRUE(ReturnPart(kLab).ok());
  EXPECT_NE(world_.RowOf(kOucLab, 0).in_transit(), "");
  ASSERT_TRUE(Fill(kLab, {mended, World::Intent(kOucLab)}).ok());
  ASSERT_TRUE(SubmitPart(kLab).ok());
  ASSERT_TRUE(AcceptPart(kLab).ok());
  EXPECT_EQ(world_.Rows().size(), 3u);
  Conserved();
  EXPECT_EQ(Get(kLab).revision(), 3);

  v1::ListPartVersionsRequest versions;
  versions.set_parent(Part(kLab));
  const auto kept = parts_.ListPartVersions(Manager("ListPartVersions"), versions);
  ASSERT_TRUE(kept.ok()) << kept.status();
  ASSERT_EQ(kept->part_versions_size(), 3);
  EXPECT_EQ(kept->part_versions(0).account(), "accounts/lab");
  EXPECT_NE(kept->part_versions(0).content_sha256(), kept->part_versions(1).content_sha256());
  v1::ExportPartRequest file;
  file.set_name(Part(kLab));
  file.set_revision(1);
  const auto old = parts_.ExportPart(Manager("ExportPart"), file);
  ASSERT_TRUE(old.ok()) << old.status();
  EXPECT_THAT(Cells(old->data()), Contains("已完成设备安装"));
  EXPECT_THAT(Cells(old->data()), Not(Contains("样机 7 号已下线")));
  EXPECT_THAT(Acts(row), Contains(HasSubstr("退回 请补充佐证材料")));
}

TEST_F(PartTest, WhatIsReclaimedTheUniversityFillsInItself) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Issue().ok());
  // Not received; received and filled in; handed in: each comes back.
  ASSERT_TRUE(Reclaim(kLab).ok());
  EXPECT_EQ(world_.RowOf(kOucLab, 0).in_transit(), "");
  Conserved();
  ASSERT_TRUE(Issue({kLab}).ok());
  ASSERT_TRUE(Fill(kLab, {World::Ongoing(kOucLab, 0), World::Intent(kOucLab)}).ok());
  const auto kept = Reclaim(kLab);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->state(), v1::PART_STATE_KEPT);
  EXPECT_EQ(kept->reclaim_reason(), "平台负责人出差，学校代填");
  EXPECT_EQ(world_.RowOf(kOucLab, 0).holder(), kOuc);
  Conserved();
  ASSERT_TRUE(Fill(kCenter, {World::NewProject(kOucCenter, 1)}).ok());
  ASSERT_TRUE(SubmitPart(kCenter).ok());
  ASSERT_TRUE(Reclaim(kCenter).ok());
  EXPECT_EQ(status::ReasonOf(Reclaim(kCenter).status()), ERROR_REASON_WRONG_STATE);
  // What a platform put in the university may strike out while nothing has left it.
  const auto imported = world_.Import(
      kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::NewProject(kOucCenter, 1)}));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->removed(), 1);
  Conserved();
  const auto submitted = world_.Submit(kOuc);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  EXPECT_EQ(submitted->row_count(), 2);
  Conserved();
}

TEST_F(PartTest, LateIsLateToTheSecondAndTheFormsEndIsTheEnd) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Issue({}, InChina(4, 3, 17, 0, 0)).ok());
  ASSERT_TRUE(Fill(kLab, {World::Ongoing(kOucLab, 0)}).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 3, 17, 0, 0)).ok());
  EXPECT_TRUE(SubmitPart(kLab)->on_time());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 3, 17, 0, 1)).ok());
  const auto late = SubmitPart(kCenter);
  ASSERT_TRUE(late.ok()) << "late, not lost, and with nothing to report: " << late.status();
  EXPECT_FALSE(late->on_time());
  EXPECT_EQ(late->row_count(), 0);
  ASSERT_TRUE(ReturnPart(kLab).ok());
  ASSERT_TRUE(SubmitPart(kLab).ok());
  EXPECT_TRUE(Get(kLab).on_time()) << "the first submission decides";
  ASSERT_TRUE(ReturnPart(kCenter).ok());

  ASSERT_TRUE(world_.MoveTo(InChina(4, 8, 23, 59, 59)).ok());
  ASSERT_TRUE(Fill(kCenter, {World::Intent(kOucCenter)}).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 9, 0, 0, 0)).ok());
  EXPECT_EQ(status::ReasonOf(SubmitPart(kCenter).status()), ERROR_REASON_WINDOW_CLOSED);
  EXPECT_EQ(status::ReasonOf(ReturnPart(kLab).status()), ERROR_REASON_WINDOW_CLOSED);
  EXPECT_EQ(status::ReasonOf(Issue().status()), ERROR_REASON_WINDOW_CLOSED);
  EXPECT_THAT(Get(kCenter).actions(), Not(Contains("submit")));
  // A lock exception of the form opens its parts, too.
  v1::GrantLockExceptionRequest request;
  request.set_name(kOucForm);
  *request.mutable_until() = time::ToTimestamp(InChina(4, 10, 12));
  request.set_reason("系统检修");
  ASSERT_TRUE(world_.service
                  ->GrantLockException(
                      world_.CallOf("GrantLockException", ROLE_SECRETARIAT, kSecretariat), request)
                  .ok());
  EXPECT_THAT(Get(kCenter).actions(), Contains("submit"));
  ASSERT_TRUE(SubmitPart(kCenter).ok());
  Conserved();
}

TEST_F(PartTest, ManagersAreNamedAndNobodyElseFillsIn) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Issue().ok());
  Known("accounts/lab", kOuc, ManagerRole());
  Known("accounts/gone", kOuc, ManagerRole(), /*disabled=*/true);
  Known("accounts/office", kOuc, absl::StrCat(",", int{ROLE_RESEARCH_OFFICE}, ","));
  Known("accounts/elsewhere", kUpc, ManagerRole());
  const auto bad = Assign(kLab, {"accounts/lab", "accounts/gone", "accounts/office",
                                 "accounts/elsewhere", "accounts/lab", "accounts/unknown"});
  ASSERT_TRUE(absl::IsInvalidArgument(bad.status())) << bad.status();
  EXPECT_EQ(status::ViolationsOf(bad.status()).size(), 5u);
  ASSERT_TRUE(Assign(kLab, {"accounts/lab"}).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(
      Fill(kLab, {World::Ongoing(kOucLab, 0)}, false, "accounts/center").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(SubmitPart(kLab, "accounts/center").status()));
  ASSERT_TRUE(Fill(kLab, {World::Ongoing(kOucLab, 0)}).ok());
  ASSERT_TRUE(Fill(kCenter, {World::Intent(kOucCenter)}, false, "accounts/center").ok())
      << "of a part without managers anybody of them";
  // A manager of another university sees no part.
  v1::GetPartRequest request;
  request.set_name(Part(kLab));
  EXPECT_TRUE(absl::IsNotFound(
      parts_.GetPart(CallOf("GetPart", ROLE_PLATFORM_MANAGER, kUpc), request).status()));
  EXPECT_TRUE(absl::IsNotFound(parts_
                                   .SubmitPart(CallOf("SubmitPart", ROLE_PLATFORM_MANAGER, kUpc),
                                               Of<v1::SubmitPartRequest>(kLab))
                                   .status()));
  // What may be done is said to each.
  const auto manager = Get(kLab);
  EXPECT_THAT(manager.actions(), ElementsAre("import", "submit", "receive"));
  v1::ListPartsRequest list;
  list.set_parent(absl::StrCat(kCycle, "/forms/-"));
  const auto listed = parts_.ListParts(Office("ListParts"), list);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->parts_size(), 2);
  EXPECT_THAT(listed->parts(0).actions(), ElementsAre("reclaim", "assign"));
  const auto other = parts_.GetPart(Manager("GetPart", "accounts/center"), request);
  EXPECT_THAT(other->actions(), IsEmpty());
}

TEST_F(PartTest, WhatComesBackGoesOnToThePlatforms) {
  UntilSubmitted();
  Conserved();
  EXPECT_EQ(status::ReasonOf(Reclaim(kLab).status()), ERROR_REASON_WRONG_STATE) << "accepted";
  EXPECT_EQ(status::ReasonOf(ReturnPart(kLab).status()), ERROR_REASON_WRONG_STATE)
      << "the form is with the secretariat";
  EXPECT_EQ(status::ReasonOf(Deliver().status()), ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(world_.Accept(kOuc).ok());
  EXPECT_EQ(status::ReasonOf(Deliver().status()), ERROR_REASON_WINDOW_CLOSED);
  ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
  ASSERT_TRUE(world_.Distribute().ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
  for (const int enterprise : {0, 1}) ASSERT_TRUE(world_.SubmitReturns(enterprise).ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
  ASSERT_TRUE(world_.ReturnToUniversities().ok());
  EXPECT_EQ(status::ReasonOf(ReceivePart(kLab).status()), ERROR_REASON_WRONG_STATE);
  const auto delivered = Deliver();
  ASSERT_TRUE(delivered.ok()) << delivered.status();
  EXPECT_EQ(delivered->platform_count(), 2);
  EXPECT_EQ(delivered->row_count(), 2);
  EXPECT_EQ(Deliver()->row_count(), 0) << "again";
  Conserved();
  EXPECT_THAT(Get(kLab).actions(), ElementsAre("receive"));
  const auto received = ReceivePart(kLab);
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_TRUE(received->has_receive_time());
  EXPECT_EQ(world_.RowOf(kOucLab, 0).holder(), kLab);
  EXPECT_EQ(world_.RowOf(kOucCenter, 1).holder(), kOuc) << "on its way";
  Conserved();
  // What is at home with a platform counts on the board.
  ASSERT_TRUE(world_.MoveTo(InChina(5, 14)).ok());
  v1::ComputeLeaderboardRequest request;
  request.set_parent(kCycle);
  const auto board = world_.service->ComputeLeaderboard(
      world_.CallOf("ComputeLeaderboard", ROLE_SECRETARIAT, kSecretariat), request);
  ASSERT_TRUE(board.ok()) << board.status();
  int64_t rows = 0;
  for (const v1::LeaderboardEntry& entry : board->boards(0).entries()) rows += entry.score();
  EXPECT_GT(rows, 0);
}

TEST_F(PartTest, OfEightAtOnceOneHandsIn) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Issue().ok());
  ASSERT_TRUE(Fill(kLab, {World::Ongoing(kOucLab, 0)}).ok());
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto outcome = i % 2 == 0 ? SubmitPart(kLab) : Reclaim(kLab);
      if (outcome.ok()) ++done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Handed in once, and taken back once, before or after.
  EXPECT_GE(done.load(), 1);
  EXPECT_LE(done.load(), 2);
  EXPECT_EQ(Get(kLab).state(), v1::PART_STATE_KEPT) << "four of them take it back";
  EXPECT_EQ(world_.RowOf(kOucLab, 0).holder(), kOuc);
  Conserved();
}

TEST_F(PartTest, ManagersOfAQuarterAreThoseOfTheOneBefore) {
  Known("accounts/lab", kOuc, ManagerRole());
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Issue().ok());
  ASSERT_TRUE(Assign(kLab, {"accounts/lab"}).ok());
  v1::OpenCycleRequest open;
  open.set_name("cycles/2025q3");
  *open.mutable_rehearsal_clock() =
      time::ToTimestamp(absl::FromCivil(absl::CivilSecond(2025, 7, 1, 9), time::Shanghai()));
  ASSERT_TRUE(
      world_.service->OpenCycle(world_.CallOf("OpenCycle", ROLE_SECRETARIAT, kSecretariat), open)
          .ok());
  v1::IssuePartsRequest request;
  request.set_parent("cycles/2025q3/forms/ouc");
  ASSERT_TRUE(parts_.IssueParts(Office("IssueParts"), request).ok());
  v1::GetPartRequest get;
  get.set_name(PartName("cycles/2025q3/forms/ouc", kLab));
  EXPECT_THAT(parts_.GetPart(Office("GetPart"), get)->managers(), ElementsAre("accounts/lab"));
  get.set_name(PartName("cycles/2025q3/forms/ouc", kCenter));
  EXPECT_THAT(parts_.GetPart(Office("GetPart"), get)->managers(), IsEmpty());
}

}  // namespace
}  // namespace chanyan::cycle
