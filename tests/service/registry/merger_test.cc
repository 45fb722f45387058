// Renames, suspensions, mergers and splits of organizations, and what is found afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/registry/registry_world.h"
#include "tests/support/violations.h"

namespace chanyan::registry {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr auto kCompany = v1::ORGANIZATION_KIND_ENTERPRISE;
constexpr auto kUniversity = v1::ORGANIZATION_KIND_UNIVERSITY;
constexpr auto kTown = v1::ORGANIZATION_KIND_TOWN;

class MergerTest : public ::testing::Test, protected RegistryWorld {
 protected:
  // Everything that a refusal must leave as it was.
  std::vector<std::string> Everything() {
    return Texts(
        "SELECT CONCAT_WS('|', name, version) FROM organization UNION ALL "
        "SELECT CONCAT_WS('|', name, version) FROM platform UNION ALL "
        "SELECT name FROM organization_event UNION ALL SELECT COUNT(*) FROM journal");
  }
};

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

TEST_F(MergerTest, AHistoryIsReadWithDaysReasonsAndDocuments) {
  const std::string a = Enterprise(1, "蓝鲸科技（演示）");
  clock.now += absl::Hours(24);
  ASSERT_TRUE(Rename(a, "白鲸科技（演示）").ok());
  clock.now += absl::Hours(24);
  auto suspend = Named<v1::SuspendOrganizationRequest>(a);
  suspend.set_reason("停产整顿");
  suspend.set_document("整改通知（演示）");
  const auto suspended = service.SuspendOrganization(Secretariat("SuspendOrganization"), suspend);
  ASSERT_TRUE(suspended.ok()) << suspended.status();
  EXPECT_EQ(suspended->state_reason(), "停产整顿");
  EXPECT_THAT(suspended->actions(), ElementsAre("resume", "merge"));
  EXPECT_EQ(status::ReasonOf(service
                                 .SuspendOrganization(Secretariat("SuspendOrganization"),
                                                      [&] {
                                                        auto twice = suspend;
                                                        twice.set_request_id(api::NewUuid());
                                                        return twice;
                                                      }())
                                 .status()),
            ERROR_REASON_WRONG_STATE);
  clock.now += absl::Hours(1);
  auto resume = Named<v1::ResumeOrganizationRequest>(a);
  resume.set_reason("整改验收合格");
  ASSERT_TRUE(service.ResumeOrganization(Secretariat("ResumeOrganization"), resume).ok());
  EXPECT_THAT(History(a), ElementsAre("4-2 由“蓝鲸科技（演示）”更名为“白鲸科技（演示）”",
                                      "4-3 停用“白鲸科技（演示）”，保留其记录，不再新办业务",
                                      "4-3 恢复“白鲸科技（演示）”"));
  EXPECT_THAT(Texts("SELECT CONCAT_WS('|', reason, document, account <> '') "
                    "FROM organization_event ORDER BY effective_date, create_time"),
              ElementsAre("工商变更登记|准予变更登记通知书（演示）|1",
                          "停产整顿|整改通知（演示）|1", "整改验收合格||1"));
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE resource LIKE '%/events/%'"),
              ElementsAre("recorded", "recorded", "recorded"));
  v1::ListOrganizationEventsRequest request;
  request.set_parent(a);
  const auto page = [&](options::v1::Role role, const std::string& organization) {
    const auto events =
        directory.ListOrganizationEvents(As(role, organization, "ListOrganizationEvents"), request);
    return events.ok() ? events->events_size() : -1;
  };
  EXPECT_EQ(page(options::v1::ROLE_ENTERPRISE, a), 3) << "its own";
  EXPECT_EQ(page(options::v1::ROLE_ENTERPRISE, "organizations/e2"), 0);
}

TEST_F(MergerTest, FormerNamesAreFoundByThoseWhoMaySeeTheOrganization) {
  const std::string a = Enterprise(1, "蓝鲸科技有限公司（演示）");
  Make("ouc", "中國海洋大學（演示）", kUniversity);
  ASSERT_TRUE(Rename(a, "白鲸科技有限公司（演示）").ok());
  EXPECT_THAT(Lookup("藍鯨科技 有限公司(演示)"), ElementsAre("e1 e1 FORMER_NAME"));
  EXPECT_THAT(Lookup("白鲸科技有限公司（演示）"), ElementsAre("e1 e1 NAME"));
  EXPECT_THAT(Lookup("中国海洋大学（演示）"), ElementsAre("ouc ouc NAME"));
  EXPECT_THAT(Lookup(testing::CreditCode(1)), ElementsAre("e1 e1 CODE"));
  EXPECT_THAT(Lookup("没有这家"), IsEmpty());
  const rpc::Call own = As(options::v1::ROLE_ENTERPRISE, a, "LookupOrganizations");
  const rpc::Call other =
      As(options::v1::ROLE_ENTERPRISE, "organizations/e2", "LookupOrganizations");
  EXPECT_THAT(Lookup(own, "蓝鲸科技有限公司（演示）"), ElementsAre("e1 e1 FORMER_NAME"));
  EXPECT_THAT(Lookup(other, "蓝鲸科技有限公司（演示）"), IsEmpty());
  EXPECT_THAT(Lookup(other, "中国海洋大学（演示）"), ElementsAre("ouc ouc NAME"));
  // Who has the name stands before who had it.
  Enterprise(2, "蓝鲸科技有限公司（演示）");
  EXPECT_THAT(Lookup("蓝鲸科技有限公司（演示）"), ElementsAre("e2 e2 NAME", "e1 e1 FORMER_NAME"));
  ASSERT_TRUE(Merge("organizations/e2", a).ok());
  EXPECT_THAT(Lookup("蓝鲸科技有限公司（演示）"), ElementsAre("e1 e2 NAME", "e1 e1 FORMER_NAME"));
}

TEST_F(MergerTest, ARenamedOwnerIsRenamedAtItsPlatforms) {
  const std::string a = Make("ouc", "海洋大学（演示）", kUniversity);
  const std::string lab = Platform(a, "lab", "实验室（演示）");
  ASSERT_TRUE(Rename(a, "青岛海洋大学（演示）").ok());
  EXPECT_EQ(PlatformAt(lab).organization_title(), "青岛海洋大学（演示）");
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE resource LIKE '%/platforms/%' ORDER BY id"),
              ElementsAre("created", "ownerRenamed"));
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

// --- Splits

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

// --- Under concurrency

// Mergers, renames, new enterprises and new platforms at once: afterwards everybody that was made
// is there once, every reference leads to one that goes on, and no path is longer than a step.
TEST_F(MergerTest, NoOrderOfMergersLosesAnything) {
  const unsigned seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  constexpr int kUniversities = 8;
  constexpr int kTowns = 6;
  std::vector<std::string> universities;
  std::vector<std::string> towns;
  for (int i = 0; i < kUniversities; ++i) {
    universities.push_back(Make(absl::StrCat("u", i), absl::StrCat("大学", i), kUniversity));
  }
  for (int i = 0; i < kTowns; ++i) {
    towns.push_back(Make(absl::StrCat("t", i), absl::StrCat("镇", i), kTown));
  }
  constexpr int kThreads = 6;
  constexpr int kActs = 25;
  std::vector<std::set<std::string>> made(kThreads);
  std::vector<int> merged(kThreads, 0);
  std::vector<std::string> faults(kThreads);
  const auto run = [&](int thread) {
    std::mt19937 random(seed + thread);
    const auto one_of = [&](const std::vector<std::string>& all) {
      return all[random() % all.size()];
    };
    for (int act = 0; act < kActs; ++act) {
      absl::Status status;
      const int number = 1000 + thread * 100 + act;
      switch (random() % 6) {
        case 0: {
          const auto done = Merge(one_of(universities), one_of(universities));
          merged[thread] += done.ok();
          status = done.status();
          break;
        }
        case 1: {
          const auto done = Merge(one_of(towns), one_of(towns));
          merged[thread] += done.ok();
          status = done.status();
          break;
        }
        case 2:
          status = Rename(one_of(universities), absl::StrCat("大学改", number)).status();
          break;
        case 3: {
          const auto done = Create(absl::StrCat("n", number), absl::StrCat("企业", number),
                                   kCompany, number, one_of(towns));
          if (done.ok()) made[thread].insert(done->name());
          status = done.status();
          break;
        }
        default: {
          // Half of them under names that others have too.
          const auto done = CreatePlatform(one_of(universities), absl::StrCat("p", number),
                                           absl::StrCat("平台", number % 4));
          if (done.ok()) made[thread].insert(done->name());
          status = done.status();
        }
      }
      if (absl::IsInternal(status)) faults[thread] = std::string(status.message());
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(run, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(faults, ::testing::Each(std::string())) << "seed " << seed;

  std::map<std::string, v1::Organization> all;
  for (const std::string& name : Texts("SELECT name FROM organization")) all[name] = At(name);
  int gone = 0;
  for (const auto& [name, row] : all) {
    const bool is_merged = row.state() == v1::ORGANIZATION_STATE_MERGED;
    gone += is_merged;
    EXPECT_EQ(is_merged, !row.merged_into().empty()) << name;
    if (is_merged) {
      EXPECT_NE(all[row.merged_into()].state(), v1::ORGANIZATION_STATE_MERGED) << "seed " << seed;
      const auto& absorbed = all[row.merged_into()].absorbed();
      EXPECT_EQ(
          std::count_if(absorbed.begin(), absorbed.end(),
                        [&name = name](const auto& one) { return one.organization() == name; }),
          1)
          << name << ", seed " << seed;
      EXPECT_EQ(row.absorbed_size(), 0) << name;
    }
    if (!row.unit().empty()) {
      EXPECT_NE(all[row.unit()].state(), v1::ORGANIZATION_STATE_MERGED)
          << name << " is served by nobody, seed " << seed;
    }
  }
  int acknowledged = 0;
  std::set<std::string> wanted;
  for (int i = 0; i < kThreads; ++i) {
    acknowledged += merged[i];
    wanted.insert(made[i].begin(), made[i].end());
  }
  EXPECT_GT(acknowledged, 3) << "seed " << seed;
  EXPECT_EQ(gone, acknowledged) << "seed " << seed;
  std::set<std::string> present;
  for (const std::string& name :
       Texts("SELECT name FROM organization WHERE kind = 'ENTERPRISE' UNION SELECT name FROM "
             "platform")) {
    present.insert(name);
  }
  EXPECT_EQ(present, wanted) << "seed " << seed;
  for (const std::string& owner : Texts("SELECT DISTINCT organization FROM platform")) {
    EXPECT_NE(all[owner].state(), v1::ORGANIZATION_STATE_MERGED) << owner << ", seed " << seed;
  }
  EXPECT_EQ(Count("organization_event WHERE kind = 'MERGED'"), acknowledged);
  EXPECT_EQ(Count("organization_event WHERE kind = 'ABSORBED'"), acknowledged);
}

}  // namespace
}  // namespace chanyan::registry
