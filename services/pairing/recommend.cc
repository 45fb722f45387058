// Recommendation of platforms (REG-6) to one who asks. What speaks for and against a platform is
// platform_advice, the score itself recommend_rules.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/discovery_service.h"
#include "services/pairing/intent_scope.h"
#include "services/pairing/recommend_words.h"

namespace chanyan::pairing {
namespace {

constexpr size_t kDefaultSuggestions = 10;

}  // namespace

absl::StatusOr<v1::Intent> DiscoveryService::IntentOf(const rpc::Call& call,
                                                      const std::string& name) {
  absl::StatusOr<v1::Intent> intent = status::NotFound(name);
  const db::Predicate scope = VisibleIntents(call.principal, deps_.store.clock.Now());
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        intent = intents_.Get(session, name, scope);
        return intent.status();
      }));
  if (intent->side() != v1::INTENT_SIDE_REQUEST) {
    return status::InvalidField("subject", "平台提供的意向没有需求可供推荐，请选择企业需求");
  }
  return intent;
}

absl::StatusOr<DiscoveryService::Subject> DiscoveryService::SubjectOf(const rpc::Call& call,
                                                                      const std::string& name,
                                                                      const std::string& text) {
  Subject subject;
  std::string words = text;
  if (absl::StartsWith(name, "organizations/")) {
    subject.enterprise = name;
    CHANYAN_RETURN_IF_ERROR(
        deps_.advice.AddEnterprise(call.principal, name, &subject.need, &words));
    CHANYAN_ASSIGN_OR_RETURN(const auto requests, deps_.advice.OpenRequestsOf(call, {name}));
    for (const auto& [enterprise, intents] : requests) {
      for (const v1::Intent& intent : intents) {
        PlatformAdvice::AddIntent(intent, &subject.need, &words);
      }
    }
  } else if (absl::StartsWith(name, "intents/")) {
    CHANYAN_ASSIGN_OR_RETURN(const v1::Intent intent, IntentOf(call, name));
    subject.enterprise = intent.organization();
    PlatformAdvice::AddIntent(intent, &subject.need, &words);
    // Who sees the intent need not see its enterprise; then nothing is known of that.
    const absl::Status added =
        deps_.advice.AddEnterprise(call.principal, intent.organization(), &subject.need, &words);
    if (!added.ok() && !absl::IsNotFound(added)) return added;
  } else if (!name.empty()) {
    return status::InvalidField("subject",
                                "推荐对象应为企业（organizations/…）或企业需求（intents/…）");
  } else if (absl::StripAsciiWhitespace(text).empty()) {
    return status::InvalidField("subject", "请填写推荐对象，或用文字描述需求（text）");
  }
  SetWords(words, &subject.need);
  return subject;
}

absl::StatusOr<PlatformAdvice::Exclusions> DiscoveryService::ExclusionsFor(
    const rpc::Call& call, const Recommender& platforms, const std::string& enterprise) {
  if (enterprise.empty()) return PlatformAdvice::Exclusions();
  CHANYAN_ASSIGN_OR_RETURN(auto exclusions,
                           deps_.advice.ExclusionsOf(call, platforms, {enterprise}));
  return std::move(exclusions[enterprise]);
}

absl::StatusOr<v1::RecommendPlatformsResponse> DiscoveryService::RecommendPlatforms(
    const rpc::Call& call, const v1::RecommendPlatformsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const Subject subject,
                           SubjectOf(call, request.subject(), request.text()));
  const absl::Time as_of = deps_.advice.as_of();
  CHANYAN_ASSIGN_OR_RETURN(const auto platforms, deps_.advice.Platforms());
  CHANYAN_ASSIGN_OR_RETURN(const auto exclusions,
                           ExclusionsFor(call, *platforms, subject.enterprise));
  const size_t limit =
      request.max_results() == 0 ? kDefaultSuggestions : static_cast<size_t>(request.max_results());
  const PlatformAdvice::Best best =
      deps_.advice.BestOf(*platforms, subject.need, exclusions, limit);
  v1::RecommendPlatformsResponse response;
  response.mutable_suggestions()->Assign(best.suggestions.begin(), best.suggestions.end());
  response.mutable_excluded()->Assign(best.excluded.begin(), best.excluded.end());
  response.set_pack_version(absl::StrCat(deps_.pack.id(), " ", deps_.pack.version()));
  if (as_of != absl::InfinitePast()) {
    *response.mutable_as_of() = time::ToTimestamp(as_of);
  }
  return response;
}

absl::StatusOr<v1::ExplainRecommendationResponse> DiscoveryService::ExplainRecommendation(
    const rpc::Call& call, const v1::ExplainRecommendationRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const Subject subject,
                           SubjectOf(call, request.subject(), request.text()));
  // The registry says whether the caller may see it; the index has no withdrawn ones.
  registry::v1::GetPlatformRequest wanted;
  wanted.set_name(request.platform());
  CHANYAN_ASSIGN_OR_RETURN(
      const auto platform,
      rpc::CallPeer<registry::v1::Platform>(deps_.peers, "registry",
                                            "chanyan.registry.v1.RegistryService.GetPlatform",
                                            wanted, rpc::As(call)));
  CHANYAN_ASSIGN_OR_RETURN(const auto platforms, deps_.advice.Platforms());
  CHANYAN_ASSIGN_OR_RETURN(const auto exclusions,
                           ExclusionsFor(call, *platforms, subject.enterprise));
  CHANYAN_ASSIGN_OR_RETURN(const Offer offer, deps_.advice.OfferOf(platform));
  v1::ExplainRecommendationResponse response;
  v1::Suggestion& suggestion = *response.mutable_suggestion();
  suggestion = deps_.advice.SuggestionOf(*platforms, subject.need, offer);
  if (platform.state() != registry::v1::PLATFORM_STATE_PUBLISHED) {
    *suggestion.add_exclusions() =
        MakeExclusion(v1::EXCLUSION_KIND_NOT_PUBLISHED,
                      absl::StrCat("平台状态为“", policy::LabelOf(platform.state()), "”"));
  }
  if (const auto excluded = exclusions.find(offer.name); excluded != exclusions.end()) {
    for (const v1::Exclusion& exclusion : excluded->second) {
      *suggestion.add_exclusions() = exclusion;
    }
  }
  // One that is not among the published platforms, or has changed hands since, is no less its own.
  if (!subject.enterprise.empty() && offer.organization == subject.enterprise &&
      std::none_of(suggestion.exclusions().begin(), suggestion.exclusions().end(),
                   [](const auto& one) { return one.kind() == v1::EXCLUSION_KIND_OWN; })) {
    *suggestion.add_exclusions() = OwnExclusion();
  }
  if (deps_.advice.PointsOf(*platforms, subject.need, offer).Content() <
      deps_.advice.least_content_points()) {
    *suggestion.add_exclusions() =
        MakeExclusion(v1::EXCLUSION_KIND_NO_MATCH, "用语、产业和共建类型上没有足够的相合之处");
  }
  response.set_pack_version(absl::StrCat(deps_.pack.id(), " ", deps_.pack.version()));
  return response;
}

}  // namespace chanyan::pairing
