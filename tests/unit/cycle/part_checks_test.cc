// Terms of platforms' parts to the second, who fills them in, and what each state allows.
#include "services/cycle/part_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/part_life.h"

namespace chanyan::cycle {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

absl::Time InChina(int day, int hour = 0, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(2025, 4, day, hour, minute, second), time::Shanghai());
}

// Step 1 ends on 8 April.
v1::Cycle April() {
  v1::Cycle cycle;
  cycle.set_name("cycles/2025q2");
  for (int number = 1; number <= kSteps; ++number) {
    v1::Step* step = cycle.add_steps();
    step->set_number(number);
    step->mutable_first_day()->set_year(2025);
    step->mutable_first_day()->set_month(4);
    step->mutable_first_day()->set_day(1 + 4 * (number - 1));
    *step->mutable_deadline() = time::ToTimestamp(InChina(8 + 4 * (number - 1), 23, 59, 59));
  }
  return cycle;
}

TEST(PartLifeTest, TheMatrixOfStatesAndVerbs) {
  constexpr v1::PartState kNo = v1::PART_STATE_UNSPECIFIED;
  constexpr v1::PartState kKept = v1::PART_STATE_KEPT;
  constexpr v1::PartState kDraft = v1::PART_STATE_DRAFT;
  constexpr v1::PartState kSubmitted = v1::PART_STATE_SUBMITTED;
  constexpr v1::PartState kReturned = v1::PART_STATE_RETURNED;
  constexpr v1::PartState kAccepted = v1::PART_STATE_ACCEPTED;
  const struct {
    v1::PartState from;
    v1::PartState issue, import, submit, accept, back, reclaim;
  } matrix[] = {
      {kNo, kDraft, kNo, kNo, kNo, kNo, kNo},
      {kKept, kDraft, kNo, kNo, kNo, kNo, kNo},
      {kDraft, kNo, kDraft, kSubmitted, kNo, kNo, kKept},
      {kSubmitted, kNo, kNo, kNo, kAccepted, kReturned, kKept},
      {kReturned, kNo, kReturned, kSubmitted, kNo, kNo, kKept},
      {kAccepted, kNo, kNo, kNo, kNo, kReturned, kNo},
  };
  for (const auto& row : matrix) {
    const std::pair<const char*, v1::PartState> verbs[] = {
        {"issue", row.issue},   {"import", row.import}, {"submit", row.submit},
        {"accept", row.accept}, {"return", row.back},   {"reclaim", row.reclaim}};
    for (const auto& [verb, to] : verbs) {
      const auto next = policy::Next(PartLife(), row.from, verb);
      const std::string what = absl::StrCat(v1::PartState_Name(row.from), " ", verb);
      if (to == kNo) {
        EXPECT_EQ(status::ReasonOf(next.status()), options::v1::ERROR_REASON_WRONG_STATE) << what;
      } else {
        ASSERT_TRUE(next.ok()) << what;
        EXPECT_EQ(*next, to) << what;
      }
    }
  }
}

TEST(PartRulesTest, ATermIsInTheFutureAndNotAfterTheForms) {
  const v1::Cycle cycle = April();
  v1::Form form;
  const absl::Time now = InChina(2, 9);
  EXPECT_EQ(*PartDue(cycle, form, now, absl::InfinitePast()), InChina(8, 23, 59, 59));
  for (const absl::Time bad : {now, now - absl::Seconds(1), InChina(9)}) {
    const auto due = PartDue(cycle, form, now, bad);
    ASSERT_TRUE(absl::IsInvalidArgument(due.status()));
    EXPECT_EQ(status::ViolationsOf(due.status()).at(0).field, "due_time");
  }
  for (const absl::Time good : {now + absl::Seconds(1), InChina(8, 23, 59, 59)}) {
    EXPECT_EQ(*PartDue(cycle, form, now, good), good);
  }
  // A lock exception is the form's end, where it is later.
  *form.mutable_exception_until() = time::ToTimestamp(InChina(10, 12));
  EXPECT_EQ(*PartDue(cycle, form, now, absl::InfinitePast()), InChina(10, 12));
  *form.mutable_exception_until() = time::ToTimestamp(InChina(7));
  EXPECT_EQ(*PartDue(cycle, form, now, absl::InfinitePast()), InChina(8, 23, 59, 59));
}

TEST(PartRulesTest, ManagersAreAccountsInUseOfTheUniversity) {
  v1::PlatformPart part;
  auth::Principal who;
  who.account = "accounts/a";
  EXPECT_TRUE(RequireManager(who, part).ok()) << "nobody is named";
  part.add_managers("accounts/b");
  part.set_platform_title("实验室");
  EXPECT_THAT(std::string(RequireManager(who, part).message()), HasSubstr("实验室"));
  part.add_managers("accounts/a");
  EXPECT_TRUE(RequireManager(who, part).ok());

  const std::vector<Person> people = {
      {"accounts/a", "organizations/u", {options::v1::ROLE_PLATFORM_MANAGER}},
      {"accounts/b", "organizations/u", {options::v1::ROLE_RESEARCH_OFFICE}}};
  EXPECT_THAT(ManagerViolations(part.managers(), people), SizeIs(1)) << "b has another role";
  part.add_managers("accounts/a");
  EXPECT_THAT(ManagerViolations(part.managers(), people), SizeIs(2)) << "and a is named twice";
}

TEST(PartRulesTest, WhatIsOfferedFollowsStateRoleAndTime) {
  const v1::Cycle cycle = April();
  v1::Form form;
  form.set_state(v1::FORM_STATE_DRAFT);
  v1::PlatformPart part;
  part.set_university("organizations/u");
  auth::Principal office;
  office.account = "accounts/o";
  office.organization = "organizations/u";
  office.roles = {options::v1::ROLE_RESEARCH_OFFICE};
  const auto offered = [&](absl::Time now) {
    const v1::PlatformPart shown = WithActions(office, cycle, form, now, part);
    return std::vector<std::string>(shown.actions().begin(), shown.actions().end());
  };
  part.set_state(v1::PART_STATE_SUBMITTED);
  EXPECT_THAT(offered(InChina(8, 23, 59, 59)),
              ::testing::ElementsAre("accept", "return", "reclaim", "assign"));
  EXPECT_THAT(offered(InChina(9)), ::testing::ElementsAre("accept", "reclaim", "assign"))
      << "what would go back could not be mended";
  form.set_state(v1::FORM_STATE_SUBMITTED);
  EXPECT_THAT(offered(InChina(8)), ::testing::ElementsAre("assign"));
  office.organization = "organizations/other";
  EXPECT_THAT(offered(InChina(8)), SizeIs(0));
}

}  // namespace
}  // namespace chanyan::cycle
