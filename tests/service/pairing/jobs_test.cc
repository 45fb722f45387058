// What happens by time alone goes on beside what fails (REG-3, PAIR-8, OPS-5).
#include "services/pairing/jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/time/civil.h"
#include "tests/service/pairing/cooperation_world.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;

class JobsTest : public CooperationTest {};

TEST_F(JobsTest, OneThatFailsKeepsNoOtherWaiting) {
  const auto agreement = Make(NewAgreement());
  ASSERT_TRUE(agreement.ok()) << agreement.status();
  ASSERT_TRUE(Sign(agreement->name()).ok());
  clock.now = time::StartOfDay(absl::CivilDay(2026, 1, 1));
  Jobs jobs({database.db(), service, coverage_service, cooperation_service});
  // The first of them cannot do anything.
  database.Apply("RENAME TABLE intent TO intent_away");
  EXPECT_FALSE(jobs.Run().ok()) << "which is said";
  EXPECT_THAT(Texts("SELECT state FROM frame_agreement"), ElementsAre("EXPIRED"));
  database.Apply("RENAME TABLE intent_away TO intent");
  const absl::Status again = jobs.Run();
  EXPECT_TRUE(again.ok()) << again;
  EXPECT_EQ(Count("journal WHERE kind = 'expired'"), 1);
}

TEST_F(JobsTest, WhoDoesNotHoldTheLeaseDoesNothing) {
  const auto agreement = Make(NewAgreement());
  ASSERT_TRUE(agreement.ok()) << agreement.status();
  ASSERT_TRUE(Sign(agreement->name()).ok());
  clock.now = time::StartOfDay(absl::CivilDay(2026, 1, 1));
  Jobs first({database.db(), service, coverage_service, cooperation_service});
  database.Apply("RENAME TABLE frame_agreement TO agreement_away");
  EXPECT_FALSE(first.Run().ok());
  database.Apply("RENAME TABLE agreement_away TO frame_agreement");
  Jobs second({database.db(), service, coverage_service, cooperation_service});
  EXPECT_TRUE(second.Run().ok());
  EXPECT_THAT(Texts("SELECT state FROM frame_agreement"), ElementsAre("IN_FORCE"));
  first.Release();
  EXPECT_TRUE(second.Run().ok());
  EXPECT_THAT(Texts("SELECT state FROM frame_agreement"), ElementsAre("EXPIRED"));
}

}  // namespace
}  // namespace chanyan::pairing
