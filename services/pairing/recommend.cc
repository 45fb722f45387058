// Recommendation of platforms (REG-6): who needs, what is offered, what speaks against it. The
// score itself is recommend_rules.
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

using registry::v1::Organization;

constexpr size_t kDefaultSuggestions = 10;
// The newest requests of an enterprise that say what it needs.
constexpr char kNewestRequests[] = "create_time DESC, name LIMIT 10";

void AddIntent(const v1::Intent& intent, Need* need, std::string* words) {
  absl::StrAppend(words, kBetweenTexts, intent.title(), kBetweenTexts, intent.content());
  for (const std::string& kind : intent.kinds()) need->kinds.push_back(kind);
  for (const std::string& industry : intent.industries()) need->industries.push_back(industry);
}

v1::Exclusion Exclude(v1::ExclusionKind kind, std::string text, const std::string& resource = "") {
  v1::Exclusion exclusion;
  exclusion.set_kind(kind);
  exclusion.set_text(std::move(text));
  exclusion.set_resource(resource);
  return exclusion;
}

// `owner` says where it stands.
Offer OfferOf(const registry::v1::Platform& platform, const Organization& owner) {
  Offer offer;
  offer.name = platform.name();
  offer.title = platform.display_name();
  offer.organization_title = platform.organization_title();
  offer.terms = WordsOf(platform);
  offer.industries.assign(platform.industries().begin(), platform.industries().end());
  offer.zone = owner.zone();
  offer.region_code = owner.region_code();
  offer.kind = platform.kind();
  offer.confirmed = time::DayOf(
      time::ToTime(platform.has_confirm_time() ? platform.confirm_time() : platform.update_time()));
  return offer;
}

v1::Suggestion SuggestionOf(const Weighing& weighing, const Recommender& platforms,
                            const Need& need, const Offer& offer) {
  v1::Suggestion suggestion;
  suggestion.set_platform(offer.name);
  suggestion.set_platform_title(offer.title);
  suggestion.set_organization_title(offer.organization_title);
  suggestion.set_score(Weigh(weighing, platforms.rarity(), need, offer, platforms.today()).Score());
  for (v1::RecommendationReason& reason :
       Reasons(weighing, platforms.rarity(), need, offer, platforms.today())) {
    *suggestion.add_reasons() = std::move(reason);
  }
  return suggestion;
}

}  // namespace

absl::Status DiscoveryService::AddEnterprise(const rpc::Call& call, const std::string& name,
                                             Subject* subject, std::string* words) {
  CHANYAN_ASSIGN_OR_RETURN(const auto row, deps_.index.Get(name));
  if (row->GetDescriptor() != Organization::descriptor() ||
      !auth::Reaches(call.principal, *row, options::v1::ACCESS_READ)) {
    return status::NotFound(name);
  }
  const auto& organization = static_cast<const Organization&>(*row);
  if (organization.kind() != registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
    return status::InvalidField("subject",
                                absl::StrCat("“", organization.display_name(), "”不是企业"));
  }
  Need& need = subject->need;
  need.zone = organization.zone();
  need.region_code = organization.region_code();
  for (const std::string& industry : organization.industries()) {
    need.industries.push_back(industry);
  }
  absl::StrAppend(words, kBetweenTexts, organization.display_name());
  return absl::OkStatus();
}

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

absl::StatusOr<std::vector<v1::Intent>> DiscoveryService::OpenRequestsOf(
    const rpc::Call& call, const std::string& enterprise) {
  std::vector<v1::Intent> intents;
  const absl::Time now = deps_.store.clock.Now();
  const db::Predicate rows =
      db::And(auth::Readable<v1::Intent>(call.principal),
              {"organization = ? AND side = 'REQUEST' AND state = 'OPEN' AND expire_time > ?",
               {enterprise, now}});
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(intents, intents_.Select(session, rows, kNewestRequests));
        return absl::OkStatus();
      }));
  return intents;
}

absl::StatusOr<DiscoveryService::Subject> DiscoveryService::SubjectOf(const rpc::Call& call,
                                                                      const std::string& name,
                                                                      const std::string& text) {
  Subject subject;
  std::string words = text;
  if (absl::StartsWith(name, "organizations/")) {
    subject.enterprise = name;
    CHANYAN_RETURN_IF_ERROR(AddEnterprise(call, name, &subject, &words));
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Intent> requests, OpenRequestsOf(call, name));
    for (const v1::Intent& intent : requests) AddIntent(intent, &subject.need, &words);
  } else if (absl::StartsWith(name, "intents/")) {
    CHANYAN_ASSIGN_OR_RETURN(const v1::Intent intent, IntentOf(call, name));
    subject.enterprise = intent.organization();
    AddIntent(intent, &subject.need, &words);
    // Who sees the intent need not see its enterprise; then nothing is known of that.
    const absl::Status added = AddEnterprise(call, intent.organization(), &subject, &words);
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

absl::StatusOr<DiscoveryService::Exclusions> DiscoveryService::ExclusionsFor(
    const rpc::Call& call, const std::string& enterprise) {
  Exclusions exclusions;
  if (enterprise.empty()) return exclusions;
  const db::Predicate projects =
      db::And(auth::Readable<v1::Project>(call.principal),
              {"enterprise = ? AND state <> 'TERMINATED'", {enterprise}});
  const db::Predicate dismissals =
      db::And(auth::Readable<v1::Dismissal>(call.principal), {"enterprise = ?", {enterprise}});
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        exclusions.clear();
        CHANYAN_ASSIGN_OR_RETURN(const auto paired, projects_.Select(session, projects));
        for (const v1::Project& project : paired) {
          exclusions[project.platform()].push_back(
              Exclude(v1::EXCLUSION_KIND_PAIRED,
                      absl::StrCat("已有项目“", project.title(), "”（",
                                   policy::LabelOf(project.state()), "）"),
                      project.name()));
        }
        CHANYAN_ASSIGN_OR_RETURN(const auto dismissed, dismissals_.Select(session, dismissals));
        for (const v1::Dismissal& dismissal : dismissed) {
          exclusions[dismissal.platform()].push_back(
              Exclude(v1::EXCLUSION_KIND_DISMISSED,
                      absl::StrCat(dismissal.organization() == enterprise ? "企业" : "责任单位",
                                   "反馈不合适：", dismissal.reason()),
                      dismissal.name()));
        }
        return absl::OkStatus();
      }));
  return exclusions;
}

absl::StatusOr<Organization> DiscoveryService::OwnerOf(const std::string& name) const {
  const auto row = deps_.index.Get(name);
  if (absl::IsNotFound(row.status())) return Organization();
  if (!row.ok()) return row.status();
  if ((*row)->GetDescriptor() != Organization::descriptor()) return Organization();
  return static_cast<const Organization&>(**row);
}

absl::StatusOr<std::shared_ptr<const Recommender>> DiscoveryService::Platforms() {
  if (weighing_ == nullptr) return Weighing::Make(deps_.pack).status();
  const std::string& type = registry::v1::Platform::descriptor()->full_name();
  const absl::CivilDay today = time::DayOf(deps_.store.clock.Now());
  // Whoever comes while it is being arranged waits for it rather than doing the same.
  absl::MutexLock lock(&mutex_);
  CHANYAN_ASSIGN_OR_RETURN(std::string version, deps_.index.VersionOf(type));
  absl::StrAppend(&version, "@", time::FormatDate(today));
  if (version == platforms_version_) return platforms_;
  std::vector<registry::v1::Platform> published;
  CHANYAN_RETURN_IF_ERROR(deps_.index.ForEach(type, [&](const google::protobuf::Message& row) {
    const auto& platform = static_cast<const registry::v1::Platform&>(row);
    if (platform.state() == registry::v1::PLATFORM_STATE_PUBLISHED) published.push_back(platform);
  }));
  absl::flat_hash_map<std::string, Organization> owners;
  std::vector<Offer> offers;
  offers.reserve(published.size());
  for (const registry::v1::Platform& platform : published) {
    const auto [owner, fresh] = owners.try_emplace(platform.organization());
    if (fresh) {
      CHANYAN_ASSIGN_OR_RETURN(owner->second, OwnerOf(platform.organization()));
    }
    offers.push_back(OfferOf(platform, owner->second));
  }
  platforms_ = std::make_shared<const Recommender>(*weighing_, std::move(offers), today);
  platforms_version_ = std::move(version);
  return platforms_;
}

absl::StatusOr<v1::RecommendPlatformsResponse> DiscoveryService::RecommendPlatforms(
    const rpc::Call& call, const v1::RecommendPlatformsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const Subject subject,
                           SubjectOf(call, request.subject(), request.text()));
  CHANYAN_ASSIGN_OR_RETURN(const Exclusions exclusions, ExclusionsFor(call, subject.enterprise));
  const absl::Time as_of = deps_.index.stats().as_of;
  CHANYAN_ASSIGN_OR_RETURN(const std::shared_ptr<const Recommender> platforms, Platforms());
  const size_t limit =
      request.max_results() == 0 ? kDefaultSuggestions : static_cast<size_t>(request.max_results());
  v1::RecommendPlatformsResponse response;
  for (const Ranked& ranked : platforms->Top(subject.need, limit + exclusions.size())) {
    if (static_cast<size_t>(response.suggestions_size()) == limit) break;
    const Offer& offer = platforms->offers()[ranked.offer];
    v1::Suggestion suggestion = SuggestionOf(*weighing_, *platforms, subject.need, offer);
    const auto excluded = exclusions.find(offer.name);
    if (excluded == exclusions.end()) {
      *response.add_suggestions() = std::move(suggestion);
    } else {
      suggestion.mutable_exclusions()->Assign(excluded->second.begin(), excluded->second.end());
      *response.add_excluded() = std::move(suggestion);
    }
  }
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
  CHANYAN_ASSIGN_OR_RETURN(const Exclusions exclusions, ExclusionsFor(call, subject.enterprise));
  CHANYAN_ASSIGN_OR_RETURN(const std::shared_ptr<const Recommender> platforms, Platforms());
  CHANYAN_ASSIGN_OR_RETURN(const Organization owner, OwnerOf(platform.organization()));
  const Offer offer = OfferOf(platform, owner);
  v1::ExplainRecommendationResponse response;
  v1::Suggestion& suggestion = *response.mutable_suggestion();
  suggestion = SuggestionOf(*weighing_, *platforms, subject.need, offer);
  if (platform.state() != registry::v1::PLATFORM_STATE_PUBLISHED) {
    *suggestion.add_exclusions() =
        Exclude(v1::EXCLUSION_KIND_NOT_PUBLISHED,
                absl::StrCat("平台状态为“", policy::LabelOf(platform.state()), "”"));
  }
  if (const auto excluded = exclusions.find(offer.name); excluded != exclusions.end()) {
    for (const v1::Exclusion& exclusion : excluded->second) {
      *suggestion.add_exclusions() = exclusion;
    }
  }
  const Points points =
      Weigh(*weighing_, platforms->rarity(), subject.need, offer, platforms->today());
  if (points.Content() < static_cast<int>(weighing_->plan().least_content_points())) {
    *suggestion.add_exclusions() =
        Exclude(v1::EXCLUSION_KIND_NO_MATCH, "用语、产业和共建类型上没有足够的相合之处");
  }
  response.set_pack_version(absl::StrCat(deps_.pack.id(), " ", deps_.pack.version()));
  return response;
}

}  // namespace chanyan::pairing
