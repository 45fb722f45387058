// Whoever comes upon what is another's learns that it is there and not which it is (TRI-1, IDN-2):
// titles of results and demands, numbers of contracts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// All that a refusal says, its details with it.
std::string Said(const absl::Status& refused) {
  std::string said(refused.message());
  refused.ForEachPayload([&](absl::string_view, const absl::Cord& detail) {
    absl::StrAppend(&said, "\n", std::string(detail));
  });
  return said;
}
void ExpectNamed(const absl::Status& refused, const std::string& name) {
  EXPECT_TRUE(absl::IsAlreadyExists(refused)) << refused;
  EXPECT_THAT(Said(refused), AllOf(HasSubstr("请在原条目上修改"), HasSubstr(name)));
}
void ExpectUnnamed(const absl::Status& refused) {
  EXPECT_TRUE(absl::IsAlreadyExists(refused)) << refused;
  EXPECT_THAT(Said(refused), AllOf(HasSubstr("不由本单位负责"), Not(HasSubstr("请在原条目上修改")),
                                   Not(HasSubstr("results/")), Not(HasSubstr("demands/"))));
}

class TwinTest : public ::testing::Test, protected World {
 protected:
  // Of the oil university, brought in by whoever says so.
  absl::StatusOr<v1::Result> Oil(const std::string& title, Role role,
                                 const std::string& organization) {
    v1::Result draft = Draft(title);
    draft.set_university(kUpc);
    return Create(draft, role, organization);
  }
  absl::Status Rename(const std::string& name, const std::string& title) {
    v1::UpdateResultRequest request;
    request.mutable_result()->set_name(name);
    request.mutable_result()->set_title(title);
    request.mutable_update_mask()->add_paths("title");
    request.set_request_id(api::NewUuid());
    return results
        .UpdateResult(As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.UpdateResult"), request)
        .status();
  }
  absl::StatusOr<v1::Demand> Ask(const std::string& title, Role role,
                                 const std::string& organization) {
    v1::CreateDemandRequest request;
    *request.mutable_demand() = DemandDraft(title);
    request.mutable_demand()->set_enterprise(kE1);
    request.set_request_id(api::NewUuid());
    return demands.CreateDemand(As(role, organization, "DemandService.CreateDemand"), request);
  }
  absl::Status RenameDemand(const std::string& name, const std::string& title) {
    v1::UpdateDemandRequest request;
    request.mutable_demand()->set_name(name);
    request.mutable_demand()->set_title(title);
    request.mutable_update_mask()->add_paths("title");
    request.set_request_id(api::NewUuid());
    return demands
        .UpdateDemand(As(ROLE_SERVICE_TEAM, kMarineAgency, "DemandService.UpdateDemand"), request)
        .status();
  }
  absl::StatusOr<v1::FollowUp> Log(const std::string& result, const v1::FollowUp& row,
                                   const std::string& by) {
    v1::CreateFollowUpRequest request;
    request.set_parent(result);
    *request.mutable_follow_up() = row;
    *request.mutable_follow_up()->mutable_happen_date() = time::ToProto(time::DayOf(clock.now));
    request.mutable_follow_up()->set_content("已登记");
    request.set_request_id(api::NewUuid());
    return follow_ups.CreateFollowUp(As(ROLE_SERVICE_TEAM, by, "FollowUpService.CreateFollowUp"),
                                     request);
  }
  std::string Contract(const std::string& result, const std::string& by) {
    v1::FollowUp row;
    row.set_kind(v1::FOLLOW_UP_KIND_CONTRACT);
    row.mutable_contract()->set_kind(v1::CONVERSION_MODE_LICENSE);
    *row.mutable_contract()->mutable_sign_date() = time::ToProto(time::DayOf(clock.now));
    row.mutable_contract()->set_buyer_title("企业一（演示）");
    row.mutable_contract()->set_amount_yuan(1);
    const auto made = Log(result, row, by);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  }
  absl::Status Register(const std::string& result, const std::string& contract,
                        const std::string& number, const std::string& by) {
    v1::FollowUp row;
    row.set_kind(v1::FOLLOW_UP_KIND_REGISTRATION);
    row.set_contract_follow_up(contract);
    row.set_registration_number(number);
    FillRegistration(&row);
    return Log(result, row, by).status();
  }
};

TEST_F(TwinTest, AResultsTwinIsNamedToThoseWhoMayReadIt) {
  const auto theirs = Oil("采油机器人", ROLE_RESEARCH_OFFICE, kUpc);
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  ExpectNamed(Oil("采油機器人", ROLE_RESEARCH_OFFICE, kUpc).status(), theirs->name());
  ExpectUnnamed(Oil("采油机器人", ROLE_SERVICE_TEAM, kMarineAgency).status());
  // Nor by giving another the title.
  const auto mine = Oil("钻井机器人", ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(mine.ok()) << mine.status();
  ExpectUnnamed(Rename(mine->name(), "采油机器人"));
  EXPECT_EQ(Stored(mine->name()).title(), "钻井机器人");
  const auto other = Oil("测井机器人", ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(other.ok()) << other.status();
  ExpectNamed(Rename(mine->name(), "测井机器人"), other->name());
  // Its own title is no twin.
  EXPECT_TRUE(Rename(mine->name(), "钻井機器人").ok());
}

TEST_F(TwinTest, ADemandsTwinIsNamedToThoseWhoMayReadIt) {
  const auto theirs = Ask("防腐涂层", ROLE_ENTERPRISE, kE1);
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  ExpectNamed(Ask("防腐塗層", ROLE_ENTERPRISE, kE1).status(), theirs->name());
  ExpectUnnamed(Ask("防腐涂层", ROLE_SERVICE_TEAM, kMarineAgency).status());
  const auto mine = Ask("密封件", ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(mine.ok()) << mine.status();
  ExpectUnnamed(RenameDemand(mine->name(), "防腐涂层"));
  ASSERT_TRUE(demands
                  .PublishDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.PublishDemand"),
                                 Named<v1::PublishDemandRequest>(theirs->name()))
                  .ok());
  // In the library everybody who collects demands sees it.
  ExpectNamed(Ask("防腐涂层", ROLE_SERVICE_TEAM, kMarineAgency).status(), theirs->name());
}

TEST_F(TwinTest, ARegistrationsNumberDoesNotTellOfAnotherTeamsLog) {
  const auto theirs = Oil("采油机器人", ROLE_RESEARCH_OFFICE, kUpc);
  const auto mine = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(theirs.ok() && mine.ok());
  const std::string first = Contract(theirs->name(), kHighTechAgency);
  ASSERT_TRUE(Register(theirs->name(), first, "2025370200000001", kHighTechAgency).ok());
  const std::string second = Contract(mine->name(), kMarineAgency);
  const absl::Status hidden = Register(mine->name(), second, "2025370200000001", kMarineAgency);
  EXPECT_TRUE(absl::IsAlreadyExists(hidden)) << hidden;
  EXPECT_THAT(Said(hidden), AllOf(HasSubstr("已经登记过"), Not(HasSubstr("results/"))));
  ASSERT_TRUE(Register(mine->name(), second, "2025370200000002", kMarineAgency).ok());
  const absl::Status shown = Register(mine->name(), second, "2025370200000003", kMarineAgency);
  EXPECT_THAT(Said(shown), HasSubstr(absl::StrCat(mine->name(), "/followUps/")));
}

}  // namespace
}  // namespace chanyan::triage
