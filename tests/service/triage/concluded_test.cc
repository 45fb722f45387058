// What is done does not climb the ladder (TRI-5): a contract that is registered, a company that is
// founded, until the log opens another way; on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/triage/parties.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ConcludedTest : public ::testing::Test, protected World {
 protected:
  // Nothing is written twice in one moment.
  std::string Log(const std::string& result, const v1::FollowUp& row,
                  const std::string& by = kMarineAgency) {
    clock.now += absl::Minutes(1);
    const auto made = LogEntry(result, row, by);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  }
  std::string Contract(const std::string& result, const std::string& by = kMarineAgency) {
    return Log(result, ContractOf(100'000), by);
  }
  std::string Register(const std::string& result, const std::string& contract,
                       const std::string& by = kMarineAgency) {
    v1::FollowUp row = Entry(v1::FOLLOW_UP_KIND_REGISTRATION);
    row.set_contract_follow_up(contract);
    row.set_registration_number(absl::StrCat("2025370200", ++numbers_));
    return Log(result, row, by);
  }
  void Void(const std::string& name) {
    clock.now += absl::Minutes(1);
    const auto done = VoidEntry(name);
    EXPECT_TRUE(done.ok()) << done.status();
  }
  // Alerts of a run at noon of a day.
  int Climb(absl::CivilDay day) {
    Go(day);
    const auto lease = JobLease();
    const auto raised = first.Climb(*lease);
    EXPECT_TRUE(raised.ok()) << raised.status();
    return raised.ok() ? *raised : -1;
  }
  int Results(const std::string& filter) {
    v1::ListResultsRequest request;
    request.set_filter(filter);
    const auto page =
        results.ListResults(As(ROLE_DEPARTMENT, kOffice, "ResultService.ListResults"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->results_size() : -1;
  }
  // What the weekly report asks its readers to look at.
  std::vector<std::string> Focus() {
    v1::CreateReportRequest request;
    request.mutable_report()->set_kind("weekly");
    request.set_request_id(api::NewUuid());
    const auto report =
        reports.CreateReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.CreateReport"), request);
    EXPECT_TRUE(report.ok()) << report.status();
    std::vector<std::string> texts;
    if (!report.ok()) return texts;
    for (const v1::ReportTable& table : report->content().tables()) {
      if (table.part() != "FOCUS") continue;
      for (const v1::ReportRow& row : table.rows()) texts.push_back(row.cells(0));
    }
    auto discard = Named<v1::DiscardReportRequest>(report->name());
    discard.set_reason("重编");
    EXPECT_TRUE(
        reports.DiscardReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.DiscardReport"), discard)
            .ok());
    return texts;
  }

  int numbers_ = 1000;
};

TEST_F(ConcludedTest, ARegisteredContractDoesNotClimbUntilAnotherWayIsOpened) {
  const std::string result = Pushed(Draft("海水淡化膜")).name();
  const std::string contract = Contract(result);
  EXPECT_FALSE(Stored(result).concluded());
  Register(result, contract);
  EXPECT_TRUE(Stored(result).concluded());
  EXPECT_EQ(Count("result WHERE rung_count IS NULL"), 1);
  EXPECT_EQ(Climb(absl::CivilDay(2025, 6, 30)), 0);
  EXPECT_EQ(Count("idle_alert"), 0);
  EXPECT_THAT(Focus(), IsEmpty());
  // Notes and money neither open nor end anything.
  Log(result, Entry(v1::FOLLOW_UP_KIND_NOTE));
  EXPECT_TRUE(Stored(result).concluded());
  EXPECT_EQ(Results("concluded = true"), 1);
  // Somebody else's contact opens a way: idleness counts from then on, not from long ago.
  Log(result, Entry(v1::FOLLOW_UP_KIND_CONTACT), kMarineDepartment);
  EXPECT_FALSE(Stored(result).concluded());
  EXPECT_EQ(TimeIn(Stored(result).act_time()), clock.now);
  EXPECT_EQ(Stored(result).funnel_stage(), v1::FUNNEL_STAGE_REGISTERED);
  EXPECT_EQ(Climb(absl::CivilDay(2025, 7, 4)), 0);
  EXPECT_EQ(Climb(absl::CivilDay(2025, 7, 7)), 1);
}

TEST_F(ConcludedTest, AMajorResultThatIsDoneNeedsNoFocus) {
  v1::Result draft = Draft("深海传感器");
  draft.add_major_grounds(v1::MAJOR_GROUND_CROSS_DEPARTMENT);
  const std::string result = Pushed(draft).name();
  ASSERT_THAT(Stored(result).classes(), Contains(policy::v1::TRIAGE_CLASS_MAJOR));
  EXPECT_THAT(Focus(), ElementsAre("深海传感器"));
  Register(result, Contract(result));
  EXPECT_THAT(Focus(), IsEmpty());
}

TEST_F(ConcludedTest, WhatTheLadderRaisedIsOverWithIt) {
  const std::string result = Pushed(Draft("海水淡化膜")).name();
  ASSERT_EQ(Climb(absl::CivilDay(2025, 4, 16)), 2);
  ASSERT_THAT(Focus(), ElementsAre("海水淡化膜"));
  // Not the holder's act, and done all the same.
  Register(result, Contract(result, kMarineDepartment), kMarineDepartment);
  EXPECT_THAT(Stored(result).rungs(), IsEmpty());
  EXPECT_EQ(Results("rungs:*"), 0);
  EXPECT_THAT(Focus(), IsEmpty());
  EXPECT_THAT(Texts("SELECT CONCAT(state, ' ', conclusion) FROM escalation"),
              ElementsAre(HasSubstr("WITHDRAWN 成果已转化办结")));
  // Raised anew when it is open again and idle.
  Log(result, Entry(v1::FOLLOW_UP_KIND_NEGOTIATION));
  EXPECT_EQ(Climb(absl::CivilDay(2025, 4, 23)), 1);
  EXPECT_EQ(Count("escalation WHERE state = 'RAISED'"), 1);
}

TEST_F(ConcludedTest, AContractThatWaitsForItsRegistrationIsNotDone) {
  const std::string result = Pushed(Draft("海水淡化膜")).name();
  const std::string one = Contract(result);
  const std::string two = Contract(result);
  Register(result, one);
  EXPECT_FALSE(Stored(result).concluded());
  EXPECT_EQ(Climb(absl::CivilDay(2025, 4, 9)), 1);
  const std::string registration = Register(result, two);
  EXPECT_TRUE(Stored(result).concluded());
  // What is taken back is open again.
  Void(registration);
  EXPECT_FALSE(Stored(result).concluded());
  EXPECT_EQ(TimeIn(Stored(result).act_time()), clock.now);
  Void(two);
  EXPECT_TRUE(Stored(result).concluded());
}

TEST_F(ConcludedTest, ACompanyThatIsFoundedIsTheEndOfItsWay) {
  const std::string result = Pushed(Draft("海水淡化膜")).name();
  Log(result, Entry(v1::FOLLOW_UP_KIND_NEGOTIATION));
  v1::FollowUp company = Entry(v1::FOLLOW_UP_KIND_SPINOUT);
  company.mutable_company()->set_title("企业一（演示）");
  company.mutable_company()->set_code(testing::CreditCode(1));
  *company.mutable_company()->mutable_found_date() = company.happen_date();
  Log(result, company);
  EXPECT_TRUE(Stored(result).concluded());
  EXPECT_EQ(Climb(absl::CivilDay(2025, 6, 30)), 0);
  // What happened before and is written down late opens nothing.
  v1::FollowUp late = Entry(v1::FOLLOW_UP_KIND_CONTACT);
  *late.mutable_happen_date() = time::ToProto(absl::CivilDay(2025, 3, 20));
  Log(result, late);
  EXPECT_TRUE(Stored(result).concluded());
  Contract(result);
  EXPECT_FALSE(Stored(result).concluded());
}

TEST_F(ConcludedTest, AMergerBringsWhatIsOpenOfTheOther) {
  const std::string into = Pushed(Draft("海水淡化膜")).name();
  const std::string from = Pushed(Draft("海水淡化泵")).name();
  Register(into, Contract(into));
  ASSERT_TRUE(Stored(into).concluded());
  Contract(from);
  auto merge = Named<v1::MergeResultRequest>(from);
  merge.set_into(into);
  const auto merged =
      results.MergeResult(As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.MergeResult"), merge);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_FALSE(Stored(into).concluded());
  EXPECT_EQ(Count("result WHERE rung_count IS NOT NULL"), 1);
}

}  // namespace
}  // namespace chanyan::triage
