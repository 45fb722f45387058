// What the registry decided is decided again by the pack of its day, whatever the city has decided
// since (POL-2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/policy/verdict.h"
#include "common/rpc/pack_archive.h"
#include "common/status/status.h"
#include "tests/service/registry/instrument_world.h"
#include "tests/support/ask.h"
#include "tests/support/later_pack.h"

namespace chanyan::registry {
namespace {

using ::testing::SizeIs;

class RegistryReplayTest : public InstrumentWorld {
 protected:
  bool Keep(const policy::Pack& pack) {
    bool news = false;
    const absl::Status kept = database_.db().Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(news, rpc::KeepPack(session, clock_.now, pack));
      return absl::OkStatus();
    });
    EXPECT_TRUE(kept.ok()) << kept;
    return news;
  }
  absl::StatusOr<policy::v1::Verdicts> Again(const policy::v1::Verdicts& stored, absl::Time then) {
    absl::StatusOr<policy::v1::Verdicts> again = absl::InternalError("not asked");
    const absl::Status read = database_.db().Read([&](db::Session& session) -> absl::Status {
      again = rpc::ReplayVerdicts(session, stored, then);
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return again;
  }
};

TEST_F(RegistryReplayTest, PublicationOpeningAndBookingComeToTheSameBytesUnderLaterPacks) {
  EXPECT_TRUE(Keep(*pack_));
  EXPECT_FALSE(Keep(*pack_)) << "another replica";
  const absl::Time then = clock_.now;
  const v1::Instrument instrument = Opened("1");
  const v1::Booking booking =
      Stored(Booked(kE1, instrument.name(), InChina(4, 10, 9), InChina(4, 10, 11)).name());
  v1::GetPlatformRequest get;
  get.set_name(kLab);
  const auto platform =
      testing::Ask<v1::Platform>(registry_, "GetPlatform",
                                 testing::CallAs(options::v1::ROLE_SECRETARIAT, "",
                                                 "chanyan.registry.v1.RegistryService.GetPlatform"),
                                 get);
  ASSERT_TRUE(platform.ok()) << platform.status();
  const auto opened = Get(Owner("GetInstrument"), instrument.name());
  ASSERT_TRUE(opened.ok()) << opened.status();
  const std::vector<std::pair<const char*, policy::v1::Verdicts>> decisions = {
      {"publication", platform->publish_verdicts()},
      {"freshness", platform->freshness_verdicts()},
      {"opening", opened->open_verdicts()},
      {"booking", booking.verdicts()}};

  // The city changes a rule under the same version, which it should not, and then under the next.
  clock_.now += absl::Hours(24);
  EXPECT_TRUE(Keep(*testing::LaterPack(*pack_, pack_->version())));
  clock_.now += absl::Hours(24);
  EXPECT_TRUE(Keep(*testing::LaterPack(*pack_, "9999.1")));
  for (const auto& [what, stored] : decisions) {
    EXPECT_GT(stored.verdicts_size(), 0) << what;
    const auto again = Again(stored, then);
    ASSERT_TRUE(again.ok()) << what << ": " << again.status();
    EXPECT_EQ(policy::Encode(*again), policy::Encode(stored)) << what;
    // By the day after it would have been called otherwise.
    const auto other = Again(stored, then + absl::Hours(30));
    ASSERT_TRUE(other.ok()) << other.status();
    EXPECT_NE(policy::Encode(*other), policy::Encode(stored)) << what;
    // From before packs were kept: the first that is known.
    const auto first = Again(stored, then - absl::Hours(24 * 365));
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(policy::Encode(*first), policy::Encode(stored)) << what;
  }
  EXPECT_THAT(Texts("SELECT version FROM policy_pack"), SizeIs(3));
  policy::v1::Verdicts unknown = decisions[0].second;
  unknown.set_pack_version("2000.1");
  EXPECT_EQ(Again(unknown, then).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace chanyan::registry
