// Who has to do what somebody is told of (Notification.debtor): an organization, a platform with
// managers of its own, or nobody in particular.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/cycle/notice_texts.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_SECRETARIAT;
using ::testing::ElementsAre;

constexpr char kSea[] = "organizations/sea";
constexpr char kSeaLab[] = "organizations/sea/platforms/lab";
constexpr char kSeaDock[] = "organizations/sea/platforms/dock";
constexpr char kFirm[] = "organizations/firm";
constexpr char kOtherFirm[] = "organizations/other-firm";
constexpr char kHarbour[] = "organizations/harbour";
constexpr char kCouncil[] = "organizations/council";

class DebtorTest : public ::testing::Test {
 protected:
  DebtorTest() {
    cycle_.set_name("cycles/2025q2");
    cycle_.set_secretariat(kCouncil);
    for (int step = 1; step <= 6; ++step) cycle_.add_steps()->set_number(step);
    reminder_.set_step(4);
    reminder_.set_kind(v1::NOTIFICATION_KIND_REMINDER);
    Add(kSea, "accounts/lab", ROLE_PLATFORM_MANAGER);
    Add(kFirm, "accounts/firm", ROLE_ENTERPRISE);
    Add(kOtherFirm, "accounts/other-firm", ROLE_ENTERPRISE);
    Add(kHarbour, "accounts/harbour", ROLE_LEADER);
    Add(kCouncil, "accounts/council", ROLE_SECRETARIAT);
    Add("organizations/bureau", "accounts/bureau", ROLE_DEPARTMENT);
  }
  void Add(const std::string& organization, const std::string& account, options::v1::Role role) {
    Person person;
    person.account = account;
    person.organization = organization;
    person.roles = {role};
    people_[organization].push_back(person);
  }
  static Duty DutyOf(const std::string& debtor, const std::string& leader_of,
                     options::v1::Role role) {
    return {debtor, "", leader_of, role, "签收返回的报表"};
  }
  // "account: debtor" of all who are told.
  std::vector<std::string> Told(const std::vector<Duty>& duties) {
    std::vector<std::string> unreachable;
    std::vector<std::string> told;
    for (const v1::Notification& one : Tellings(cycle_, reminder_, duties, people_, &unreachable)) {
      told.push_back(one.account() + ": " + one.debtor());
    }
    return told;
  }

  v1::Cycle cycle_;
  v1::Reminder reminder_;
  People people_;
};

TEST_F(DebtorTest, WhoCannotBeToldIsNoDebtorOfTheSecretariats) {
  EXPECT_THAT(Told({DutyOf("organizations/nobody", "organizations/nobody", ROLE_ENTERPRISE)}),
              ElementsAre("accounts/council: "));
}

TEST_F(DebtorTest, ItIsTheAccountsOwnOrganizationOrThePlatformThatItManages) {
  EXPECT_THAT(
      Told({DutyOf(kFirm, kHarbour, ROLE_ENTERPRISE), DutyOf(kSeaLab, kSea, ROLE_PLATFORM_MANAGER),
            DutyOf(kSeaDock, kSea, ROLE_PLATFORM_MANAGER)}),
      ElementsAre("accounts/firm: organizations/firm",
                  "accounts/lab: organizations/sea/platforms/dock",
                  "accounts/lab: organizations/sea/platforms/lab"));
  // Of platforms without managers of their own their university has to do it.
  EXPECT_THAT(Told({DutyOf(kSea, kSea, ROLE_PLATFORM_MANAGER)}),
              ElementsAre("accounts/lab: organizations/sea"));
}

TEST_F(DebtorTest, ALeaderIsToldOfTheOneThatIsLateAndOfSeveralTogether) {
  reminder_.set_kind(v1::NOTIFICATION_KIND_ESCALATION);
  EXPECT_THAT(Told({DutyOf(kFirm, kHarbour, ROLE_ENTERPRISE)}),
              ElementsAre("accounts/harbour: organizations/firm"));
  EXPECT_THAT(Told({DutyOf(kFirm, kHarbour, ROLE_ENTERPRISE),
                    DutyOf(kOtherFirm, kHarbour, ROLE_ENTERPRISE)}),
              ElementsAre("accounts/harbour: "));
}

TEST_F(DebtorTest, WhatConcernsEverybodyWhoHasARoleIsNobodysInParticular) {
  journal::v1::Entry entry;
  entry.set_event_id("e1");
  Notice notice;
  notice.roles = {ROLE_DEPARTMENT, ROLE_ENTERPRISE};
  const auto told = [&] {
    std::vector<v1::Notification> tellings;
    AddTellings(entry, notice, people_, &tellings);
    std::vector<std::string> debtors;
    for (const v1::Notification& one : tellings) {
      debtors.push_back(one.account() + ": " + one.debtor());
    }
    return debtors;
  };
  EXPECT_THAT(told(), ::testing::UnorderedElementsAre(
                          "accounts/bureau: ", "accounts/firm: ", "accounts/other-firm: "));
  // Of several that it concerns each is told of itself.
  notice.organization = kFirm;
  notice.also = {kOtherFirm};
  EXPECT_THAT(told(), ElementsAre("accounts/firm: organizations/firm",
                                  "accounts/other-firm: organizations/other-firm"));
}

}  // namespace
}  // namespace chanyan::cycle
