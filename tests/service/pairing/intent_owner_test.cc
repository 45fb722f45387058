// Intents go by whose they are: offers end with their platform, and whoever is suspended publishes
// none (REG-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/api/names.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/pairing/jobs.h"
#include "services/pairing/registry_reading.h"
#include "tests/service/pairing/city.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class IntentOwnerTest : public ::testing::Test, protected City {
 protected:
  v1::CreateIntentRequest Offer(absl::Duration life) {
    v1::CreateIntentRequest request;
    request.mutable_intent()->set_side(v1::INTENT_SIDE_OFFER);
    request.mutable_intent()->set_platform(kLab);
    request.mutable_intent()->add_kinds("技术研发");
    request.mutable_intent()->set_title("开放中试线（演示）");
    *request.mutable_intent()->mutable_expire_time() = time::ToTimestamp(clock.now + life);
    request.set_request_id(api::NewUuid());
    return request;
  }
  v1::CreateIntentRequest Wish(absl::Duration life) {
    v1::CreateIntentRequest request = Offer(life);
    request.mutable_intent()->set_side(v1::INTENT_SIDE_REQUEST);
    request.mutable_intent()->clear_platform();
    return request;
  }
  absl::StatusOr<v1::Intent> Publish(const v1::CreateIntentRequest& request,
                                     options::v1::Role role = ROLE_RESEARCH_OFFICE,
                                     const std::string& organization = kOuc) {
    return service.CreateIntent(As(role, organization, "CreateIntent"), request);
  }
  v1::Intent Own(const std::string& name, options::v1::Role role = ROLE_RESEARCH_OFFICE,
                 const std::string& organization = kOuc) {
    v1::GetIntentRequest request;
    request.set_name(name);
    const auto intent = service.GetIntent(As(role, organization, "GetIntent"), request);
    EXPECT_TRUE(intent.ok()) << intent.status();
    return intent.ok() ? *intent : v1::Intent();
  }
  absl::StatusOr<v1::Intent> Renew(const std::string& name, absl::Duration life) {
    v1::RenewIntentRequest request;
    request.set_name(name);
    *request.mutable_expire_time() = time::ToTimestamp(clock.now + life);
    request.set_request_id(api::NewUuid());
    return service.RenewIntent(As(ROLE_RESEARCH_OFFICE, kOuc, "RenewIntent"), request);
  }
  absl::StatusOr<v1::Intent> Withdraw(const std::string& name) {
    v1::WithdrawIntentRequest request;
    request.set_name(name);
    request.set_reason("设备搬迁");
    request.set_request_id(api::NewUuid());
    return service.WithdrawIntent(As(ROLE_RESEARCH_OFFICE, kOuc, "WithdrawIntent"), request);
  }
  bool Found(const std::string& name, int enterprise = 1) {
    v1::GetIntentRequest request;
    request.set_name(name);
    return service.GetIntent(As(ROLE_ENTERPRISE, Enterprise(enterprise), "GetIntent"), request)
        .ok();
  }
  // The registry's journal says how it is now.
  template <class T>
  void Follow(const T& now) {
    journal::v1::Entry entry;
    entry.set_seq(++seq_);
    entry.set_type(T::descriptor()->full_name());
    entry.set_after_json(journal::CanonicalJson(now));
    entry.set_before_json(entry.after_json());
    const absl::Status followed = database.db().Transact(
        [&](db::Session& session) { return service.FollowRegistry(session, clock.now, entry); });
    ASSERT_TRUE(followed.ok()) << followed;
  }
  void Become(const std::string& organization, registry::v1::OrganizationState state) {
    At(organization).set_state(state);
    Follow(At(organization));
  }
  // A sheet of one offer.
  absl::StatusOr<v1::ImportIntentsResponse> Import(const std::string& title) {
    v1::Intent row;
    row.set_side(v1::INTENT_SIDE_OFFER);
    row.set_platform_title("lab平台（演示）");
    row.set_title(title);
    row.add_kinds("技术研发");
    row.set_content("开放");
    *row.mutable_expire_time() = time::ToTimestamp(clock.now + kDay);
    v1::ImportIntentsRequest request;
    *request.mutable_file() = testing::Upload<v1::Intent>({row});
    request.set_file_name("意向.xlsx");
    request.set_request_id(api::NewUuid());
    return service.ImportIntents(As(ROLE_RESEARCH_OFFICE, kOuc, "ImportIntents"), request);
  }

  // This schema's transactions that wait for a lock.
  int64_t Stuck() {
    return Count(
        "information_schema.innodb_trx t JOIN information_schema.processlist p "
        "ON p.ID = t.trx_mysql_thread_id WHERE p.DB = DATABASE() AND t.trx_state = 'LOCK WAIT'");
  }

  int64_t seq_ = 0;
};

TEST_F(IntentOwnerTest, OffersAreTakenBackWithTheirPlatform) {
  const std::string open = Publish(Offer(2 * kDay))->name();
  const std::string expired = Publish(Offer(kDay))->name();
  const std::string back = Publish(Offer(2 * kDay))->name();
  const std::string paired = Publish(Offer(2 * kDay))->name();
  ASSERT_TRUE(Withdraw(back).ok());
  auto request = NewProject(kLab, 1);
  request.set_intent(paired);
  ASSERT_TRUE(Create(request).ok());
  const std::string wanted = Publish(Wish(2 * kDay), ROLE_ENTERPRISE, Enterprise(2))->name();
  clock.now += kDay;
  ASSERT_EQ(*service.ExpireIntents(*JobLease()), 1);

  registry::v1::Platform& platform = PlatformAt(kLab);
  platform.set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
  // Twice, as after a lost COMMIT.
  for (int i = 0; i < 2; ++i) {
    Follow(platform);
    clock.now += absl::Hours(1);
  }
  for (const std::string& name : {open, expired}) {
    const v1::Intent gone = Own(name);
    EXPECT_EQ(gone.state(), v1::INTENT_STATE_WITHDRAWN) << name;
    EXPECT_EQ(gone.withdraw_reason(), "所属科创平台“lab平台（演示）”已撤回");
    EXPECT_EQ(time::ToTime(gone.withdraw_time()), clock.now - absl::Hours(2));
    EXPECT_EQ(status::ReasonOf(Renew(name, kDay).status()), ERROR_REASON_WRONG_STATE)
        << "nobody renews an offer of a platform that is no more";
  }
  EXPECT_EQ(Own(back).withdraw_reason(), "设备搬迁") << "it was taken back before";
  EXPECT_EQ(Own(paired).state(), v1::INTENT_STATE_PAIRED) << "it goes on as a project";
  EXPECT_FALSE(Own(paired).project().empty());
  EXPECT_EQ(Own(wanted, ROLE_ENTERPRISE, Enterprise(2)).state(), v1::INTENT_STATE_OPEN)
      << "a request is of no platform";
  EXPECT_EQ(Count("journal WHERE kind = 'followed'"), 2) << "each once";
  EXPECT_THAT(testing::FieldsOf(Publish(Offer(kDay)).status()), ElementsAre("intent.platform"));
}

TEST_F(IntentOwnerTest, ASuspendedOrganizationPublishesNothing) {
  At(kOuc).set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  At(Enterprise(1)).set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  const absl::Status offer = Publish(Offer(kDay)).status();
  EXPECT_EQ(status::ReasonOf(offer), ERROR_REASON_WRONG_STATE) << offer;
  EXPECT_THAT(std::string(offer.message()), HasSubstr("“海洋大学（演示）”已停用"));
  EXPECT_EQ(status::ReasonOf(Publish(Wish(kDay), ROLE_ENTERPRISE, Enterprise(1)).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Import("中试线开放（演示）").status()), ERROR_REASON_WRONG_STATE)
      << "nor by a sheet";
  EXPECT_EQ(Count("intent"), 0);
  At(kOuc).set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  EXPECT_TRUE(Publish(Offer(kDay)).ok());
  const auto imported = Import("中试线开放（演示）");
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->created(), 1);
}

TEST_F(IntentOwnerTest, WhoeverIsSuspendedRenewsNothing) {
  const std::string name = Publish(Offer(kDay))->name();
  clock.now += kDay;
  ASSERT_EQ(*service.ExpireIntents(*JobLease()), 1);
  Become(kOuc, registry::v1::ORGANIZATION_STATE_SUSPENDED);
  const absl::Status refused = Renew(name, kDay).status();
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_WRONG_STATE) << refused;
  EXPECT_EQ(Own(name).state(), v1::INTENT_STATE_EXPIRED);
  Become(kOuc, registry::v1::ORGANIZATION_STATE_ACTIVE);
  EXPECT_TRUE(Renew(name, kDay).ok());
  EXPECT_TRUE(Found(name));
}

TEST_F(IntentOwnerTest, ARenewalHoldsTheRegistryBeforeItLocksTheIntent) {
  const std::string name = Publish(Offer(10 * kDay))->name();
  std::thread renewal;
  absl::StatusOr<v1::Intent> renewed = absl::UnknownError("not done");
  absl::Status locked = absl::UnknownError("not tried");
  // As one who follows: the gate, and then intents.
  const absl::Status followed = database.db().Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(NoteRegistryChange(session, kCenter, 1));
    if (!renewal.joinable()) renewal = std::thread([&] { renewed = Renew(name, 20 * kDay); });
    const absl::Time until = absl::Now() + absl::Seconds(30);
    while (Stuck() == 0 && absl::Now() < until) {
      // What is asked oftener is answered from before.
      absl::SleepFor(absl::Milliseconds(200));
    }
    EXPECT_EQ(Stuck(), 1) << "the renewal waits for the gate";
    locked =
        session.Query("SELECT name FROM intent WHERE name = ? FOR UPDATE NOWAIT", {name}).status();
    return absl::OkStatus();
  });
  renewal.join();
  EXPECT_TRUE(followed.ok()) << followed;
  EXPECT_TRUE(locked.ok()) << locked;
  EXPECT_TRUE(renewed.ok()) << renewed.status();
}

TEST_F(IntentOwnerTest, WhileItsOrganizationIsSuspendedAnIntentIsNotShown) {
  const std::string open = Publish(Offer(10 * kDay))->name();
  const std::string over = Publish(Offer(kDay))->name();
  const std::string back = Publish(Offer(10 * kDay))->name();
  const std::string wanted = Publish(Wish(2 * kDay), ROLE_ENTERPRISE, Enterprise(2))->name();
  // Twice, as after a lost COMMIT.
  for (int i = 0; i < 2; ++i) Become(kOuc, registry::v1::ORGANIZATION_STATE_SUSPENDED);
  EXPECT_FALSE(Found(open));
  EXPECT_TRUE(Found(wanted)) << "another's is";
  EXPECT_EQ(Own(open).state(), v1::INTENT_STATE_SUSPENDED) << "its owner sees why";
  EXPECT_EQ(Own(open).hold_reason(), "发布单位“海洋大学（演示）”已停用");
  EXPECT_THAT(Own(open).actions(), ElementsAre("withdraw"));
  auto request = NewProject(kLab, 1);
  request.set_intent(open);
  EXPECT_EQ(status::ReasonOf(Create(request).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Count("project"), 0);
  ASSERT_TRUE(Withdraw(back).ok());
  EXPECT_EQ(Own(back).hold_reason(), "");
  clock.now += kDay;
  Become(kOuc, registry::v1::ORGANIZATION_STATE_ACTIVE);
  EXPECT_TRUE(Found(open));
  EXPECT_EQ(Own(open).hold_reason(), "");
  EXPECT_FALSE(Found(over)) << "its time ran on";
  EXPECT_EQ(Own(over).state(), v1::INTENT_STATE_EXPIRED);
  EXPECT_TRUE(Renew(over, kDay).ok());
  EXPECT_TRUE(Found(over));
  EXPECT_EQ(Own(back).state(), v1::INTENT_STATE_WITHDRAWN);
  EXPECT_EQ(Count("journal WHERE kind = 'followed'"), 5)
      << "each once: three held, two shown again";
}

TEST_F(IntentOwnerTest, OneThatLedToAProjectIsFoundNoMore) {
  const std::string name = Publish(Offer(10 * kDay))->name();
  EXPECT_TRUE(Found(name, 2));
  auto request = NewProject(kLab, 1);
  request.set_intent(name);
  const auto project = Create(request);
  ASSERT_TRUE(project.ok()) << project.status();
  EXPECT_FALSE(Found(name, 2));
  const auto listed = service.ListIntents(As(ROLE_ENTERPRISE, Enterprise(2), "ListIntents"), {});
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->intents_size(), 0);
  EXPECT_EQ(Own(name).state(), v1::INTENT_STATE_PAIRED);
  EXPECT_EQ(Own(name).project(), project->name()) << "it links to it";
  Become(kOuc, registry::v1::ORGANIZATION_STATE_SUSPENDED);
  EXPECT_EQ(Own(name).state(), v1::INTENT_STATE_PAIRED);
  clock.now += 20 * kDay;
  EXPECT_EQ(*service.ExpireIntents(*JobLease()), 0);
}

TEST_F(IntentOwnerTest, AnOfferNamesTheContactsOfItsPlatform) {
  PlatformAt(kLab).add_contacts()->set_person("张三");
  const std::string name = Publish(Offer(kDay))->name();
  EXPECT_THAT(Own(name).contacts(), ElementsAre("张三"));
  ASSERT_TRUE(Import("中试线开放（演示）").ok());
  EXPECT_EQ(Count("intent WHERE JSON_VALUE(contacts, '$[0]') = '张三'"), 2);
  PlatformAt(kLab).mutable_contacts(0)->set_person("李四");
  Follow(PlatformAt(kLab));
  EXPECT_THAT(Own(name).contacts(), ElementsAre("李四"));
}

// --- What nobody followed in its day

TEST_F(IntentOwnerTest, WhatNobodyFollowedIsPutRightOnce) {
  const std::string offer = Publish(Offer(10 * kDay))->name();
  const std::string wanted = Publish(Wish(10 * kDay), ROLE_ENTERPRISE, Enterprise(2))->name();
  const std::string fine = Publish(Wish(10 * kDay), ROLE_ENTERPRISE, Enterprise(3))->name();
  const std::string paired = Publish(Offer(10 * kDay))->name();
  auto request = NewProject(kLab, 1);
  request.set_intent(paired);
  ASSERT_TRUE(Create(request).ok());
  // As it was left before.
  database.Apply("UPDATE intent SET state = 'OPEN' WHERE project <> ''");
  PlatformAt(kLab).set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
  At(Enterprise(2)).set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  const int64_t before = Count("journal");
  const auto lease = JobLease();
  for (int i = 0; i < 2; ++i) {
    const absl::Status aligned = service.AlignIntents(*lease);
    ASSERT_TRUE(aligned.ok()) << aligned;
    EXPECT_EQ(Count("journal"), before + 3) << "once";
  }
  EXPECT_EQ(Own(offer).state(), v1::INTENT_STATE_WITHDRAWN);
  EXPECT_EQ(Own(offer).withdraw_reason(), "所属科创平台“lab平台（演示）”已撤回");
  EXPECT_EQ(Own(wanted, ROLE_ENTERPRISE, Enterprise(2)).state(), v1::INTENT_STATE_SUSPENDED);
  EXPECT_EQ(Own(fine, ROLE_ENTERPRISE, Enterprise(3)).state(), v1::INTENT_STATE_OPEN);
  EXPECT_EQ(Own(paired).state(), v1::INTENT_STATE_PAIRED);
}

TEST_F(IntentOwnerTest, WithoutTheRegistryOrTheLeaseNothingIsPutRight) {
  ASSERT_TRUE(service.AlignIntents(*JobLease()).ok()) << "there is nothing to ask about";
  ASSERT_TRUE(Publish(Offer(10 * kDay)).ok());
  PlatformAt(kLab).set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
  const int64_t before = Count("journal");
  db::Lease old(database.db(), "pairing-align", "old", absl::Microseconds(1));
  ASSERT_TRUE(old.Acquire().ok());
  db::Lease taken_over(database.db(), "pairing-align", "new", absl::Minutes(3));
  ASSERT_TRUE(taken_over.Acquire().ok());
  EXPECT_EQ(service.AlignIntents(old).code(), absl::StatusCode::kFailedPrecondition);
  peer.Stop();
  EXPECT_FALSE(service.AlignIntents(taken_over).ok());
  EXPECT_EQ(Count("journal"), before);
  EXPECT_EQ(Count("intent WHERE state = 'OPEN'"), 1);
}

TEST_F(IntentOwnerTest, WhatChangesWhileTheRegistryIsReadIsReadAgain) {
  const std::string name = Publish(Offer(10 * kDay))->name();
  At(kOuc).set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  // The suspension ends, and that is followed, before what was read is written.
  SetAsked([this] {
    At(kOuc).set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
    Follow(At(kOuc));
  });
  const absl::Status aligned = service.AlignIntents(*JobLease());
  ASSERT_TRUE(aligned.ok()) << aligned;
  EXPECT_EQ(Own(name).state(), v1::INTENT_STATE_OPEN);
}

TEST_F(IntentOwnerTest, ARegistryThatIsSlowIsGivenUpLongBeforeTheLeaseIs) {
  EXPECT_LE(kPatienceForAlignment, kJobLease / 4);
  ASSERT_TRUE(Publish(Offer(10 * kDay)).ok());
  PlatformAt(kLab).set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
  // It changes while it is read, each time.
  std::atomic<int> readings = 0;
  std::atomic<int> ended = 0;
  std::function<void()> again = [&] {
    ++readings;
    absl::SleepFor(absl::Milliseconds(400));
    Follow(At(kOuc));
    SetAsked(again);
    ++ended;
  };
  SetAsked(again);
  const auto lease = JobLease();
  EXPECT_FALSE(service.AlignIntents(*lease, absl::Seconds(1)).ok());
  peer.Stop();
  while (ended < readings) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_LT(readings, kMostReadings) << "the time is for all of them together";
  EXPECT_EQ(Count("intent WHERE state = 'OPEN'"), 1);
}

TEST_F(IntentOwnerTest, WhatNeedsNoRegistryDoesNotWaitForIt) {
  ASSERT_TRUE(Publish(Offer(kDay)).ok());
  clock.now += 2 * kDay;
  std::vector<std::string> when_asked;
  SetAsked([&] { when_asked = Texts("SELECT state FROM intent"); });
  Jobs jobs({database.db(), service, coverage_service, cooperation_service});
  const absl::Status run = jobs.Run();
  EXPECT_TRUE(run.ok()) << run;
  EXPECT_THAT(when_asked, ElementsAre("EXPIRED"));
}

}  // namespace
}  // namespace chanyan::pairing
