#include "tests/service/pairing/discovery_world.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/db/lease.h"
#include "common/journal/reader.h"
#include "common/journal/sealer.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"

namespace chanyan::pairing {
DiscoveryWorld::DiscoveryWorld() {
  auto made = search::Sources::Make(DiscoverySources());
  EXPECT_TRUE(made.ok()) << made.status();
  sources = *std::move(made);
  sealer_ = std::make_unique<db::Lease>(database.db(), "sealer", "test", absl::Minutes(5));
  search::Index::Options options;
  options.dir = directory.path();
  options.journals = {
      {"registry", registry_journal.Source()},
      {"pairing",
       [this](int64_t after, int limit) -> absl::StatusOr<std::vector<journal::v1::Entry>> {
         std::vector<journal::v1::Entry> entries;
         CHANYAN_RETURN_IF_ERROR(database.db().Read([&](db::Session& session) -> absl::Status {
           CHANYAN_ASSIGN_OR_RETURN(entries, journal::SealedAfter(session, after, limit));
           return absl::OkStatus();
         }));
         return entries;
       }}};
  auto opened = search::Index::Open({*sources, clock, log::Logger("test", log::Level::kError)},
                                    std::move(options));
  EXPECT_TRUE(opened.ok()) << opened.status();
  index = *std::move(opened);
  auto advice_made = PlatformAdvice::Make({{database.db(), clock, nullptr}, *pack, *index});
  EXPECT_TRUE(advice_made.ok()) << advice_made.status();
  advice = *std::move(advice_made);
  discovery = std::make_unique<DiscoveryService>(DiscoveryService::Deps{
      {database.db(), clock, nullptr}, *pack, peer.peers(), *sources, *index, *advice});

  for (const char* name : {kOuc, kUpc, kZone, kTown}) Write(At(name));
  for (int i = 1; i <= 3; ++i) Write(At(Enterprise(i)));
  Write(MakePlatform(kLab, "海洋腐蚀与防护实验室（演示）"));
  Write(MakePlatform(kCenter, "低空装备检测中心（演示）"));
  registry::v1::Platform pilot = MakePlatform(kPilotLine, "海洋药物中试平台（演示）");
  pilot.set_kind(registry::v1::PLATFORM_KIND_PILOT_TEST);
  Write(pilot);
  registry::v1::Platform draft = MakePlatform(kDraft, "海洋卫星实验室（演示）");
  draft.set_state(registry::v1::PLATFORM_STATE_DRAFT);
  Write(draft);
  const absl::Status built = index->Rebuild();
  EXPECT_TRUE(built.ok()) << built;
}

rpc::Call DiscoveryWorld::Call(options::v1::Role role, absl::string_view organization,
                               absl::string_view method) {
  return testing::CallAs(role, organization,
                         absl::StrCat("chanyan.pairing.v1.DiscoveryService.", method));
}

void DiscoveryWorld::Write(const registry::v1::Organization& organization) {
  registry::v1::Organization row = organization;
  *row.mutable_update_time() = time::ToTimestamp(clock.now);
  At(row.name()) = row;
  registry_journal.Write(row);
}

void DiscoveryWorld::Write(const registry::v1::Platform& platform) {
  registry::v1::Platform row = platform;
  *row.mutable_update_time() = time::ToTimestamp(clock.now);
  PlatformAt(row.name()) = row;
  registry_journal.Write(row);
}

void DiscoveryWorld::Write(const registry::v1::Instrument& instrument) {
  registry::v1::Instrument row = instrument;
  *row.mutable_update_time() = time::ToTimestamp(clock.now);
  registry_journal.Write(row);
}

registry::v1::Platform DiscoveryWorld::MakePlatform(const std::string& name,
                                                    const std::string& title) {
  registry::v1::Platform platform;
  platform.set_name(name);
  platform.set_organization(std::string(api::ParentOfName(name)));
  platform.set_organization_title(At(platform.organization()).display_name());
  platform.set_display_name(title);
  platform.set_kind(registry::v1::PLATFORM_KIND_LABORATORY);
  platform.set_level(registry::v1::PLATFORM_LEVEL_PROVINCIAL);
  platform.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
  *platform.mutable_confirm_time() = time::ToTimestamp(clock.now);
  return platform;
}

void DiscoveryWorld::Settle() {
  ASSERT_TRUE(sealer_->Acquire().ok());
  while (true) {
    const auto sealed = journal::SealOnce(database.db(), *sealer_);
    ASSERT_TRUE(sealed.ok()) << sealed.status();
    if (*sealed == 0) break;
  }
  const absl::Status followed = index->Follow();
  ASSERT_TRUE(followed.ok()) << followed;
}

absl::StatusOr<v1::SearchResponse> DiscoveryWorld::Search(const rpc::Call& call,
                                                          const v1::SearchRequest& request) {
  return discovery->Search(call, request);
}

std::vector<std::string> DiscoveryWorld::Found(options::v1::Role role,
                                               absl::string_view organization,
                                               const std::string& query) {
  v1::SearchRequest request;
  request.set_query(query);
  const auto response = Search(Call(role, organization), request);
  EXPECT_TRUE(response.ok()) << response.status();
  std::vector<std::string> names;
  if (!response.ok()) return names;
  for (const v1::SearchHit& hit : response->hits()) names.push_back(hit.resource());
  EXPECT_EQ(response->total_size(), static_cast<int32_t>(names.size()));
  return names;
}

absl::StatusOr<v1::RecommendPlatformsResponse> DiscoveryWorld::Recommend(const rpc::Call& call,
                                                                         const std::string& subject,
                                                                         const std::string& text) {
  v1::RecommendPlatformsRequest request;
  request.set_subject(subject);
  request.set_text(text);
  return discovery->RecommendPlatforms(call, request);
}

absl::StatusOr<v1::Suggestion> DiscoveryWorld::Explain(const rpc::Call& call,
                                                       const std::string& platform,
                                                       const std::string& subject,
                                                       const std::string& text) {
  v1::ExplainRecommendationRequest request;
  request.set_platform(platform);
  request.set_subject(subject);
  request.set_text(text);
  CHANYAN_ASSIGN_OR_RETURN(const v1::ExplainRecommendationResponse response,
                           discovery->ExplainRecommendation(call, request));
  return response.suggestion();
}

absl::StatusOr<v1::Dismissal> DiscoveryWorld::Dismiss(const rpc::Call& call, int enterprise,
                                                      const std::string& platform,
                                                      const std::string& reason) {
  v1::CreateDismissalRequest request;
  request.mutable_dismissal()->set_enterprise(Enterprise(enterprise));
  request.mutable_dismissal()->set_platform(platform);
  request.mutable_dismissal()->set_reason(reason);
  request.set_request_id(api::NewUuid());
  return discovery->CreateDismissal(call, request);
}

v1::Intent DiscoveryWorld::PublishRequest(int enterprise, const std::string& title,
                                          const std::string& content) {
  v1::CreateIntentRequest request;
  v1::Intent& intent = *request.mutable_intent();
  intent.set_side(v1::INTENT_SIDE_REQUEST);
  intent.add_kinds("中试验证平台");
  intent.set_title(title);
  intent.set_content(content);
  *intent.mutable_expire_time() = time::ToTimestamp(clock.now + absl::Hours(24));
  request.set_request_id(api::NewUuid());
  const auto made = service.CreateIntent(
      As(options::v1::ROLE_ENTERPRISE, Enterprise(enterprise), "CreateIntent"), request);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? *made : v1::Intent();
}

}  // namespace chanyan::pairing
