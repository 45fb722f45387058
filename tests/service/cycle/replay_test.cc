// What the cycle decided of forms and rows is on record with its clause, and is decided again by
// the pack of its day, whatever the city has decided since (POL-2, CYC-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/policy/verdict.h"
#include "common/rpc/pack_archive.h"
#include "common/status/status.h"
#include "tests/service/cycle/part_world.h"
#include "tests/service/cycle/world.h"
#include "tests/support/later_pack.h"

namespace chanyan::cycle {
namespace {

using ::testing::HasSubstr;

class CycleReplayTest : public ::testing::Test {
 protected:
  void Keep(const policy::Pack& kept) {
    const absl::Status status = world_.database.db().Transact([&](db::Session& session) {
      return rpc::KeepPack(session, world_.clock.now, kept).status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  std::string Again(const policy::v1::Verdicts& stored, absl::Time then) {
    std::string bytes;
    const absl::Status status = world_.database.db().Read([&](db::Session& session) {
      const auto again = rpc::ReplayVerdicts(session, stored, then);
      if (again.ok()) bytes = policy::Encode(*again);
      return again.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return bytes;
  }
  // The verdict of a rule that a refusal brings; none if it brings none.
  static policy::v1::Verdict Refusal(const absl::Status& refused, const char* rule) {
    policy::v1::Verdicts verdicts;
    EXPECT_TRUE(status::GetDetail(refused, verdicts)) << refused;
    for (const policy::v1::Verdict& verdict : verdicts.verdicts()) {
      if (verdict.rule_id() == rule) return verdict;
    }
    return {};
  }

  World world_;
};

TEST_F(CycleReplayTest, ASecondRowOfAPairIsRefusedWithTheVerdictAndNothingIsKept) {
  ASSERT_TRUE(world_.Open().ok());
  const std::string before = world_.Form(kOucForm).SerializeAsString();
  const auto twice = world_.Import(
      kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::NewProject(kOucCenter, 1),
                          World::NewProject(kOucCenter, 1)}));
  ASSERT_TRUE(absl::IsInvalidArgument(twice.status())) << twice.status();
  EXPECT_EQ(status::ViolationsOf(twice.status()).size(), 1u) << "at its cell";
  const policy::v1::Verdict verdict = Refusal(twice.status(), "form-row.unmerged");
  EXPECT_EQ(verdict.outcome(), policy::v1::OUTCOME_NOT_SATISFIED);
  EXPECT_THAT(verdict.clause().text(), HasSubstr("不要合并表格"));
  EXPECT_THAT(verdict.reason(), HasSubstr("行"));
  EXPECT_EQ(world_.Form(kOucForm).SerializeAsString(), before);
  // What is wrong otherwise says nothing of rules.
  v1::Row nameless = World::NewProject(kOucCenter, 1);
  nameless.clear_title();
  const auto other = world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0), nameless}));
  policy::v1::Verdicts none;
  EXPECT_FALSE(other.ok());
  EXPECT_FALSE(status::GetDetail(other.status(), none));
}

TEST_F(CycleReplayTest, ASecondOpeningIsRefusedWithTheVerdictOnTheForm) {
  ASSERT_TRUE(world_.Open().ok());
  const auto again = world_.Open();
  ASSERT_TRUE(absl::IsAlreadyExists(again.status())) << again.status();
  const policy::v1::Verdict verdict = Refusal(again.status(), "form.unique");
  EXPECT_EQ(verdict.outcome(), policy::v1::OUTCOME_NOT_SATISFIED);
  EXPECT_THAT(verdict.clause().text(), HasSubstr("一个季度填一次"));
  EXPECT_THAT(verdict.reason(), HasSubstr(kOucForm));
}

TEST_F(CycleReplayTest, OpeningAndImportComeToTheSameBytesUnderLaterPacks) {
  Keep(*world_.pack);
  const absl::Time then = world_.clock.now;
  ASSERT_TRUE(world_.Open().ok());
  const v1::Form opened = world_.Form(kOucForm);
  const auto dry = world_.Import(
      kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::NewProject(kOucCenter, 1)}), true);
  ASSERT_TRUE(dry.ok()) << dry.status();
  EXPECT_EQ(world_.Form(kOucForm).SerializeAsString(), opened.SerializeAsString());
  ASSERT_TRUE(
      world_
          .Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::NewProject(kOucCenter, 1),
                                      World::Intent(kOucCenter)}))
          .ok());
  const v1::Form imported = world_.Form(kOucForm);
  EXPECT_EQ(imported.create_verdicts().SerializeAsString(),
            opened.create_verdicts().SerializeAsString());
  EXPECT_NE(imported.row_verdicts().SerializeAsString(), opened.row_verdicts().SerializeAsString());
  EXPECT_THAT(imported.row_verdicts().verdicts(0).reason(), HasSubstr("1个（2行）"));
  world_.clock.now += absl::Hours(24);
  Keep(*testing::LaterPack(*world_.pack, world_.pack->version()));
  world_.clock.now += absl::Hours(24);
  Keep(*testing::LaterPack(*world_.pack, "9999.1"));
  for (const policy::v1::Verdicts* stored :
       {&opened.create_verdicts(), &opened.row_verdicts(), &imported.row_verdicts()}) {
    ASSERT_EQ(stored->verdicts_size(), 1) << stored->DebugString();
    EXPECT_EQ(stored->verdicts(0).outcome(), policy::v1::OUTCOME_SATISFIED);
    EXPECT_EQ(Again(*stored, then), policy::Encode(*stored));
    EXPECT_EQ(stored->pack_version(), world_.pack->version());
  }
}

TEST_F(CycleReplayTest, WhatAnEnterprisePutsOnAFormIsJudgedToo) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0)})).ok());
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  ASSERT_TRUE(world_.Accept(kOuc).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
  const std::string before = world_.Form(kOucForm).row_verdicts().SerializeAsString();
  const auto given = world_.GiveBack(kOucForm, 1, World::Sheet({World::NewProject(kOucCenter, 1)}));
  ASSERT_TRUE(given.ok()) << given.status();
  ASSERT_EQ(given->created(), 1);
  const policy::v1::Verdicts after = world_.Form(kOucForm).row_verdicts();
  EXPECT_NE(after.SerializeAsString(), before);
  EXPECT_THAT(after.verdicts(0).reason(), HasSubstr(World::Enterprise(1)));
  // Read back as it is: nothing is put on.
  const auto same = world_.GiveBack(kOucForm, 1, World::Sheet({World::NewProject(kOucCenter, 1)}));
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(world_.Form(kOucForm).row_verdicts().SerializeAsString(), after.SerializeAsString());
}

class PartReplayTest : public PartWorld {};

TEST_F(PartReplayTest, WhatAPlatformPutsOnTheFormIsJudgedThoughTheirNumberStays) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Issue().ok());
  ASSERT_TRUE(Fill(kCenter, {World::NewProject(kOucCenter, 1)}).ok());
  EXPECT_THAT(world_.Form(kOucForm).row_verdicts().verdicts(0).reason(),
              HasSubstr(World::Enterprise(1)));
  const int rows = world_.Form(kOucForm).row_count();
  const auto other = Fill(kCenter, {World::NewProject(kOucCenter, 2)});
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(world_.Form(kOucForm).row_count(), rows);
  EXPECT_THAT(world_.Form(kOucForm).row_verdicts().verdicts(0).reason(),
              HasSubstr(World::Enterprise(2)));
}

}  // namespace
}  // namespace chanyan::cycle
