// What pairing decided is decided again by the pack of its day, whatever the city has decided since
// (POL-2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/policy/verdict.h"
#include "common/rpc/pack_archive.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/city.h"
#include "tests/support/later_pack.h"

namespace chanyan::pairing {
namespace {

class PairingReplayTest : public ::testing::Test, protected City {
 protected:
  void Keep(const policy::Pack& kept) {
    const absl::Status status = database.db().Transact(
        [&](db::Session& session) { return rpc::KeepPack(session, clock.now, kept).status(); });
    EXPECT_TRUE(status.ok()) << status;
  }
  std::string Again(const policy::v1::Verdicts& stored, absl::Time then) {
    std::string bytes;
    const absl::Status status = database.db().Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const policy::v1::Verdicts again,
                               rpc::ReplayVerdicts(session, stored, then));
      bytes = policy::Encode(again);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return bytes;
  }
};

TEST_F(PairingReplayTest, BeginningAndSigningAProjectComeToTheSameBytesUnderLaterPacks) {
  Keep(*pack);
  const absl::Time then = clock.now;
  // Signed without its agreement, for a reason: a soft rule was set aside.
  const v1::Project project = In(v1::PROJECT_STATE_SIGNED, kLab, 1);
  clock.now += absl::Hours(24);
  Keep(*testing::LaterPack(*pack, pack->version()));
  clock.now += absl::Hours(24);
  Keep(*testing::LaterPack(*pack, "9999.1"));
  bool set_aside = false;
  for (const policy::v1::Verdict& verdict : project.sign_verdicts().verdicts()) {
    set_aside = set_aside || verdict.outcome() == policy::v1::OUTCOME_OVERRIDDEN;
  }
  EXPECT_TRUE(set_aside);
  for (const policy::v1::Verdicts* stored :
       {&project.create_verdicts(), &project.sign_verdicts()}) {
    EXPECT_GT(stored->verdicts_size(), 0);
    EXPECT_EQ(Again(*stored, then), policy::Encode(*stored));
    EXPECT_NE(Again(*stored, then + absl::Hours(30)), policy::Encode(*stored))
        << "as it is called since";
  }
}

TEST_F(PairingReplayTest, TheExpiryOfAnIntentComesToTheSameBytesUnderLaterPacks) {
  Keep(*pack);
  const absl::Time then = clock.now;
  v1::CreateIntentRequest request;
  request.mutable_intent()->set_side(v1::INTENT_SIDE_OFFER);
  request.mutable_intent()->set_platform(kLab);
  request.mutable_intent()->add_kinds("技术研发");
  request.mutable_intent()->set_title("开放中试线（演示）");
  *request.mutable_intent()->mutable_expire_time() = time::ToTimestamp(clock.now + 30 * kDay);
  const auto intent =
      service.CreateIntent(As(options::v1::ROLE_RESEARCH_OFFICE, kOuc, "CreateIntent"), request);
  ASSERT_TRUE(intent.ok()) << intent.status();
  ASSERT_EQ(intent->expiry_verdicts().verdicts_size(), 1);
  clock.now += kDay;
  Keep(*testing::LaterPack(*pack, "9999.1"));
  EXPECT_EQ(Again(intent->expiry_verdicts(), then), policy::Encode(intent->expiry_verdicts()));
}

}  // namespace
}  // namespace chanyan::pairing
