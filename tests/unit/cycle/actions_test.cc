// What each is offered follows from role, state and time, and is what the call would take (CYC-5).
#include "services/cycle/actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/return_rules.h"

namespace chanyan::cycle {
namespace {

using options::v1::Role;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

absl::Time April(int day, int hour = 9) {
  return absl::FromCivil(absl::CivilSecond(2025, 4, day, hour, 0, 0), time::Shanghai());
}

// Step n has the n-th four days of April.
v1::Cycle Quarter() {
  v1::Cycle cycle;
  cycle.set_name("cycles/2025q2");
  cycle.set_secretariat("organizations/s");
  for (int number = 1; number <= kSteps; ++number) {
    v1::Step* step = cycle.add_steps();
    step->set_number(number);
    step->mutable_first_day()->set_year(2025);
    step->mutable_first_day()->set_month(4);
    step->mutable_first_day()->set_day(1 + 4 * (number - 1));
    *step->mutable_deadline() = time::ToTimestamp(April(1 + 4 * number, 0) - absl::Seconds(1));
  }
  return cycle;
}

auth::Principal Who(Role role, const std::string& organization = "organizations/o") {
  auth::Principal who;
  who.account = "accounts/a";
  who.organization = organization;
  who.roles = {role};
  return who;
}

template <class T>
std::vector<std::string> Of(const T& shown) {
  return {shown.actions().begin(), shown.actions().end()};
}

TEST(ActionsTest, AMethodThatIsNotThereNobodyMayCall) {
  EXPECT_FALSE(MayCall(Who(options::v1::ROLE_SECRETARIAT), "CycleService.Nonsense"));
  EXPECT_TRUE(MayCall(Who(options::v1::ROLE_SECRETARIAT), "CycleService.CloseStep"));
  EXPECT_FALSE(MayCall(Who(options::v1::ROLE_UNIT), "CycleService.CloseStep"));
}

TEST(ActionsTest, ACycleOffersWhatItsTimeAndTheRoleAllow) {
  const v1::Cycle cycle = Quarter();
  const auto secretariat = Who(options::v1::ROLE_SECRETARIAT);
  const auto unit = Who(options::v1::ROLE_UNIT);
  const auto offered = [&](const auth::Principal& who, absl::Time now) {
    return Of(WithActions(who, now, cycle));
  };
  EXPECT_THAT(offered(secretariat, April(2)),
              UnorderedElementsAre("receiveHandovers", "createEvent"));
  EXPECT_THAT(offered(secretariat, April(6)), Contains("distributeForms"));
  EXPECT_THAT(offered(unit, April(6)), Contains("distributeToEnterprises"));
  EXPECT_THAT(offered(unit, April(6)), Not(Contains("submitPackages")));
  EXPECT_THAT(offered(unit, April(10)), Contains("submitPackages"));
  EXPECT_THAT(offered(unit, April(14)), Not(Contains("distributeToEnterprises")));
  EXPECT_THAT(offered(secretariat, April(22)), Contains("computeLeaderboard"));
  EXPECT_THAT(offered(Who(options::v1::ROLE_LEADER), April(22)), IsEmpty());
  EXPECT_THAT(offered(secretariat, April(2)), Not(Contains("advanceClock"))) << "it is live";

  const v1::Cycle shown = WithActions(secretariat, April(6), cycle);
  EXPECT_THAT(Of(shown.steps(0)), IsEmpty()) << "over";
  EXPECT_THAT(Of(shown.steps(1)), UnorderedElementsAre("closeStep", "extendStep"));
  EXPECT_THAT(Of(shown.steps(2)), UnorderedElementsAre("extendStep")) << "not begun";
  EXPECT_THAT(Of(WithActions(unit, April(6), cycle).steps(1)), IsEmpty());
}

TEST(ActionsTest, ReturnsAreSubmittedByWhomTheCallWouldTakeThemFrom) {
  const v1::Cycle cycle = Quarter();
  const auto enterprise = Who(options::v1::ROLE_ENTERPRISE);
  const auto offered = [&](const auth::Principal& who, bool submits) {
    return Of(WithActions(who, April(6), cycle, submits));
  };
  EXPECT_THAT(offered(enterprise, true), Contains("submitReturns"));
  EXPECT_THAT(offered(enterprise, false), Not(Contains("submitReturns")));
  EXPECT_THAT(offered(Who(options::v1::ROLE_SECRETARIAT), true), Not(Contains("submitReturns")));

  // Step 2 begins on 5 April, 3 ends with the 12th, 4 with the 16th.
  ReturnDesk desk;
  const auto submits = [&](absl::Time now) {
    return status::ReasonOf(CheckSubmitReturns(cycle, desk, now, "甲"));
  };
  const auto none = options::v1::ERROR_REASON_UNSPECIFIED;
  EXPECT_EQ(submits(April(6)), options::v1::ERROR_REASON_WRONG_STATE) << "nothing to give";
  desk.gave_before = true;
  EXPECT_EQ(submits(April(6)), none);
  desk = ReturnDesk();
  desk.has_rows = true;
  EXPECT_EQ(submits(April(5, 0) - absl::Seconds(1)), options::v1::ERROR_REASON_WINDOW_CLOSED);
  EXPECT_EQ(submits(April(17, 0) - absl::Seconds(1)), none);
  EXPECT_EQ(submits(April(17, 0)), options::v1::ERROR_REASON_WINDOW_CLOSED);
  desk.exception = April(20);
  EXPECT_EQ(submits(April(20)), none);
  EXPECT_EQ(submits(April(20) + absl::Seconds(1)), options::v1::ERROR_REASON_WINDOW_CLOSED);
  EXPECT_EQ(submits(April(4)), options::v1::ERROR_REASON_WINDOW_CLOSED) << "before its time";
  desk.has_rows = false;
  EXPECT_EQ(submits(April(20)), options::v1::ERROR_REASON_WRONG_STATE);

  for (const auto check : {CheckImportReturn, CheckReturnToEnterprise}) {
    EXPECT_TRUE(check(cycle, std::nullopt, April(13, 0) - absl::Seconds(1)).ok());
    EXPECT_FALSE(check(cycle, std::nullopt, April(13, 0)).ok());
    EXPECT_TRUE(check(cycle, April(20), April(20)).ok());
  }
}

TEST(ActionsTest, AHandoverIsReceivedByItsReceiverWhileItWaits) {
  v1::Handover handover;
  handover.set_sender("organizations/x");
  handover.set_receiver("organizations/o");
  handover.set_step(2);
  handover.set_state(v1::HANDOVER_STATE_SENT);
  const auto unit = Who(options::v1::ROLE_UNIT);
  EXPECT_THAT(Of(WithActions(unit, handover)), ElementsAre("receive"));
  EXPECT_THAT(Of(WithActions(Who(options::v1::ROLE_UNIT, "organizations/x"), handover)), IsEmpty());
  EXPECT_THAT(Of(WithActions(Who(options::v1::ROLE_DEPARTMENT), handover)), IsEmpty());
  handover.set_step(kReportStep);
  EXPECT_THAT(Of(WithActions(unit, handover)), IsEmpty()) << "a form is accepted";
  handover.set_step(2);
  handover.set_state(v1::HANDOVER_STATE_RECEIVED);
  EXPECT_THAT(Of(WithActions(unit, handover)), IsEmpty());
}

TEST(ActionsTest, APackageGoesBackOnceAndNotWhenAnotherHasItsRows) {
  const v1::Cycle cycle = Quarter();
  v1::Package package;
  package.set_enterprise("organizations/e");
  package.set_unit("organizations/o");
  const auto secretariat = Who(options::v1::ROLE_SECRETARIAT);
  const auto offered = [&](const auth::Principal& who) {
    return Of(WithActions(who, cycle, April(10), package));
  };
  EXPECT_THAT(offered(secretariat), ElementsAre("return", "download"));
  EXPECT_THAT(offered(Who(options::v1::ROLE_UNIT)), ElementsAre("download"));
  EXPECT_THAT(offered(Who(options::v1::ROLE_DEPARTMENT)), IsEmpty());
  package.set_superseded_by("cycles/2025q2/packages/other");
  EXPECT_THAT(offered(secretariat), ElementsAre("download"));
  package.clear_superseded_by();
  *package.mutable_return_time() = time::ToTimestamp(April(9));
  EXPECT_THAT(offered(secretariat), ElementsAre("download"));
}

TEST(ActionsTest, OneObjectsToTheVersionInForceUntilItsLastSecond) {
  const v1::Cycle cycle = Quarter();
  v1::Leaderboard board;
  board.set_state(v1::LEADERBOARD_STATE_COMPUTED);
  const auto secretariat = Who(options::v1::ROLE_SECRETARIAT);
  const absl::Time now = April(22);
  EXPECT_THAT(Of(WithActions(secretariat, cycle, now, false, board)), Contains("publish"));
  EXPECT_THAT(Of(WithActions(secretariat, cycle, April(20), false, board)),
              Not(Contains("publish")))
      << "before the sixth step";
  board.set_state(v1::LEADERBOARD_STATE_PUBLISHED);
  *board.mutable_objection_deadline() = time::ToTimestamp(now);
  const auto enterprise = Who(options::v1::ROLE_ENTERPRISE);
  EXPECT_THAT(Of(WithActions(enterprise, cycle, now, true, board)), Contains("object"));
  EXPECT_THAT(Of(WithActions(auth::Principal(), cycle, now, true, board)), ElementsAre("object"))
      << "anybody";
  EXPECT_THAT(Of(WithActions(enterprise, cycle, now + absl::Seconds(1), true, board)),
              Not(Contains("object")));
  EXPECT_THAT(Of(WithActions(enterprise, cycle, now, false, board)), Not(Contains("object")))
      << "a newer one is published";
}

TEST(ActionsTest, WhatOthersAreOfferedFollowsTheirStates) {
  const auto secretariat = Who(options::v1::ROLE_SECRETARIAT);
  v1::RowDispute dispute;
  dispute.set_state(v1::DISPUTE_STATE_OPEN);
  EXPECT_THAT(Of(WithActions(secretariat, dispute)), ElementsAre("settle"));
  EXPECT_THAT(Of(WithActions(Who(options::v1::ROLE_UNIT), dispute)), IsEmpty());
  dispute.set_state(v1::DISPUTE_STATE_SETTLED);
  EXPECT_THAT(Of(WithActions(secretariat, dispute)), IsEmpty());

  v1::Row row;
  EXPECT_THAT(Of(WithActions(Who(options::v1::ROLE_UNIT), row)), ElementsAre("dispute"));
  EXPECT_THAT(Of(WithActions(secretariat, row)), IsEmpty());

  v1::Notification told;
  told.set_account("accounts/a");
  told.set_state(v1::NOTIFICATION_STATE_UNREAD);
  EXPECT_THAT(Of(WithActions(Who(options::v1::ROLE_UNIT), told)), ElementsAre("markRead"));
  told.set_state(v1::NOTIFICATION_STATE_READ);
  EXPECT_THAT(Of(WithActions(Who(options::v1::ROLE_UNIT), told)), IsEmpty());

  v1::WebhookEndpoint endpoint;
  endpoint.set_organization("organizations/o");
  EXPECT_THAT(Of(WithActions(Who(options::v1::ROLE_UNIT), endpoint)),
              ElementsAre("rotateSecret", "disable"));
  endpoint.set_disabled(true);
  EXPECT_THAT(Of(WithActions(Who(options::v1::ROLE_UNIT), endpoint)),
              ElementsAre("rotateSecret", "enable"));
  EXPECT_THAT(Of(WithActions(Who(options::v1::ROLE_UNIT, "organizations/x"), endpoint)), IsEmpty());

  v1::Event event;
  event.set_state(v1::EVENT_STATE_PLANNED);
  *event.mutable_start_time() = time::ToTimestamp(April(20));
  v1::EventParticipant one;
  one.set_organization("organizations/o");
  one.set_state(v1::PARTICIPANT_STATE_INVITED);
  EXPECT_THAT(Of(WithActions(Who(options::v1::ROLE_ENTERPRISE), event, April(19), one)),
              UnorderedElementsAre("signUp", "decline"));
  EXPECT_THAT(
      Of(WithActions(Who(options::v1::ROLE_ENTERPRISE, "organizations/x"), event, April(19), one)),
      IsEmpty());
  EXPECT_THAT(Of(WithActions(secretariat, event, April(20, 10), one)),
              ElementsAre("recordAttendance"));
}

}  // namespace
}  // namespace chanyan::cycle
