// Staleness and its reminders on the real database: once each time, whoever runs the job.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/lease.h"
#include "services/registry/platform_freshness.h"
#include "tests/service/registry/platform_city.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FreshnessTest : public PlatformCity {
 protected:
  FreshnessTest()
      : lease_(database_.db(), "platform-freshness", "test", absl::Seconds(120)),
        freshness_({{database_.db(), clock_, nullptr}, *pack_}) {}

  std::string Mark() {
    EXPECT_TRUE(lease_.Acquire().ok());
    const auto count = freshness_.Mark(lease_);
    EXPECT_TRUE(count.ok()) << count.status();
    return count.ok() ? absl::StrCat(count->reminded, " ", count->refreshed) : "";
  }
  std::vector<std::string> Stale(const std::string& filter = "stale = true") {
    v1::ListPlatformsRequest request;
    request.set_parent("organizations/-");
    request.set_filter(filter);
    const auto page = registry_.ListPlatforms(Secretariat("ListPlatforms"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> ids;
    if (page.ok()) {
      for (const auto& row : page->platforms()) {
        ids.push_back(std::string(api::IdOfName(row.name())));
      }
    }
    return ids;
  }
  void Pass(int days) { clock_.now += absl::Hours(24 * days); }

  db::Lease lease_;
  PlatformFreshness freshness_;
};

TEST_F(FreshnessTest, APlatformIsMarkedAndItsContactRemindedOnceEachTime) {
  const std::string name = Published("lab").name();
  Draft("draft");
  EXPECT_EQ(Mark(), "0 0");
  Pass(92);
  EXPECT_EQ(Mark(), "0 0") << "the last day";
  Pass(1);
  EXPECT_THAT(Stale(), IsEmpty()) << "until the job has looked";
  EXPECT_EQ(Mark(), "1 0");
  EXPECT_THAT(Stale(), ElementsAre("lab"));
  EXPECT_EQ(Mark(), "0 0") << "once a staleness";
  Pass(30);
  EXPECT_EQ(Mark(), "0 0");
  const auto inside = Get(Secretariat("GetPlatform"), name);
  EXPECT_TRUE(inside->stale());
  EXPECT_EQ(inside->reminder_count(), 1);
  EXPECT_GT(inside->remind_time().seconds(), 0);
  const v1::Platform shown = Shown(name);
  EXPECT_TRUE(shown.stale());
  EXPECT_FALSE(shown.has_remind_time()) << "not for the public";
  EXPECT_EQ(shown.reminder_count(), 0);

  ASSERT_TRUE(
      registry_.ConfirmPlatform(Office("ConfirmPlatform"), Named<v1::ConfirmPlatformRequest>(name))
          .ok());
  EXPECT_THAT(Stale(), IsEmpty()) << "at once";
  EXPECT_THAT(Stale("stale = false"), ElementsAre("draft", "lab"));
  EXPECT_EQ(Mark(), "0 0");
  Pass(93);
  EXPECT_EQ(Mark(), "1 0");
  EXPECT_EQ(Get(Secretariat("GetPlatform"), name)->reminder_count(), 2);
  EXPECT_THAT(Texts("SELECT CONCAT(kind, ' ', actor) FROM journal WHERE kind = 'reminded'"),
              ElementsAre("reminded services/registry", "reminded services/registry"));
}

TEST_F(FreshnessTest, ARevisionThatIsPublishedAndAWithdrawalEndIt) {
  const std::string revised = Published("revised").name();
  const std::string withdrawn = Published("withdrawn").name();
  Pass(93);
  EXPECT_EQ(Mark(), "2 0");
  const std::string revision = Introduce(revised, "新")->open_revision();
  ASSERT_TRUE(Do("submit", revision).ok());
  EXPECT_THAT(Stale(), ElementsAre("revised", "withdrawn")) << "not before it passed";
  ASSERT_TRUE(Do("publish", revision).ok());
  ASSERT_TRUE(Withdraw(withdrawn).ok());
  EXPECT_THAT(Stale(), IsEmpty());
  Pass(93);
  EXPECT_EQ(Mark(), "1 0") << "what is withdrawn is not looked at";
}

TEST_F(FreshnessTest, AMorePatientPackTakesTheMarkBack) {
  Published("lab");
  Pass(93);
  EXPECT_EQ(Mark(), "1 0");
  const auto patient = testing::PackOf(R"pb(
    id: "patient"
    display_name: "耐心"
    version: "1"
    effective_from { year: 2025 month: 1 day: 1 }
    rules {
      id: "platform.freshness"
      display_name: "及时更新"
      clause { document: "函" article: "一" text: "及时更新" }
      strength: STRENGTH_SOFT
      origin: ORIGIN_CHOSEN
      note: "半年"
      override_roles: ROLE_SECRETARIAT
      decision: DECISION_PLATFORM_FRESHNESS
      maximum_age { fact: "confirmed_date" as_of_fact: "as_of_date" max_days: 184 }
    })pb");
  PlatformFreshness later({{database_.db(), clock_, nullptr}, *patient});
  const auto count = later.Mark(lease_);
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ(count->refreshed, 1);
  EXPECT_THAT(Stale(), IsEmpty());
}

TEST_F(FreshnessTest, SeveralReplicasAtOnceRemindOnceEach) {
  constexpr int kPlatforms = 12;
  for (int i = 0; i < kPlatforms; ++i) Published(absl::StrCat("p", i));
  Pass(93);
  std::vector<std::thread> replicas;
  for (int i = 0; i < 4; ++i) {
    replicas.emplace_back([&, i] {
      db::Lease lease(database_.db(), "platform-freshness", absl::StrCat("replica", i),
                      absl::Seconds(120));
      PlatformFreshness freshness({{database_.db(), clock_, nullptr}, *pack_});
      for (int round = 0; round < 3; ++round) {
        if (!lease.Acquire().ok()) continue;
        (void)freshness.Mark(lease);
        (void)lease.Release();
      }
    });
  }
  for (std::thread& replica : replicas) replica.join();
  // Whoever was last saw to the rest.
  Mark();
  EXPECT_THAT(Texts("SELECT COUNT(*) FROM journal WHERE kind = 'reminded'"),
              ElementsAre(absl::StrCat(kPlatforms)));
  EXPECT_THAT(Texts("SELECT DISTINCT reminder_count FROM platform"), ElementsAre("1"));
}

TEST_F(FreshnessTest, AReplicaThatLostItsLeaseMarksNothing) {
  Published("lab");
  Pass(93);
  ASSERT_TRUE(lease_.Acquire().ok());
  database_.Apply("UPDATE lease SET owner = 'other', token = token + 1");
  EXPECT_FALSE(freshness_.Mark(lease_).ok());
  EXPECT_THAT(Stale(), IsEmpty());
}

}  // namespace
}  // namespace chanyan::registry
