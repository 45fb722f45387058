// Merging results (TRI-1) loses nothing of what they brought (TRI-6, TRI-8), on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class MergeTest : public ::testing::Test, protected World {
 protected:
  std::string Log(const std::string& result, const v1::FollowUp& row) {
    const auto made = LogEntry(result, row);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  }
  std::string Contract(const std::string& result, int64_t yuan) {
    return Log(result, ContractOf(yuan));
  }
  std::string Money(const std::string& result, int64_t yuan) {
    v1::FollowUp row = Entry(v1::FOLLOW_UP_KIND_FINANCING);
    row.mutable_financing()->set_investor_title("某基金（演示）");
    row.mutable_financing()->set_amount_yuan(yuan);
    *row.mutable_financing()->mutable_obtain_date() = row.happen_date();
    return Log(result, row);
  }
  std::string Registration(const std::string& result, const std::string& contract,
                           const std::string& number) {
    v1::FollowUp row = Entry(v1::FOLLOW_UP_KIND_REGISTRATION);
    row.set_contract_follow_up(contract);
    row.set_registration_number(number);
    return Log(result, row);
  }
  absl::Status Merge(const std::string& from, const std::string& into) {
    auto request = Named<v1::MergeResultRequest>(from);
    request.set_into(into);
    return results
        .MergeResult(As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.MergeResult"), request)
        .status();
  }
  absl::Status Void(const std::string& name) { return VoidEntry(name).status(); }
  v1::FunnelGroup Funnel() {
    const auto funnel =
        follow_ups.QueryFunnel(As(ROLE_DEPARTMENT, kOffice, "FollowUpService.QueryFunnel"), {});
    EXPECT_TRUE(funnel.ok()) << funnel.status();
    return funnel.ok() ? funnel->groups(0) : v1::FunnelGroup();
  }
  // Sums of the special report's highlights, in ten thousands of yuan, by kind.
  double Highlights(const std::string& kind) {
    v1::CreateReportRequest request;
    request.mutable_report()->set_kind("monthly-special");
    request.set_request_id(api::NewUuid());
    const auto report =
        reports.CreateReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.CreateReport"), request);
    EXPECT_TRUE(report.ok()) << report.status();
    if (!report.ok()) return -1;
    double sum = 0;
    for (const v1::ReportTable& table : report->content().tables()) {
      if (table.part() != "HIGHLIGHTS") continue;
      for (const v1::ReportRow& row : table.rows()) {
        if (row.cells(3) == kind && !row.cells(5).empty()) sum += std::stod(row.cells(5));
      }
    }
    auto discard = Named<v1::DiscardReportRequest>(report->name());
    discard.set_reason("重编");
    EXPECT_TRUE(
        reports.DiscardReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.DiscardReport"), discard)
            .ok());
    return sum;
  }
};

TEST_F(MergeTest, WhatWasConvertedIsNotMergedIntoWhatWasNot) {
  const std::string converted = Pushed(Draft("海水淡化膜")).name();
  const std::string idle = Pushed(Draft("海水淡化反渗透膜")).name();
  Contract(converted, 800'000);
  Log(idle, Entry(v1::FOLLOW_UP_KIND_CONTACT));
  const absl::Status refused = Merge(converted, idle);
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("2025-04-01签订技术合同（企业一（演示））"), HasSubstr("反过来合并"),
                    HasSubstr("把“海水淡化反渗透膜”并入“海水淡化膜”")));
  EXPECT_EQ(Stored(converted).state(), v1::RESULT_STATE_PUBLISHED);
  EXPECT_EQ(Count(absl::StrCat("follow_up WHERE result = '", converted, "'")), 1);
  // As it says.
  ASSERT_EQ(Merge(idle, converted), absl::OkStatus());
  EXPECT_EQ(Funnel().contract_yuan(), 800'000);
  EXPECT_EQ(Stored(converted).funnel_stage(), v1::FUNNEL_STAGE_CONTRACTED);
  // Its contacts go on there too.
  EXPECT_EQ(Count(absl::StrCat("follow_up WHERE result = '", converted, "'")), 2);
  EXPECT_EQ(Count("follow_up"), 2);
}

TEST_F(MergeTest, AVoidedContractIsNoneThatIsLost) {
  const std::string one = Pushed(Draft("海水淡化膜")).name();
  const std::string two = Pushed(Draft("海水淡化反渗透膜")).name();
  ASSERT_TRUE(Void(Contract(one, 800'000)).ok());
  EXPECT_EQ(Merge(one, two), absl::OkStatus());
  EXPECT_EQ(Stored(two).funnel_stage(), v1::FUNNEL_STAGE_PUSHED);
}

TEST_F(MergeTest, WhereBothWereConvertedTheReportIsTheFunnelAndNothingIsLost) {
  const std::string from = Pushed(Draft("海水淡化膜")).name();
  const std::string into = Pushed(Draft("海水淡化反渗透膜")).name();
  const std::string contract = Contract(from, 800'000);
  Registration(from, contract, "2025370200000001");
  const std::string second = Contract(from, 50'000);
  Money(into, 3'000'000);
  const v1::FunnelGroup before = Funnel();
  ASSERT_EQ(before.contract_yuan(), 850'000);
  const std::vector<std::string> created =
      Texts("SELECT CAST(create_time AS CHAR) FROM follow_up ORDER BY 1");

  ASSERT_EQ(Merge(from, into), absl::OkStatus());
  const v1::FunnelGroup after = Funnel();
  EXPECT_EQ(after.contracts(), 2);
  EXPECT_EQ(after.contract_yuan(), 850'000);
  EXPECT_EQ(after.financing_yuan(), 3'000'000);
  EXPECT_DOUBLE_EQ(Highlights("签订技术合同"), 85);
  EXPECT_DOUBLE_EQ(Highlights("获得融资"), 300);
  EXPECT_EQ(Stored(into).funnel_stage(), v1::FUNNEL_STAGE_REGISTERED);
  // One log, older entries as old as they were, each with its history under both names.
  EXPECT_EQ(Count(absl::StrCat("follow_up WHERE result = '", into, "'")), 4);
  EXPECT_THAT(Texts("SELECT DISTINCT result_title FROM follow_up"),
              ElementsAre("海水淡化反渗透膜"));
  EXPECT_EQ(Texts("SELECT CAST(create_time AS CHAR) FROM follow_up ORDER BY 1"), created);
  EXPECT_EQ(Count("journal WHERE kind = 'moved away'"), 3);
  EXPECT_EQ(Count("journal WHERE kind = 'moved'"), 3);
  // It goes on: the registration is of its contract, the other is registered and voided.
  const auto registered =
      Texts("SELECT contract_follow_up FROM follow_up WHERE kind = 'REGISTRATION'");
  ASSERT_THAT(registered, SizeIs(1));
  EXPECT_THAT(registered[0], StartsWith(absl::StrCat(into, "/followUps/")));
  EXPECT_EQ(status::ReasonOf(Void(registered[0])), ERROR_REASON_WRONG_STATE);
  const std::string moved = absl::StrCat(into, "/followUps/", api::IdOfName(second));
  ASSERT_TRUE(Void(Registration(into, moved, "2025370200000002")).ok());
  ASSERT_TRUE(Void(moved).ok());
  EXPECT_EQ(Funnel().contract_yuan(), 800'000);
  EXPECT_DOUBLE_EQ(Highlights("签订技术合同"), 80);
  EXPECT_THAT(Texts(absl::StrCat("SELECT name FROM follow_up WHERE result = '", from, "'")),
              IsEmpty());
}

}  // namespace
}  // namespace chanyan::triage
