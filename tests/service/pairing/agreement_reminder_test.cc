// Both sides of a project are reminded before the term of its agreement ends (PAIR-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/api/names.h"
#include "common/time/civil.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

using options::v1::ROLE_RESEARCH_OFFICE;
using ::testing::ElementsAre;

const absl::CivilDay kLast(2025, 9, 30);

class AgreementReminderTest : public ::testing::Test, protected City {
 protected:
  v1::Agreement AgreementUntil(const std::string& number, absl::CivilDay last) {
    v1::Agreement agreement;
    agreement.set_number(number);
    for (const std::string& party : {std::string(kOuc), Enterprise(1)}) {
      v1::AgreementParty& side = *agreement.add_parties();
      side.set_organization(party);
      side.set_display_name(At(party).display_name());
    }
    *agreement.mutable_sign_date() = Date(2025, 3, 31);
    *agreement.mutable_effective_date() = Date(2025, 4, 1);
    *agreement.mutable_expire_date() = time::ToProto(last);
    return agreement;
  }
  absl::StatusOr<v1::Agreement> File(const std::string& project, const v1::Agreement& agreement) {
    v1::CreateAgreementRequest request;
    request.set_parent(project);
    *request.mutable_agreement() = agreement;
    request.set_request_id(api::NewUuid());
    return agreements.CreateAgreement(
        As(ROLE_RESEARCH_OFFICE, kOuc, "AgreementService.CreateAgreement"), request);
  }
  // A signed project with an agreement that runs until kLast; the name of the project.
  std::string Signed() {
    const std::string name = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
    const auto filed = File(name, AgreementUntil("海大合字2025-1号", kLast));
    EXPECT_TRUE(filed.ok()) << filed.status();
    return name;
  }
  absl::StatusOr<v1::Agreement> MoveEnd(const std::string& agreement, absl::CivilDay last) {
    v1::UpdateAgreementRequest request;
    request.mutable_agreement()->set_name(agreement);
    *request.mutable_agreement()->mutable_expire_date() = time::ToProto(last);
    request.mutable_update_mask()->add_paths("expire_date");
    request.set_request_id(api::NewUuid());
    return agreements.UpdateAgreement(
        As(ROLE_RESEARCH_OFFICE, kOuc, "AgreementService.UpdateAgreement"), request);
  }
  // Reminders of a look at the beginning of a day.
  int On(absl::CivilDay day) {
    clock.now = time::StartOfDay(day);
    return Look();
  }
  int Look() {
    const int64_t before = Reminders();
    if (lease_ == nullptr) lease_ = JobLease();
    const auto looked = service.RemindAgreements(*lease_);
    EXPECT_TRUE(looked.ok()) << looked.status();
    return static_cast<int>(Reminders() - before);
  }
  int64_t Reminders() {
    return Count("journal WHERE kind = 'expiring' AND type = 'chanyan.pairing.v1.Agreement'");
  }

 private:
  std::unique_ptr<db::Lease> lease_;
};

TEST_F(AgreementReminderTest, EachOfThePacksDaysIsRemindedOfOnce) {
  const auto& policy = pack->proto().pairing().agreements();
  ASSERT_THAT(std::vector<uint32_t>(policy.reminder_days().begin(), policy.reminder_days().end()),
              ElementsAre(60, 15));
  EXPECT_FALSE(policy.note().empty()) << "the city's practice, with the clause that it goes by";
  Signed();
  EXPECT_EQ(Look(), 0);
  clock.now = time::StartOfDay(kLast - 60) - absl::Microseconds(1);
  EXPECT_EQ(Look(), 0);
  EXPECT_EQ(On(kLast - 60), 1);
  EXPECT_EQ(On(kLast - 60), 0);
  EXPECT_EQ(On(kLast - 16), 0);
  EXPECT_EQ(On(kLast - 15), 1);
  EXPECT_EQ(On(kLast - 1), 0);
  EXPECT_EQ(On(kLast), 0);
  EXPECT_EQ(On(kLast + 100), 0) << "its end is past";
  EXPECT_THAT(Texts("SELECT reminded_days FROM agreement"), ElementsAre("15"));
}

TEST_F(AgreementReminderTest, OneThatWasNeverLookedAtIsRemindedOfTheNearestAlone) {
  Signed();
  EXPECT_EQ(On(kLast - 3), 1);
  EXPECT_EQ(On(kLast - 2), 0);
}

TEST_F(AgreementReminderTest, ALaterAgreementSpeaksForThoseBefore) {
  const std::string project = Signed();
  EXPECT_EQ(On(kLast - 60), 1);
  const auto longer = File(project, AgreementUntil("海大补字2025-1号", kLast + 365));
  ASSERT_TRUE(longer.ok()) << longer.status();
  EXPECT_THAT(Texts("SELECT reminded_days FROM agreement ORDER BY sequence"), ElementsAre("0", "0"))
      << "what was said of the first is done with";
  EXPECT_EQ(On(kLast - 15), 0);
  EXPECT_EQ(On(kLast + 365 - 60), 1);
  EXPECT_THAT(Texts("SELECT resource FROM journal WHERE kind = 'expiring' ORDER BY id"),
              ElementsAre(project + "/agreements/main", longer->name()));
}

TEST_F(AgreementReminderTest, AnotherTermIsRemindedOfAnew) {
  const std::string agreement = Signed() + "/agreements/main";
  EXPECT_EQ(On(kLast - 60), 1);
  const auto moved = MoveEnd(agreement, kLast + 30);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->reminded_days(), 0);
  EXPECT_EQ(On(kLast - 31), 0);
  EXPECT_EQ(On(kLast - 30), 1);
}

TEST_F(AgreementReminderTest, OfAProjectThatWasBrokenOffNobodyIsReminded) {
  ASSERT_TRUE(Do("terminate", Signed()).ok());
  EXPECT_EQ(On(kLast - 15), 0);
}

TEST_F(AgreementReminderTest, ATermThatALaterAgreementGetsAfterwardsSpeaksForThoseBefore) {
  const std::string project = Signed();
  v1::Agreement open = AgreementUntil("海大补字2025-1号", kLast);
  open.clear_expire_date();
  const auto supplement = File(project, open);
  ASSERT_TRUE(supplement.ok()) << supplement.status();
  EXPECT_EQ(On(kLast - 60), 1) << "the supplement changes no term";
  const auto moved = MoveEnd(supplement->name(), kLast + 365);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_THAT(Texts("SELECT reminded_days FROM agreement ORDER BY sequence"),
              ElementsAre("0", "0"));
  EXPECT_THAT(Texts("SELECT resource FROM journal WHERE kind = 'prolonged'"),
              ElementsAre(project + "/agreements/main"));
  EXPECT_EQ(On(kLast - 15), 0);
  // What is said of the later one is its own.
  EXPECT_EQ(On(kLast + 365 - 60), 1);
  ASSERT_TRUE(MoveEnd(project + "/agreements/main", kLast + 1).ok());
  EXPECT_THAT(Texts("SELECT reminded_days FROM agreement ORDER BY sequence"),
              ElementsAre("0", "60"));
}

TEST_F(AgreementReminderTest, WhatWasRemindedOfEndsWithAProjectThatIsBrokenOff) {
  const std::string project = Signed();
  EXPECT_EQ(On(kLast - 60), 1);
  ASSERT_TRUE(Do("terminate", project).ok());
  EXPECT_THAT(Texts("SELECT reminded_days FROM agreement"), ElementsAre("0"));
  EXPECT_THAT(Texts("SELECT resource FROM journal WHERE kind = 'ended'"),
              ElementsAre(project + "/agreements/main"));
}

TEST_F(AgreementReminderTest, OneWithoutAnEndHasNothingToRemindOf) {
  v1::Agreement endless = AgreementUntil("海大合字2025-1号", kLast);
  endless.clear_expire_date();
  ASSERT_TRUE(File(In(v1::PROJECT_STATE_SIGNED, kLab, 1).name(), endless).ok());
  EXPECT_EQ(On(kLast - 15), 0);
}

TEST_F(AgreementReminderTest, AReplicaThatLostItsLeaseWritesNothing) {
  Signed();
  clock.now = time::StartOfDay(kLast - 15);
  db::Lease old(database.db(), "pairing-jobs", "old", absl::Microseconds(1));
  ASSERT_TRUE(old.Acquire().ok());
  const auto taken_over = JobLease("new");
  EXPECT_EQ(service.RemindAgreements(old).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Reminders(), 0);
  EXPECT_EQ(*service.RemindAgreements(*taken_over), 1);
}

}  // namespace
}  // namespace chanyan::pairing
