// A form begins with what is known of its platforms' intents, too (CYC-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/time/timestamp.h"
#include "tests/service/cycle/world.h"

namespace chanyan::cycle {
namespace {

constexpr char kOfferingPlatform[] = "organizations/ouc/platforms/center";

class IntentOpeningTest : public ::testing::Test {
 protected:
  void Publish(const std::string& name, pairing::v1::IntentState state,
               const std::string& project = "",
               pairing::v1::IntentSide side = pairing::v1::INTENT_SIDE_OFFER) {
    pairing::v1::Intent intent;
    intent.set_name(name);
    intent.set_side(side);
    if (side == pairing::v1::INTENT_SIDE_OFFER) intent.set_platform(kOfferingPlatform);
    intent.set_title(name.substr(8));
    intent.set_content("开放中试装置");
    intent.add_kinds("技术研发");
    intent.set_state(state);
    intent.set_project(project);
    world_.fakes.Add(intent);
  }
  void Negotiate(int enterprise) {
    pairing::v1::Project project;
    project.set_name("projects/talks");
    project.set_platform(kOfferingPlatform);
    project.set_enterprise(World::Enterprise(enterprise));
    project.set_title("联合中试");
    project.set_state(pairing::v1::PROJECT_STATE_NEGOTIATING);
    world_.fakes.Add(project);
  }

  World world_;
};

TEST_F(IntentOpeningTest, OpenIntentsArePrefilledAndOnlyThose) {
  Publish("intents/open", pairing::v1::INTENT_STATE_OPEN);
  Publish("intents/expired", pairing::v1::INTENT_STATE_EXPIRED);
  Publish("intents/withdrawn", pairing::v1::INTENT_STATE_WITHDRAWN);
  Publish("intents/paired", pairing::v1::INTENT_STATE_OPEN, "projects/p0");
  Publish("intents/wanted", pairing::v1::INTENT_STATE_OPEN, "", pairing::v1::INTENT_SIDE_REQUEST);
  Negotiate(1);
  const auto opened = world_.Open();
  ASSERT_TRUE(opened.ok()) << opened.status();
  ASSERT_EQ(world_.Rows().size(), 4u) << "two projects, a talk and an offer";
  const v1::Row offered = world_.RowOf(kOucCenter, -1);
  EXPECT_EQ(offered.category(), v1::ROW_CATEGORY_INTENT);
  EXPECT_EQ(offered.origin(), v1::ROW_ORIGIN_INTENT);
  EXPECT_EQ(offered.title(), "open");
  EXPECT_EQ(offered.content(), "开放中试装置");
  EXPECT_EQ(offered.kinds(0), "技术研发");
  const v1::Row talks = world_.RowOf(kOucCenter, 1);
  EXPECT_EQ(talks.category(), v1::ROW_CATEGORY_INTENT);
  EXPECT_EQ(talks.unified_social_credit_code(), World::CodeOf(1));
  EXPECT_EQ(world_.Form(kOucForm).row_count(), 3);
  const v1::Conservation proof = world_.Check();
  EXPECT_EQ(proof.violations_size(), 0) << proof.DebugString();
}

TEST_F(IntentOpeningTest, APrefilledIntentStandsBecomesAProjectOrIsStruckOut) {
  Publish("intents/open", pairing::v1::INTENT_STATE_OPEN);
  Negotiate(1);
  ASSERT_TRUE(world_.Open().ok());
  // One was signed meanwhile, the other is left out.
  auto imported = world_.Import(
      kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::NewProject(kOucCenter, 1)}));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->updated(), 2);
  EXPECT_EQ(imported->created(), 0);
  EXPECT_EQ(world_.RowOf(kOucCenter, 1).category(), v1::ROW_CATEGORY_NEW);
  EXPECT_EQ(world_.Rows().size(), 3u);
  // What was under construction may not be left out.
  imported = world_.Import(kOuc, World::Sheet({World::NewProject(kOucCenter, 1)}));
  EXPECT_FALSE(imported.ok());
  const auto submitted = world_.Submit(kOuc);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  const v1::Conservation proof = world_.Check();
  EXPECT_EQ(proof.violations_size(), 0) << proof.DebugString();
}

TEST_F(IntentOpeningTest, UntouchedIntentsAreReportedAsTheyAre) {
  Publish("intents/open", pairing::v1::INTENT_STATE_OPEN);
  ASSERT_TRUE(world_.Open().ok());
  v1::Row offered = world_.RowOf(kOucCenter, -1);
  const auto imported = world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0), offered}));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->unchanged(), 1) << "what is known is not asked again";
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  EXPECT_EQ(world_.RowOf(kOucCenter, -1).title(), "open");
}

}  // namespace
}  // namespace chanyan::cycle
