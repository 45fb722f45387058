// Mergers of organizations, and what is found afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "chanyan/registry/v1/instrument.pb.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/registry/merger_world.h"
#include "tests/support/violations.h"

namespace chanyan::registry {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_F(MergerTest, WhatIsNotPossibleIsRefusedAndChangesNothing) {
  const std::string a = Enterprise(1);
  const std::string b = Enterprise(2);
  const std::string c = Enterprise(3);
  const std::string town = Make("town", "泊里镇（演示）", kTown);
  ASSERT_TRUE(Merge(c, b).ok());
  auto suspend = Named<v1::SuspendOrganizationRequest>(a);
  suspend.set_reason("停产");
  ASSERT_TRUE(service.SuspendOrganization(Secretariat("SuspendOrganization"), suspend).ok());
  const auto before = Everything();
  EXPECT_THAT(testing::FieldsOf(Merge(b, b).status()), ElementsAre("into"));
  EXPECT_THAT(testing::FieldsOf(Merge(b, a).status()), ElementsAre("into"))
      << "the survivor is suspended";
  EXPECT_THAT(testing::FieldsOf(Merge(b, town).status()), ElementsAre("into")) << "of another kind";
  EXPECT_THAT(testing::FieldsOf(Merge(a, c).status()), ElementsAre("into"))
      << "the survivor is merged";
  EXPECT_THAT(std::string(Merge(a, c).status().message()), HasSubstr(b));
  EXPECT_EQ(status::ReasonOf(Merge(c, b).status()), ERROR_REASON_WRONG_STATE) << "twice";
  EXPECT_EQ(Merge("organizations/none", b).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Merge(b, "organizations/none").status().code(), absl::StatusCode::kNotFound);
  auto stale = Merger(b, b);
  stale.set_into(a);
  stale.set_etag("old");
  EXPECT_EQ(service.MergeOrganization(Secretariat("MergeOrganization"), stale).status().code(),
            absl::StatusCode::kAborted);
  auto early = Merger(a, b);
  *early.mutable_effective_date() = time::ToProto(absl::CivilDay(2025, 4, 2));
  EXPECT_THAT(testing::FieldsOf(
                  service.MergeOrganization(Secretariat("MergeOrganization"), early).status()),
              ElementsAre("effective_date"));
  EXPECT_EQ(
      service
          .MergeOrganization(As(options::v1::ROLE_ENTERPRISE, b, "MergeOrganization"), Merger(a, b))
          .status()
          .code(),
      absl::StatusCode::kNotFound)
      << "an enterprise writes itself alone";
  EXPECT_EQ(Everything(), before);
}

TEST_F(MergerTest, AMergerHandsOverPlatformsEnterprisesAndSubordinates) {
  const std::string town = Make("town", "泊里镇（演示）", kTown);
  const std::string zone = Make("zone", "董家口（演示）", v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE);
  const std::string firm = Enterprise(1, "", town);
  const std::string other = Enterprise(2, "", zone);
  v1::CreateOrganizationRequest below;
  below.set_organization_id("station");
  below.mutable_organization()->set_display_name("科技站（演示）");
  below.mutable_organization()->set_kind(v1::ORGANIZATION_KIND_DEPARTMENT);
  below.mutable_organization()->set_parent(town);
  below.set_request_id(api::NewUuid());
  ASSERT_TRUE(service.CreateOrganization(Secretariat("CreateOrganization"), below).ok());

  auto request = Merger(town, zone);
  *request.mutable_effective_date() = time::ToProto(absl::CivilDay(2025, 3, 20));
  auto dry = request;
  dry.set_validate_only(true);
  const auto before = Everything();
  const auto preview = service.MergeOrganization(Secretariat("MergeOrganization"), dry);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(preview->enterprise_count(), 1);
  EXPECT_EQ(preview->child_count(), 1);
  EXPECT_EQ(Everything(), before) << "it only says what would be";

  const auto merged = service.MergeOrganization(Secretariat("MergeOrganization"), request);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(merged->organization().state(), v1::ORGANIZATION_STATE_MERGED);
  EXPECT_EQ(merged->organization().merged_into(), zone);
  EXPECT_EQ(merged->organization().state_reason(), "吸收合并");
  EXPECT_EQ(merged->organization().state_since().day(), 20);
  EXPECT_EQ(merged->enterprise_count(), 1);
  EXPECT_EQ(At(firm).unit(), zone);
  EXPECT_EQ(At(other).unit(), zone);
  EXPECT_EQ(At("organizations/station").parent(), zone);
  EXPECT_EQ(At(zone).absorbed_size(), 1);
  EXPECT_THAT(History(town), ElementsAre("3-20 “泊里镇（演示）”并入“董家口（演示）”，随同转入："
                                         "服务的企业 1 个、下级单位 1 个"));
  EXPECT_THAT(History(zone), ElementsAre("3-20 “泊里镇（演示）”并入“董家口（演示）”，随同转入："
                                         "服务的企业 1 个、下级单位 1 个"));
  const auto again = service.MergeOrganization(Secretariat("MergeOrganization"), request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), merged->SerializeAsString()) << "the same request id";

  // A new enterprise of somebody who knows the old name only.
  EXPECT_EQ(At(Enterprise(3, "", town)).unit(), zone);
  v1::Organization moved = At(other);
  moved.set_unit(town);
  v1::UpdateOrganizationRequest update;
  *update.mutable_organization() = moved;
  update.mutable_organization()->clear_actions();
  update.mutable_update_mask()->add_paths("unit");
  const auto updated = service.UpdateOrganization(Secretariat("UpdateOrganization"), update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->unit(), zone);
}

TEST_F(MergerTest, PlatformsOfAMergedUniversityStayResolvable) {
  const std::string a = Make("upc", "石油大学（演示）", kUniversity);
  const std::string b = Make("ouc", "海洋大学（演示）", kUniversity);
  const std::string c = Make("sdu", "山东大学（演示）", kUniversity);
  const std::string lab = Platform(a, "lab", "材料实验室（演示）");
  const std::string center = Platform(a, "center", "中试中心（演示）");
  const std::string own = Platform(b, "lab", "材料实验室（演示）");
  const auto merged = Merge(a, b);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(merged->platform_count(), 2);
  EXPECT_THAT(merged->renamed_platforms(), ElementsAre("材料实验室（演示）（原石油大学（演示））"));
  EXPECT_EQ(PlatformAt(lab).organization(), b);
  EXPECT_EQ(PlatformAt(lab).organization_title(), "海洋大学（演示）");
  EXPECT_EQ(PlatformAt(lab).display_name(), "材料实验室（演示）（原石油大学（演示））");
  EXPECT_EQ(PlatformAt(center).display_name(), "中试中心（演示）");
  EXPECT_EQ(PlatformAt(own).display_name(), "材料实验室（演示）");
  for (const std::string& parent : {a, b}) {
    EXPECT_THAT(PlatformsOf(parent), UnorderedElementsAre(lab, center, own)) << parent;
  }
  EXPECT_EQ(PlatformsOf("organizations/-").size(), 3u);
  ASSERT_TRUE(Merge(b, c).ok());
  EXPECT_THAT(PlatformsOf(a), UnorderedElementsAre(lab, center, own));
  EXPECT_EQ(PlatformAt(lab).organization(), c);

  // The survivor's people go on with them, and those of the one that is no more do not.
  auto submit = Named<v1::SubmitPlatformRequest>(lab);
  const auto by = [&](const std::string& organization) {
    return service.SubmitPlatform(
        As(options::v1::ROLE_RESEARCH_OFFICE, organization, "SubmitPlatform"), submit);
  };
  EXPECT_EQ(by(a).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(by(c).ok());
  const auto refused = CreatePlatform(a, "new", "新实验室（演示）");
  EXPECT_THAT(testing::FieldsOf(refused.status()), ElementsAre("platform.organization"));
  EXPECT_THAT(status::ViolationsOf(refused.status())[0].description, HasSubstr(c));
}

TEST_F(MergerTest, AMovedPlatformTakesItsInstrumentsAlong) {
  const std::string a = Make("upc", "石油大学（演示）", kUniversity);
  const std::string b = Make("ouc", "海洋大学（演示）", kUniversity);
  const std::string lab = Platform(a, "lab", "材料实验室（演示）");
  const std::string own = Platform(b, "lab", "海洋实验室（演示）");
  const db::Table<v1::Instrument> instruments;
  const db::Table<v1::Booking> bookings;
  const absl::Status written = database.db().Transact([&](db::Session& session) -> absl::Status {
    for (const auto& [owner, platform] : {std::pair(a, lab), std::pair(b, own)}) {
      v1::Instrument instrument;
      instrument.set_name(absl::StrCat(owner, "/instruments/sem"));
      instrument.set_organization(owner);
      instrument.set_platform(platform);
      instrument.set_asset_number("2019-001");
      instrument.set_display_name("扫描电镜（演示）");
      instrument.set_state(v1::INSTRUMENT_STATE_DRAFT);
      CHANYAN_RETURN_IF_ERROR(instruments.Insert(session, clock.Now(), &instrument));
    }
    v1::Booking booking;
    booking.set_name(absl::StrCat(a, "/instruments/sem/bookings/one"));
    booking.set_instrument(absl::StrCat(a, "/instruments/sem"));
    booking.set_organization(a);
    booking.set_requester(a);
    booking.set_requester_title("石油大学（演示）");
    booking.mutable_contact()->set_person("孙某（演示）");
    booking.set_state(v1::BOOKING_STATE_APPROVED);
    api::SetTime(clock.Now(), booking.mutable_start_time());
    api::SetTime(clock.Now() + absl::Hours(1), booking.mutable_end_time());
    return bookings.Insert(session, clock.Now(), &booking);
  });
  ASSERT_TRUE(written.ok()) << written;
  const auto merged = Merge(a, b);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_THAT(Texts("SELECT CONCAT_WS('|', organization, asset_number) FROM instrument "
                    "ORDER BY name"),
              ElementsAre("organizations/ouc|2019-001",
                          "organizations/ouc|2019-001（原石油大学（演示））"));
  EXPECT_THAT(Texts("SELECT CONCAT_WS('|', organization, requester, requester_title) "
                    "FROM booking"),
              ElementsAre("organizations/ouc|organizations/ouc|海洋大学（演示）"));
}

TEST_F(MergerTest, AChainOfMergersIsOneStepLong) {
  std::vector<std::string> names;
  for (int i = 1; i <= 5; ++i) names.push_back(Enterprise(i));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(Merge(names[i], names[i + 1]).ok());
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(At(names[i]).merged_into(), names[4]);
    EXPECT_THAT(Lookup(names[i]), ElementsAre(absl::StrCat("e5 e", i + 1, " RESOURCE_NAME")));
    EXPECT_THAT(Lookup(testing::CreditCode(i + 1)),
                ElementsAre(absl::StrCat("e5 e", i + 1, " CODE")));
    EXPECT_THAT(Lookup(absl::StrCat("企业", i + 1, "（演示）")),
                ElementsAre(absl::StrCat("e5 e", i + 1, " NAME")));
  }
  std::vector<std::string> absorbed;
  const v1::Organization survivor = At(names[4]);
  for (const auto& one : survivor.absorbed()) absorbed.push_back(one.organization());
  EXPECT_THAT(absorbed, ElementsAre(names[0], names[1], names[2], names[3]));
  EXPECT_THAT(testing::FieldsOf(Merge(names[4], names[0]).status()), ElementsAre("into"))
      << "no circle";
}

TEST_F(MergerTest, ASubordinateThatTakesOverRises) {
  const std::string city = Make("city", "市局（演示）", v1::ORGANIZATION_KIND_DEPARTMENT);
  const auto below = [&](const std::string& id, const std::string& parent) {
    v1::CreateOrganizationRequest request;
    request.set_organization_id(id);
    request.mutable_organization()->set_display_name(id + "（演示）");
    request.mutable_organization()->set_kind(v1::ORGANIZATION_KIND_DEPARTMENT);
    request.mutable_organization()->set_parent(parent);
    const auto made = service.CreateOrganization(Secretariat("CreateOrganization"), request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  };
  const std::string a = below("a", city);
  const std::string b = below("b", a);
  const std::string c = below("c", b);
  ASSERT_TRUE(Merge(a, c).ok());
  EXPECT_EQ(At(c).parent(), city);
  EXPECT_EQ(At(b).parent(), c);
  v1::UpdateOrganizationRequest circle;
  circle.mutable_organization()->set_name(c);
  circle.mutable_organization()->set_parent(b);
  circle.mutable_update_mask()->add_paths("parent");
  EXPECT_THAT(testing::FieldsOf(
                  service.UpdateOrganization(Secretariat("UpdateOrganization"), circle).status()),
              ElementsAre("organization.parent"));
}

TEST_F(MergerTest, VerbsAreOfferedToThoseWhoMayCallThem) {
  const std::string a = Enterprise(1);
  const auto actions = [&](options::v1::Role role, const std::string& organization) {
    const auto row = Get(As(role, organization, "GetOrganization"), a);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? std::vector<std::string>(row->actions().begin(), row->actions().end())
                    : std::vector<std::string>();
  };
  EXPECT_THAT(actions(options::v1::ROLE_SECRETARIAT, ""), ElementsAre("suspend", "merge", "split"));
  EXPECT_THAT(actions(options::v1::ROLE_DEPARTMENT, ""), ElementsAre("merge", "split"));
  EXPECT_THAT(actions(options::v1::ROLE_ENTERPRISE, a), IsEmpty());
  EXPECT_THAT(actions(options::v1::ROLE_LEADER, ""), IsEmpty());
  ASSERT_TRUE(Merge(a, Enterprise(2)).ok());
  EXPECT_THAT(actions(options::v1::ROLE_SECRETARIAT, ""), IsEmpty());
  EXPECT_EQ(status::ReasonOf(Rename(a, "别名（演示）").status()), ERROR_REASON_WRONG_STATE);
}

}  // namespace
}  // namespace chanyan::registry
