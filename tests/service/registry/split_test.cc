// Splits of organizations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/service/registry/merger_world.h"
#include "tests/support/violations.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;

TEST_F(MergerTest, ABadSplitIsRefusedWithAllThatIsWrong) {
  const std::string a = Make("a", "海洋大学（演示）", kUniversity);
  const std::string b = Make("b", "石油大学（演示）", kUniversity);
  const std::string foreign = Platform(b, "lab", "实验室（演示）");
  auto request = Named<v1::SplitOrganizationRequest>(a);
  request.set_reason("分立");
  auto* part = request.add_parts();
  part->mutable_created()->set_display_name("海洋研究院（演示）");
  part->mutable_created()->set_kind(kUniversity);
  part->mutable_created()->add_industries("炼金");
  request.add_parts()->set_organization("organizations/none");
  const auto split = [&] {
    return service.SplitOrganization(Secretariat("SplitOrganization"), request).status();
  };
  const auto before = Everything();
  EXPECT_THAT(testing::FieldsOf(split()),
              ElementsAre("parts[0].created.industries[0]", "parts[1].organization"));
  request.mutable_parts()->RemoveLast();
  part->mutable_created()->clear_industries();
  part->add_platforms(foreign);
  EXPECT_THAT(testing::FieldsOf(split()), ElementsAre("parts[0].platforms[0]"));
  EXPECT_EQ(Everything(), before);
}

TEST_F(MergerTest, APartThatIsSplitOffTakesItsPlatformsAndTheRestGoesOn) {
  const std::string a = Make("a", "海洋大学（演示）", kUniversity);
  const std::string lab = Platform(a, "lab", "实验室（演示）");
  const std::string center = Platform(a, "center", "中心（演示）");
  auto request = Named<v1::SplitOrganizationRequest>(a);
  request.set_reason("独立设置");
  request.set_document("批复（演示）");
  auto* part = request.add_parts();
  part->set_organization_id("part");
  part->mutable_created()->set_display_name("海洋研究院（演示）");
  part->mutable_created()->set_kind(kUniversity);
  part->add_platforms(lab);
  auto dry = request;
  dry.set_validate_only(true);
  const auto before = Everything();
  const auto preview = service.SplitOrganization(Secretariat("SplitOrganization"), dry);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(preview->platform_count(), 1);
  EXPECT_EQ(Everything(), before);
  const auto split = service.SplitOrganization(Secretariat("SplitOrganization"), request);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->platform_count(), 1);
  EXPECT_EQ(split->organization().state(), v1::ORGANIZATION_STATE_ACTIVE);
  ASSERT_EQ(split->parts_size(), 1);
  EXPECT_EQ(split->parts(0).split_from(), a);
  EXPECT_THAT(PlatformsOf("organizations/part"), ElementsAre(lab));
  EXPECT_THAT(PlatformsOf(a), ElementsAre(center));
  EXPECT_THAT(History(a), ElementsAre("4-1 “海洋大学（演示）”分立出“海洋研究院（演示）”"));
  EXPECT_THAT(History("organizations/part"),
              ElementsAre("4-1 “海洋研究院（演示）”由“海洋大学（演示）”分立"));
  EXPECT_THAT(Lookup("海洋研究院（演示）"), ElementsAre("part part NAME"));
}

TEST_F(MergerTest, ASplitWithASuccessorEndsTheWhole) {
  const std::string a = Make("a", "海洋大学（演示）", kUniversity);
  const std::string there = Make("there", "海洋学院（演示）", kUniversity);
  const std::string lab = Platform(a, "lab", "实验室（演示）");
  const std::string center = Platform(a, "center", "中心（演示）");
  auto request = Named<v1::SplitOrganizationRequest>(a);
  request.set_reason("新设分立");
  auto* part = request.add_parts();
  part->set_organization_id("part");
  part->mutable_created()->set_display_name("海洋研究院（演示）");
  part->mutable_created()->set_kind(kUniversity);
  part->add_platforms(lab);
  request.add_parts()->set_organization(there);
  request.mutable_parts(1)->set_successor(true);
  auto dry = request;
  dry.set_validate_only(true);
  EXPECT_EQ(service.SplitOrganization(Secretariat("SplitOrganization"), dry)->platform_count(), 2);
  const auto split = service.SplitOrganization(Secretariat("SplitOrganization"), request);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->platform_count(), 2);
  EXPECT_EQ(At(a).state(), v1::ORGANIZATION_STATE_MERGED);
  EXPECT_EQ(At(a).merged_into(), there);
  EXPECT_EQ(PlatformAt(lab).organization(), "organizations/part");
  EXPECT_EQ(PlatformAt(center).organization(), there);
  EXPECT_THAT(Lookup("海洋大学（演示）"), ElementsAre("there a NAME"));
  EXPECT_THAT(History(a),
              ElementsAre("4-1 “海洋大学（演示）”分立出“海洋研究院（演示）”“海洋学院（演示）”，"
                          "其余权利义务由“海洋学院（演示）”承继，随同转入：科创平台 1 个"));
}

}  // namespace
}  // namespace chanyan::registry
