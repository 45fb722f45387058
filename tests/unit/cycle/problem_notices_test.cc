// Whoever is responsible for a problem or a follow-up is told, whatever its kind (PAIR-5, PAIR-8).
#include "services/cycle/problem_notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/journal/journal.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {
namespace {

using options::v1::Role;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kBureau[] = "organizations/bureau";
constexpr char kOffice[] = "organizations/office";
constexpr char kZone[] = "organizations/zone";
constexpr char kFirm[] = "organizations/firm";
constexpr char kBroker[] = "organizations/broker";

absl::Time May(int day) {
  return absl::FromCivil(absl::CivilSecond(2025, 5, day, 9, 0, 0), time::Shanghai());
}

pairing::v1::Problem Trouble(const std::string& assignee) {
  pairing::v1::Problem problem;
  problem.set_name("projects/p/problems/q");
  problem.set_project_title("海洋装备联合研发");
  problem.set_unit(kZone);
  problem.set_assignee(assignee);
  problem.set_state(pairing::v1::PROBLEM_STATE_ASSIGNED);
  problem.set_due_derivation("第5周末");
  *problem.mutable_due_time() = time::ToTimestamp(May(9));
  return problem;
}

pairing::v1::Problem WentUp(const std::string& assignee, Role to, absl::Time when) {
  pairing::v1::Problem problem = Trouble(assignee);
  problem.set_state(pairing::v1::PROBLEM_STATE_ESCALATED);
  problem.set_escalated_to(to);
  *problem.mutable_escalate_time() = time::ToTimestamp(when);
  return problem;
}

pairing::v1::FollowUp Task(const std::string& unit) {
  pairing::v1::FollowUp follow_up;
  follow_up.set_name("conferences/c/followUps/1-1");
  follow_up.set_conference_title("2025年度联席会议");
  follow_up.set_task("开放中试基地");
  follow_up.set_unit(unit);
  follow_up.mutable_due_date()->set_year(2025);
  follow_up.mutable_due_date()->set_month(5);
  follow_up.mutable_due_date()->set_day(9);
  return follow_up;
}

class ProblemNoticesTest : public ::testing::Test {
 protected:
  ProblemNoticesTest() {
    Add(kBureau, "bureau", {options::v1::ROLE_DEPARTMENT});
    Add(kOffice, "office", {options::v1::ROLE_SECRETARIAT});
    Add(kZone, "zone", {options::v1::ROLE_UNIT});
    Add(kZone, "zone-leader", {options::v1::ROLE_LEADER});
    Add(kFirm, "firm", {options::v1::ROLE_ENTERPRISE});
    Add(kBroker, "broker", {options::v1::ROLE_BROKER});
  }
  void Add(const std::string& organization, const std::string& account,
           const std::vector<Role>& roles) {
    people_[organization].push_back({account, organization, roles});
  }
  // Of a change of `before`, or of one that is new.
  template <class T>
  static journal::v1::Entry EntryOf(const T& after, const std::string& kind,
                                    const T* before = nullptr) {
    journal::v1::Entry entry;
    entry.set_event_id("e");
    entry.set_type(T::descriptor()->full_name());
    entry.set_resource(after.name());
    entry.set_kind(kind);
    if (before != nullptr) entry.set_before_json(journal::CanonicalJson(*before));
    entry.set_after_json(journal::CanonicalJson(after));
    return entry;
  }
  template <class T>
  std::vector<v1::Notification> Told(const T& after, const std::string& kind,
                                     const T* before = nullptr) {
    const journal::v1::Entry entry = EntryOf(after, kind, before);
    std::vector<v1::Notification> tellings;
    AddTellings(entry, NoticesOf(entry), people_, &tellings);
    return tellings;
  }
  // "account KIND".
  template <class T>
  std::vector<std::string> Who(const T& after, const std::string& kind, const T* before = nullptr) {
    std::vector<std::string> who;
    for (const v1::Notification& one : Told(after, kind, before)) {
      who.push_back(
          absl::StrCat(one.account(), " ", v1::NotificationKind_Name(one.kind()).substr(18)));
    }
    return who;
  }

  People people_;
};

TEST_F(ProblemNoticesTest, WhoeverIsAtWorkOnAProblemIsRemindedWhateverItsKind) {
  EXPECT_THAT(Who(Trouble(kBureau), "reminded"), ElementsAre("bureau REMINDER"));
  EXPECT_THAT(Who(Trouble(kOffice), "reminded"), ElementsAre("office REMINDER"));
  EXPECT_THAT(Who(Trouble(kZone), "reminded"), ElementsAre("zone REMINDER"));
  EXPECT_THAT(Who(Trouble(""), "reminded"), ElementsAre("zone REMINDER")) << "nobody yet";
  const std::vector<v1::Notification> told = Told(Trouble(kBureau), "reminded");
  EXPECT_EQ(told[0].title(), "“海洋装备联合研发”的痛点难点问题将于2025年5月9日到期");
  EXPECT_EQ(told[0].debtor(), kBureau);
  EXPECT_EQ(time::ToTime(told[0].due_time()), May(9));
}

TEST_F(ProblemNoticesTest, WhomItIsAssignedToIsToldAtOnce) {
  EXPECT_THAT(Who(Trouble(kBureau), "assign"), ElementsAre("bureau REMINDER"));
  EXPECT_THAT(Who(Trouble(kOffice), "imported"), ElementsAre("office REMINDER"));
  pairing::v1::Problem problem = Trouble(kBureau);
  problem.set_content("中试设备不足。");
  const std::vector<v1::Notification> told = Told(problem, "assign");
  EXPECT_EQ(told[0].title(), "“海洋装备联合研发”的痛点难点问题已交由贵单位承办");
  EXPECT_EQ(told[0].content(),
            "问题：中试设备不足。请于2025年5月9日前解决并填报结果。期限依据：第5周末。");
  problem.clear_due_time();
  problem.clear_due_derivation();
  EXPECT_EQ(Told(problem, "assign")[0].content(), "问题：中试设备不足。请解决并填报结果。");
  problem.set_state(pairing::v1::PROBLEM_STATE_CLOSED);
  EXPECT_THAT(Who(problem, "imported"), IsEmpty()) << "it was solved before it came in";
  problem.set_state(pairing::v1::PROBLEM_STATE_OPEN);
  EXPECT_THAT(Who(problem, "created"), IsEmpty()) << "nobody is asked to solve it yet";
}

TEST_F(ProblemNoticesTest, WhatAnotherIsAskedToSolveIsSettled) {
  const auto settles = [](const std::string& kind) {
    const pairing::v1::Problem problem = Trouble(kBureau);
    journal::v1::Entry entry;
    entry.set_type(problem.GetDescriptor()->full_name());
    entry.set_resource(problem.name());
    entry.set_kind(kind);
    entry.set_after_json(journal::CanonicalJson(problem));
    return IsSettled(entry);
  };
  EXPECT_TRUE(settles("assign"));
  EXPECT_TRUE(settles("decline"));
  EXPECT_FALSE(settles("reminded"));
}

TEST_F(ProblemNoticesTest, WhatASheetGivesToAnotherIsSettledAndToldAnew) {
  const pairing::v1::Problem before = Trouble(kZone);
  const auto settles = [&before](const pairing::v1::Problem& after) {
    return IsSettled(EntryOf(after, "imported", &before));
  };
  EXPECT_TRUE(settles(Trouble(kBureau)));
  EXPECT_THAT(Who(Trouble(kBureau), "imported", &before), ElementsAre("bureau REMINDER"));
  pairing::v1::Problem later = Trouble(kZone);
  *later.mutable_due_time() = time::ToTimestamp(May(12));
  EXPECT_TRUE(settles(later)) << "what was told names another day";
  EXPECT_THAT(Who(later, "imported", &before), ElementsAre("zone REMINDER"));
  pairing::v1::Problem up = Trouble(kZone);
  up.set_state(pairing::v1::PROBLEM_STATE_ESCALATED);
  EXPECT_TRUE(IsSettled(EntryOf(Trouble(kZone), "imported", &up))) << "it is at work on it again";
  EXPECT_THAT(Who(Trouble(kZone), "imported", &up), ElementsAre("zone REMINDER"));
  // A sheet that leaves all of this as it is.
  pairing::v1::Problem worded = Trouble(kZone);
  worded.set_owner("王主任");
  EXPECT_FALSE(settles(worded));
  EXPECT_THAT(Who(worded, "imported", &before), IsEmpty()) << "the zone has been told";
  EXPECT_FALSE(IsSettled(EntryOf(Trouble(kBureau), "imported"))) << "there is nothing before it";
}

TEST_F(ProblemNoticesTest, OfAnOverdueOneTheLevelAboveAndWhoeverIsAtWorkOnIt) {
  const auto up = WentUp(kBureau, options::v1::ROLE_SECRETARIAT, May(10));
  EXPECT_THAT(Who(up, "escalate"), UnorderedElementsAre("office ESCALATION", "bureau OVERDUE"));
  const std::vector<v1::Notification> told = Told(up, "escalate");
  EXPECT_THAT(told[0].content(), HasSubstr("逾期未解决，提请协调解决"));
  EXPECT_EQ(told[1].title(), "“海洋装备联合研发”的痛点难点问题已于2025年5月9日到期，尚未解决");
  EXPECT_EQ(told[1].debtor(), kBureau);
  EXPECT_THAT(Who(WentUp(kOffice, options::v1::ROLE_LEADER, May(10)), "escalate"),
              UnorderedElementsAre("zone-leader ESCALATION", "office OVERDUE"));
}

TEST_F(ProblemNoticesTest, WhoIsAskedAndAtWorkOnItIsToldOnce) {
  Add(kBureau, "both", {options::v1::ROLE_DEPARTMENT, options::v1::ROLE_UNIT});
  EXPECT_THAT(Who(WentUp(kBureau, options::v1::ROLE_DEPARTMENT, May(10)), "escalate"),
              UnorderedElementsAre("bureau ESCALATION", "both ESCALATION"));
}

TEST_F(ProblemNoticesTest, WhatWentUpBeforeItsTimeIsNotOverdue) {
  const auto up = WentUp(kBureau, options::v1::ROLE_SECRETARIAT, May(8));
  EXPECT_THAT(Who(up, "escalate"), ElementsAre("office ESCALATION"));
  EXPECT_EQ(Told(up, "escalate")[0].content(), "该问题提请协调解决。期限依据：第5周末。");
}

TEST_F(ProblemNoticesTest, AnOverdueFollowUpIsToldToItsOrganizationWhateverItsKind) {
  EXPECT_THAT(Who(Task(kBureau), "overdue"), ElementsAre("bureau OVERDUE"));
  EXPECT_THAT(Who(Task(kOffice), "overdue"), ElementsAre("office OVERDUE"));
  EXPECT_THAT(Who(Task(kFirm), "overdue"), ElementsAre("firm OVERDUE"));
  EXPECT_THAT(Who(Task(kBroker), "overdue"), ElementsAre("broker OVERDUE"));
  EXPECT_EQ(Told(Task(kBureau), "overdue")[0].content(), "开放中试基地。请尽快办理并填报结果。");
  EXPECT_EQ(Told(Task(kFirm), "overdue")[0].content(),
            "开放中试基地。请尽快办理，并将结果告知高校理事会秘书处代为填报。");
}

TEST_F(ProblemNoticesTest, OfAFollowUpThatIsDueSoonItsOrganizationIsReminded) {
  EXPECT_THAT(Who(Task(kBureau), "reminded"), ElementsAre("bureau REMINDER"));
  EXPECT_THAT(Who(Task(kFirm), "reminded"), ElementsAre("firm REMINDER"));
  const std::vector<v1::Notification> told = Told(Task(kBureau), "reminded");
  EXPECT_EQ(told[0].title(), "联席会议议定事项将于2025年5月9日到期：2025年度联席会议");
  EXPECT_EQ(told[0].content(), "开放中试基地。请在期限前办理并填报结果。");
  EXPECT_EQ(time::ToTime(told[0].due_time()), time::EndOfDay(absl::CivilDay(2025, 5, 9)));
  EXPECT_EQ(Told(Task(kFirm), "reminded")[0].content(),
            "开放中试基地。请在期限前办理，并将结果告知高校理事会秘书处代为填报。");
  pairing::v1::FollowUp without_day = Task(kBureau);
  without_day.clear_due_date();
  EXPECT_THAT(Who(without_day, "reminded"), IsEmpty());
}

TEST_F(ProblemNoticesTest, WhoIsToDoAFollowUpIsToldAtOnce) {
  pairing::v1::FollowUp task = Task(kBureau);
  task.set_state(pairing::v1::FOLLOW_UP_STATE_ASSIGNED);
  EXPECT_THAT(Who(task, "assigned"), ElementsAre("bureau REMINDER"));
  EXPECT_THAT(Who(task, "imported"), ElementsAre("bureau REMINDER"));
  const std::vector<v1::Notification> told = Told(task, "assigned");
  EXPECT_EQ(told[0].title(), "联席会议新交办议定事项：2025年度联席会议");
  EXPECT_EQ(told[0].content(), "开放中试基地。请于2025年5月9日前办理并填报结果。");
  EXPECT_EQ(Told(Task(kFirm), "assigned")[0].content(),
            "开放中试基地。请于2025年5月9日前办理，并将结果告知高校理事会秘书处代为填报。");
  task.set_state(pairing::v1::FOLLOW_UP_STATE_DONE);
  EXPECT_THAT(Who(task, "imported"), IsEmpty()) << "it was done before it came in";
}

TEST_F(ProblemNoticesTest, AReportOfProgressBySheetAssignsNothing) {
  pairing::v1::FollowUp before = Task(kBureau);
  before.set_state(pairing::v1::FOLLOW_UP_STATE_ASSIGNED);
  pairing::v1::FollowUp after = before;
  after.set_state(pairing::v1::FOLLOW_UP_STATE_IN_PROGRESS);
  EXPECT_THAT(Who(after, "imported", &before), IsEmpty());
  EXPECT_THAT(Who(after, "imported"), ElementsAre("bureau REMINDER")) << "new, and under way";
}

TEST_F(ProblemNoticesTest, WhatWasToldOfAFollowUpGivesWayToWhatHoldsNow) {
  const auto settles = [](pairing::v1::FollowUpState state, const std::string& kind) {
    pairing::v1::FollowUp task = Task(kBureau);
    task.set_state(state);
    journal::v1::Entry entry;
    entry.set_type(task.GetDescriptor()->full_name());
    entry.set_resource(task.name());
    entry.set_kind(kind);
    entry.set_after_json(journal::CanonicalJson(task));
    return IsSettled(entry);
  };
  EXPECT_FALSE(settles(pairing::v1::FOLLOW_UP_STATE_ASSIGNED, "reminded"));
  EXPECT_FALSE(settles(pairing::v1::FOLLOW_UP_STATE_IN_PROGRESS, "report"));
  EXPECT_TRUE(settles(pairing::v1::FOLLOW_UP_STATE_ASSIGNED, "overdue"));
  EXPECT_TRUE(settles(pairing::v1::FOLLOW_UP_STATE_IN_PROGRESS, "extend"));
  EXPECT_TRUE(settles(pairing::v1::FOLLOW_UP_STATE_SUBMITTED, "submit"));
}

TEST_F(ProblemNoticesTest, NothingIsToldOfOtherEntriesOrToNobodyInParticular) {
  EXPECT_THAT(Who(Trouble(kBureau), "updated"), IsEmpty());
  EXPECT_THAT(Who(Trouble(""), "assign"), IsEmpty()) << "to nobody";
  EXPECT_THAT(Who(Task(kBureau), "report"), IsEmpty());
  EXPECT_THAT(Who(Task(""), "overdue"), IsEmpty());
  pairing::v1::Problem nobodys = Trouble("");
  nobodys.clear_unit();
  EXPECT_THAT(Who(nobodys, "reminded"), IsEmpty());
}

}  // namespace
}  // namespace chanyan::cycle
