// Intents go by whose they are: offers end with their platform, and whoever is suspended publishes
// none (REG-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/api/names.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
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
  for (int64_t seq : {1, 2}) {
    journal::v1::Entry entry;
    entry.set_seq(seq);
    entry.set_type(registry::v1::Platform::descriptor()->full_name());
    entry.set_after_json(journal::CanonicalJson(platform));
    entry.set_before_json(entry.after_json());
    const absl::Status followed = database.db().Transact(
        [&](db::Session& session) { return service.FollowRegistry(session, clock.now, entry); });
    ASSERT_TRUE(followed.ok()) << followed;
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
  EXPECT_NE(Own(paired).state(), v1::INTENT_STATE_WITHDRAWN) << "it goes on as a project";
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

}  // namespace
}  // namespace chanyan::pairing
