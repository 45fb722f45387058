// Custody in SQL: what it refuses, and that no order of acts loses a row.
#include "services/cycle/custody.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "services/cycle/ids.h"
#include "tests/service/cycle/world.h"

namespace chanyan::cycle {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CustodyTest : public ::testing::Test {
 protected:
  absl::Status Change(absl::FunctionRef<absl::Status(rpc::Change&)> work) {
    const journal::Origin origin{.method = "test", .actor = "accounts/test"};
    return world_.database.db().Transact([&](db::Session& session) {
      rpc::Change change(session, world_.clock.Now(), origin);
      return work(change);
    });
  }
  absl::Status Send(const std::string& sender, const std::vector<std::string>& rows) {
    return Change([&](rpc::Change& change) {
      return custody_.Send(change, InChina(4, 9), kCycle, 2, sender, kZone, rows, "distributed = 1")
          .status();
    });
  }

  World world_;
  const Custody custody_;
};

TEST_F(CustodyTest, TablesAreAsTheMessagesAre) {
  ASSERT_TRUE(world_.database.db()
                  .Read([](db::Session& session) -> absl::Status {
                    for (const auto* type :
                         {v1::Cycle::descriptor(), v1::Form::descriptor(), v1::Row::descriptor(),
                          v1::Handover::descriptor(), v1::Package::descriptor(),
                          v1::Event::descriptor(), v1::Leaderboard::descriptor()}) {
                      const auto differences = db::TableCore(type).CheckTable(session);
                      EXPECT_TRUE(differences.ok()) << differences.status();
                      EXPECT_THAT(*differences, IsEmpty());
                    }
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST_F(CustodyTest, WhatOneDoesNotHoldOneCannotSend) {
  ASSERT_TRUE(world_.Open().ok());
  const std::string row = world_.RowOf(kOucLab, 0).name();
  const absl::Status stranger = Send(kSecretariat, {row});
  EXPECT_TRUE(absl::IsFailedPrecondition(stranger)) << stranger;
  EXPECT_THAT(std::string(stranger.message()), HasSubstr(row));
  EXPECT_TRUE(absl::IsNotFound(Send(kOuc, {absl::StrCat(kOucForm, "/rows/none")})));
  ASSERT_TRUE(Send(kOuc, {row}).ok());
  EXPECT_TRUE(world_.RowOf(kOucLab, 0).distributed());
  const absl::Status again = Send(kOuc, {row});
  EXPECT_TRUE(absl::IsFailedPrecondition(again)) << again;
  EXPECT_THAT(std::string(again.message()), HasSubstr("等待对方签收"));
  EXPECT_THAT(world_.Check().violations(), IsEmpty());
}

TEST_F(CustodyTest, TamperedRowsAreFound) {
  ASSERT_TRUE(world_.Open().ok());
  const char* const tamperings[] = {
      "UPDATE form_row SET holder = 'organizations/zone' LIMIT 1",
      "UPDATE form_row SET in_transit = 'cycles/2025q2/handovers/x' LIMIT 1",
      "UPDATE form_row SET enterprise = 'organizations/e1' LIMIT 1",
      "UPDATE form_row SET platform = 'organizations/ouc/platforms/other' LIMIT 1",
      "DELETE FROM form_row LIMIT 1",
      "DELETE FROM row_birth LIMIT 1",
  };
  for (const char* tampering : tamperings) {
    const absl::Status changed = Change([&](rpc::Change& change) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(change.session().Execute(tampering).status());
      const auto proof = custody_.Check(change.session(), kCycle, InChina(4, 9));
      EXPECT_TRUE(proof.ok()) << proof.status();
      EXPECT_FALSE(proof->conserved()) << tampering;
      // Leave it as it was.
      return absl::CancelledError();
    });
    EXPECT_TRUE(absl::IsCancelled(changed)) << changed;
  }
  EXPECT_TRUE(world_.Check().conserved());
}

TEST_F(CustodyTest, LongIdsHaveAHandoverNameToo) {
  ASSERT_TRUE(world_.Open().ok());
  const std::string receiver = absl::StrCat("organizations/", std::string(63, 'z'));
  ASSERT_TRUE(Change([&](rpc::Change& change) -> absl::Status {
                CHANYAN_ASSIGN_OR_RETURN(
                    const v1::Handover handover,
                    custody_.Send(change, InChina(4, 9), kCycle, 2, kOuc, receiver,
                                  {world_.RowOf(kOucLab, 0).name()}));
                EXPECT_TRUE(api::IsName(handover.name())) << handover.name();
                return absl::OkStatus();
              }).ok());
}

// Rows of a form beside those that were carried; by number.
std::vector<v1::Row> ManyRows(int count) {
  std::vector<v1::Row> rows;
  for (int i = 0; i < count; ++i) {
    v1::Row row;
    row.set_platform(absl::StrCat(kOuc, "/platforms/n", i));
    row.set_name(RowName(kOucForm, row.platform(), ""));
    row.set_university(kOuc);
    row.set_origin(v1::ROW_ORIGIN_UNIVERSITY);
    row.set_holder(kOuc);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string Company(int number) { return absl::StrCat("organizations/c", number); }

TEST_F(CustodyTest, HundredsOfReceiversGetTheirRowsAsEachWouldAlone) {
  constexpr int kReceivers = 300;
  ASSERT_TRUE(world_.Open().ok());
  std::vector<v1::Row> rows = ManyRows(2 * kReceivers + 1);
  // One row for each but the first, who gets two; the other half goes out later.
  Custody::Groups first, second;
  for (int i = 0; i < kReceivers; ++i) {
    first[Company(i)].push_back(rows[i].name());
    second[Company(i)].push_back(rows[kReceivers + i].name());
  }
  first[Company(0)].push_back(rows.back().name());
  const auto send = [&](const Custody::Groups& groups) {
    return Change([&](rpc::Change& change) {
      return custody_.SendAll(change, InChina(4, 9), kCycle, 2, kOuc, groups, "delivered = 1");
    });
  };
  ASSERT_TRUE(Change([&](rpc::Change& change) {
                return custody_.Bear(change, InChina(4, 9), &rows);
              }).ok());
  ASSERT_TRUE(send(first).ok());
  EXPECT_EQ(world_.Count("form_row WHERE in_transit <> '' AND delivered = 1"), kReceivers + 1);
  EXPECT_EQ(world_.Count("handover WHERE state = 'SENT'"), kReceivers);
  EXPECT_EQ(world_.Count("handover WHERE row_count = 2 AND receiver = 'organizations/c0'"), 1);
  EXPECT_EQ(world_.Count("journal WHERE kind = 'sent'"), kReceivers);
  EXPECT_TRUE(world_.Check().conserved());

  // What is on its way cannot be sent again, and nothing of that attempt stays.
  Custody::Groups mixed = second;
  mixed[Company(7)].push_back(rows[7].name());
  const absl::Status again = send(mixed);
  EXPECT_TRUE(absl::IsFailedPrecondition(again)) << again;
  EXPECT_THAT(std::string(again.message()), HasSubstr(rows[7].name()));
  EXPECT_EQ(world_.Count("handover"), kReceivers);

  ASSERT_TRUE(send(second).ok());
  EXPECT_EQ(world_.Count("handover WHERE name LIKE '%-2'"), kReceivers) << "numbered";
  EXPECT_TRUE(world_.Check().conserved());
}

TEST_F(CustodyTest, HundredsOfHandoversAreReceivedAtOnceOrNotAtAll) {
  constexpr int kSenders = 300;
  ASSERT_TRUE(world_.Open().ok());
  std::vector<v1::Row> rows = ManyRows(kSenders);
  for (int i = 0; i < kSenders; ++i) rows[i].set_holder(Company(i));
  ASSERT_TRUE(Change([&](rpc::Change& change) -> absl::Status {
                CHANYAN_RETURN_IF_ERROR(custody_.Bear(change, InChina(4, 9), &rows));
                for (int i = 0; i < kSenders; ++i) {
                  CHANYAN_RETURN_IF_ERROR(custody_
                                              .Send(change, InChina(4, 9), kCycle, 3, Company(i),
                                                    kZone, {rows[i].name()}, "confirmed = 1")
                                              .status());
                }
                return absl::OkStatus();
              }).ok());
  const auto receive = [&](absl::string_view spoil) {
    return Change([&](rpc::Change& change) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Handover> waiting,
                               custody_.Waiting(change.session(), kCycle, kZone));
      EXPECT_EQ(waiting.size(), size_t{kSenders});
      if (!spoil.empty()) CHANYAN_RETURN_IF_ERROR(change.session().Execute(spoil).status());
      return custody_.ReceiveAll(change, InChina(4, 10), "accounts/test", std::move(waiting));
    });
  };
  EXPECT_TRUE(absl::IsInternal(
      receive("UPDATE form_row SET in_transit = '' WHERE in_transit <> '' LIMIT 1")));
  EXPECT_EQ(world_.Count("handover WHERE state = 'RECEIVED'"), 0);
  ASSERT_TRUE(receive("").ok());
  EXPECT_EQ(world_.Count("handover WHERE state = 'RECEIVED' AND receipt = 'accounts/test' AND "
                         "receive_time IS NOT NULL AND version = 2"),
            kSenders);
  EXPECT_EQ(world_.Count("form_row WHERE holder = 'organizations/zone' AND in_transit = ''"),
            kSenders);
  EXPECT_EQ(world_.Count("journal WHERE kind = 'received'"), kSenders);
  EXPECT_TRUE(world_.Check().conserved());
}

// S0 二: whoever works with a university goes on filling in its form, whatever stood there before.
TEST_F(CustodyTest, AnEnterpriseFillsInWhatTheUniversityStruckOut) {
  ASSERT_TRUE(world_.Open().ok());
  const std::string both =
      World::Sheet({World::Ongoing(kOucLab, 0), World::NewProject(kOucCenter, 1)});
  ASSERT_TRUE(world_.MoveTo(InChina(4, 1)).ok());
  ASSERT_TRUE(world_.Import(kOuc, both).ok());
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  const std::string row = world_.RowOf(kOucCenter, 1).name();
  ASSERT_TRUE(world_.Return(kOuc, "该企业尚未签约").ok());
  ASSERT_TRUE(world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0)})).ok());
  EXPECT_EQ(world_.Count(absl::StrCat("form_row WHERE name = '", row, "'")), 0);
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  ASSERT_TRUE(world_.Accept(kOuc).ok());
  EXPECT_THAT(world_.Check().violations(), IsEmpty());

  ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
  ASSERT_TRUE(world_.Distribute().ok());
  ASSERT_TRUE(world_.GiveBack(kOucForm, 1, World::Sheet({World::NewProject(kOucCenter, 1)})).ok());
  EXPECT_EQ(world_.RowOf(kOucCenter, 1).origin(), v1::ROW_ORIGIN_ENTERPRISE);
  EXPECT_THAT(world_.Check().violations(), IsEmpty());
  ASSERT_TRUE(world_.SubmitReturns(1).ok());
  const v1::Conservation proof = world_.Check();
  EXPECT_THAT(proof.violations(), IsEmpty());
  EXPECT_EQ(proof.from_enterprises(), 1);
  EXPECT_EQ(proof.origin_sha256(), proof.present_sha256());
  // Both who put it in are on record, and the second without the hand-over of the first.
  EXPECT_EQ(world_.Count(absl::StrCat("row_birth WHERE form_row = '", row,
                                      "' AND life = 1 AND origin = 'UNIVERSITY' AND first_hop = 1 "
                                      "AND withdrawn_time IS NOT NULL")),
            1);
  EXPECT_EQ(world_.Count(absl::StrCat("row_birth WHERE form_row = '", row,
                                      "' AND life = 2 AND origin = 'ENTERPRISE' AND first_hop = 2 "
                                      "AND withdrawn_time IS NULL")),
            1);
}

// Anybody does anything in any order; what is not possible is refused, and nothing is ever lost.
TEST_F(CustodyTest, NoOrderOfActsLosesARow) {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    World world;
    std::mt19937 random(seed);
    const auto one_of = [&](size_t n) { return static_cast<size_t>(random() % n); };
    const auto a_university = [&] { return std::string(one_of(2) == 0 ? kOuc : kUpc); };
    const auto a_unit = [&] { return std::string(one_of(2) == 0 ? kZone : kTown); };
    ASSERT_TRUE(world.Open().ok());
    absl::Time now = InChina(4, 1, 8);
    int done = 0;
    for (int act = 0; act < 110; ++act) {
      const int enterprise = static_cast<int>(one_of(3));
      const bool ouc = one_of(2) == 0;
      const char* platform = ouc ? kOucCenter : kUpcLab;
      absl::Status status;
      switch (one_of(14)) {
        case 0: {
          std::vector<v1::Row> rows = {ouc ? World::Ongoing(kOucLab, 0)
                                           : World::Ongoing(kUpcLab, 2)};
          if (one_of(2) == 0) rows.push_back(World::Intent(platform));
          if (one_of(2) == 0) rows.push_back(World::NewProject(platform, 1));
          status = world.Import(ouc ? kOuc : kUpc, World::Sheet(rows)).status();
          break;
        }
        case 1:
          status = world.Submit(a_university()).status();
          break;
        case 2:
          status = one_of(3) == 0 ? world.Return(a_university(), "请补充").status()
                                  : world.Accept(a_university()).status();
          break;
        case 3:
          status = world.Distribute().status();
          break;
        case 4:
          status = world.Receive(a_unit(), options::v1::ROLE_UNIT).status();
          break;
        case 5:
          status = world.ToEnterprises(a_unit()).status();
          break;
        case 6:
          status = world
                       .GiveBack(ouc ? kOucForm : kUpcForm, enterprise,
                                 World::Sheet({World::NewProject(platform, enterprise)}))
                       .status();
          break;
        case 7:
          status = world.SubmitReturns(enterprise).status();
          break;
        case 8:
          status = world.ReturnToUniversities().status();
          break;
        case 9:
          status = world.SubmitPackages(a_unit()).status();
          break;
        case 10:
          status = world.Receive(kSecretariat, options::v1::ROLE_SECRETARIAT).status();
          break;
        case 11:
          status = world.SendBack(a_unit(), ouc ? kOucForm : kUpcForm, enterprise).status();
          break;
        case 12:
          status = world.ReturnPackage(enterprise).status();
          break;
        case 13:
          now += absl::Hours(12);
          status = world.MoveTo(now).status();
          break;
      }
      EXPECT_FALSE(absl::IsInternal(status)) << status;
      done += status.ok() ? 1 : 0;
      const v1::Conservation proof = world.Check();
      ASSERT_THAT(proof.violations(), IsEmpty()) << "seed " << seed << ", act " << act;
      ASSERT_EQ(proof.origin_sha256(), proof.present_sha256());
    }
    EXPECT_GT(done, 10) << "seed " << seed;
  }
}

}  // namespace
}  // namespace chanyan::cycle
