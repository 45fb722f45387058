// Staleness and its reminders on the real database: once each time, whoever runs the job.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/lease.h"
#include "common/time/civil.h"
#include "services/registry/platform_freshness.h"
#include "tests/service/registry/platform_city.h"

namespace chanyan::registry {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

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
  // `days` from now on.
  absl::StatusOr<v1::Platform> SetAside(const std::string& name, int days,
                                        Role role = options::v1::ROLE_SECRETARIAT,
                                        RegistryService* registry = nullptr) {
    auto request = Named<v1::OverridePlatformFreshnessRequest>(name);
    request.set_reason("平台搬迁，信息待定");
    *request.mutable_until() = time::ToProto(time::DayOf(clock_.now) + days);
    return (registry == nullptr ? registry_ : *registry)
        .OverridePlatformFreshness(
            As(role, "organizations/secretariat", "OverridePlatformFreshness"), request);
  }
  // "outcome as-of-date" of what is stored.
  std::string Verdict(const std::string& name) {
    const auto row = Get(Secretariat("GetPlatform"), name);
    if (!row.ok() || row->freshness_verdicts().verdicts().empty()) return "";
    const policy::v1::Verdict& verdict = row->freshness_verdicts().verdicts(0);
    return absl::StrCat(policy::v1::Outcome_Name(verdict.outcome()), " ",
                        verdict.facts(0).values(0));
  }

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

TEST_F(FreshnessTest, OneThatCannotBeMarkedKeepsNoOtherFromItsMark) {
  Published("a");
  Published("b");
  database_.Apply("UPDATE platform SET contacts = '[1]' WHERE name LIKE '%/a'");
  Pass(93);
  ASSERT_TRUE(lease_.Acquire().ok());
  EXPECT_FALSE(freshness_.Mark(lease_).ok()) << "what is wrong is said";
  EXPECT_THAT(Texts("SELECT name FROM platform WHERE stale = 1"),
              ElementsAre(::testing::EndsWith("/b")));
  database_.Apply("UPDATE platform SET contacts = '[]'");
  EXPECT_EQ(Mark(), "1 0");
}

TEST_F(FreshnessTest, TheRuleSaysWithClauseAndDaysWhyAPlatformIsStale) {
  const std::string name = Published("lab").name();
  EXPECT_EQ(Verdict(name), "OUTCOME_SATISFIED 2025-04-01");
  Pass(93);
  EXPECT_EQ(Mark(), "1 0");
  EXPECT_EQ(Verdict(name), "OUTCOME_NOT_SATISFIED 2025-07-03");
  const auto row = Get(Secretariat("GetPlatform"), name);
  const policy::v1::Verdict& verdict = row->freshness_verdicts().verdicts(0);
  EXPECT_EQ(verdict.rule_id(), "platform.freshness");
  EXPECT_EQ(verdict.clause().article(), "一、（一）");
  EXPECT_EQ(verdict.facts(1).values(0), "2025-04-01") << "as confirmed";
  EXPECT_FALSE(Shown(name).has_freshness_verdicts()) << "not for the public";
  EXPECT_TRUE(Get(Office("GetPlatform"), name)->has_freshness_verdicts());
  ASSERT_TRUE(
      registry_.ConfirmPlatform(Office("ConfirmPlatform"), Named<v1::ConfirmPlatformRequest>(name))
          .ok());
  EXPECT_EQ(Verdict(name), "OUTCOME_SATISFIED 2025-07-03");
}

TEST_F(FreshnessTest, AMarkFromBeforeVerdictsWereKeptGetsThemWithoutAReminder) {
  const std::string name = Published("lab").name();
  Pass(93);
  EXPECT_EQ(Mark(), "1 0");
  database_.Apply("UPDATE platform SET freshness_verdicts = NULL");
  EXPECT_EQ(Mark(), "0 0");
  EXPECT_EQ(Verdict(name), "OUTCOME_NOT_SATISFIED 2025-07-03");
  EXPECT_EQ(Mark(), "0 0");
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE kind IN ('reminded', 'judged') ORDER BY id"),
              ElementsAre("reminded", "judged"));
  EXPECT_EQ(Get(Secretariat("GetPlatform"), name)->reminder_count(), 1);
}

TEST_F(FreshnessTest, AnExceptionHoldsToItsLastDayAndStandsOnTheRecord) {
  const std::string name = Published("lab").name();
  const auto early = SetAside(name, 30);
  EXPECT_EQ(status::ReasonOf(early.status()), options::v1::ERROR_REASON_WRONG_STATE)
      << early.status();
  Pass(93);
  EXPECT_EQ(Mark(), "1 0");
  EXPECT_THAT(Get(Secretariat("GetPlatform"), name)->actions(), Contains("overrideFreshness"));
  EXPECT_THAT(Get(Office("GetPlatform"), name)->actions(), Not(Contains("overrideFreshness")));
  const auto set_aside = SetAside(name, 30);
  ASSERT_TRUE(set_aside.ok()) << set_aside.status();
  EXPECT_FALSE(set_aside->stale());
  EXPECT_THAT(set_aside->actions(), Not(Contains("overrideFreshness")));
  const policy::v1::Verdict& verdict = set_aside->freshness_verdicts().verdicts(0);
  EXPECT_EQ(verdict.outcome(), policy::v1::OUTCOME_OVERRIDDEN);
  EXPECT_EQ(verdict.override().reason(), "平台搬迁，信息待定");
  EXPECT_EQ(verdict.override().role(), options::v1::ROLE_SECRETARIAT);
  EXPECT_FALSE(Shown(name).has_freshness_override_until());
  EXPECT_EQ(Mark(), "0 0");
  Pass(30);
  EXPECT_EQ(Mark(), "0 0") << "the last day";
  EXPECT_THAT(Stale(), IsEmpty());
  Pass(1);
  EXPECT_EQ(Mark(), "1 0") << "reminded anew";
  EXPECT_EQ(Verdict(name), "OUTCOME_NOT_SATISFIED 2025-08-03");
  // A confirmation ends an exception before its day.
  ASSERT_TRUE(SetAside(name, 300).ok());
  ASSERT_TRUE(
      registry_.ConfirmPlatform(Office("ConfirmPlatform"), Named<v1::ConfirmPlatformRequest>(name))
          .ok());
  EXPECT_FALSE(Get(Secretariat("GetPlatform"), name)->has_freshness_override_until());
  Pass(93);
  EXPECT_EQ(Mark(), "1 0");
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM journal WHERE kind = 'overrideFreshness'").at(0), "2");
}

TEST_F(FreshnessTest, WhoMayNotOrWhatIsHardIsNotSetAside) {
  const std::string name = Published("lab").name();
  const std::string draft = Draft("draft").name();
  Pass(93);
  EXPECT_EQ(Mark(), "1 0");
  // The city's pack names the secretariat alone.
  EXPECT_TRUE(absl::IsPermissionDenied(SetAside(name, 30, options::v1::ROLE_DEPARTMENT).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(SetAside(name, 0).status())) << "a day that is over";
  EXPECT_TRUE(absl::IsInvalidArgument(SetAside(name, 367).status()));
  EXPECT_EQ(status::ReasonOf(SetAside(draft, 30).status()), options::v1::ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(absl::IsNotFound(SetAside("organizations/ouc/platforms/none", 30).status()));
  auto stale_etag = Named<v1::OverridePlatformFreshnessRequest>(name);
  stale_etag.set_reason("搬迁");
  *stale_etag.mutable_until() = time::ToProto(time::DayOf(clock_.now) + 5);
  stale_etag.set_etag("\"another\"");
  EXPECT_TRUE(absl::IsAborted(
      registry_.OverridePlatformFreshness(Secretariat("OverridePlatformFreshness"), stale_etag)
          .status()));
  const auto hard = testing::PackOf(R"pb(
    id: "hard"
    display_name: "强制"
    version: "1"
    effective_from { year: 2025 month: 1 day: 1 }
    rules {
      id: "platform.freshness"
      display_name: "及时更新"
      clause { document: "函" article: "一" text: "及时更新" }
      strength: STRENGTH_HARD
      origin: ORIGIN_STATED
      decision: DECISION_PLATFORM_FRESHNESS
      maximum_age { fact: "confirmed_date" as_of_fact: "as_of_date" max_days: 92 }
    })pb");
  RegistryService strict({{database_.db(), clock_, nullptr}, *hard});
  EXPECT_EQ(status::ReasonOf(SetAside(name, 30, options::v1::ROLE_SECRETARIAT, &strict).status()),
            options::v1::ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(Stale(), ElementsAre("lab")) << "nothing was set aside";
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
