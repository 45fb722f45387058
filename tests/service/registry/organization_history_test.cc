// What is found of renames and mergers afterwards: the history, former names and whose name was
// copied.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "tests/service/registry/merger_world.h"

namespace chanyan::registry {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

}  // namespace
}  // namespace chanyan::registry
