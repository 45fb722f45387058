#include "services/pairing/platform_advice.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/recommend_words.h"
#include "services/pairing/select_in.h"

namespace chanyan::pairing {
namespace {

using registry::v1::Organization;

// The newest requests of an enterprise say what it needs.
constexpr size_t kMostRequests = 10;
constexpr char kNewestFirst[] = "create_time DESC, name";

// `owner` says where it stands.
Offer MakeOffer(const registry::v1::Platform& platform, const Organization& owner) {
  Offer offer;
  offer.name = platform.name();
  offer.title = platform.display_name();
  offer.organization_title = platform.organization_title();
  offer.organization = platform.organization();
  offer.terms = WordsOf(platform);
  offer.industries.assign(platform.industries().begin(), platform.industries().end());
  offer.zone = owner.zone();
  offer.region_code = owner.region_code();
  offer.kind = platform.kind();
  offer.confirmed = time::DayOf(
      time::ToTime(platform.has_confirm_time() ? platform.confirm_time() : platform.update_time()));
  return offer;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PlatformAdvice>> PlatformAdvice::Make(Deps deps) {
  std::unique_ptr<const Weighing> weighing;
  if (deps.pack.proto().has_recommendation()) {
    CHANYAN_ASSIGN_OR_RETURN(weighing, Weighing::Make(deps.pack));
  }
  return std::unique_ptr<PlatformAdvice>(new PlatformAdvice(std::move(deps), std::move(weighing)));
}

PlatformAdvice::PlatformAdvice(Deps deps, std::unique_ptr<const Weighing> weighing)
    : deps_(std::move(deps)), weighing_(std::move(weighing)) {}

absl::Status PlatformAdvice::AddEnterprise(const auth::Principal& principal,
                                           const std::string& name, Need* need,
                                           std::string* words) const {
  CHANYAN_ASSIGN_OR_RETURN(const auto row, deps_.index.Get(name));
  if (row->GetDescriptor() != Organization::descriptor() ||
      !auth::Reaches(principal, *row, options::v1::ACCESS_READ)) {
    return status::NotFound(name);
  }
  const auto& organization = static_cast<const Organization&>(*row);
  if (organization.kind() != registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
    return status::InvalidField("subject",
                                absl::StrCat("“", organization.display_name(), "”不是企业"));
  }
  need->zone = organization.zone();
  need->region_code = organization.region_code();
  for (const std::string& industry : organization.industries()) {
    need->industries.push_back(industry);
  }
  absl::StrAppend(words, kBetweenTexts, organization.display_name());
  return absl::OkStatus();
}

void PlatformAdvice::AddIntent(const v1::Intent& intent, Need* need, std::string* words) {
  absl::StrAppend(words, kBetweenTexts, intent.title(), kBetweenTexts, intent.content());
  for (const std::string& kind : intent.kinds()) need->kinds.push_back(kind);
  for (const std::string& industry : intent.industries()) need->industries.push_back(industry);
}

absl::StatusOr<PlatformAdvice::ByName<std::vector<v1::Intent>>> PlatformAdvice::OpenRequestsOf(
    const rpc::Call& call, const std::vector<std::string>& enterprises) const {
  ByName<std::vector<v1::Intent>> requests;
  const db::Predicate open = db::And(
      auth::Readable<v1::Intent>(call.principal),
      {"side = 'REQUEST' AND state = 'OPEN' AND expire_time > ?", {deps_.store.clock.Now()}});
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        requests.clear();
        return SelectIn(session, intents_, "organization", enterprises, open, kNewestFirst,
                        [&](v1::Intent intent) {
                          std::vector<v1::Intent>& own = requests[intent.organization()];
                          if (own.size() < kMostRequests) own.push_back(std::move(intent));
                        });
      }));
  return requests;
}

absl::StatusOr<PlatformAdvice::ByName<PlatformAdvice::Exclusions>> PlatformAdvice::ExclusionsOf(
    const rpc::Call& call, const Recommender& platforms,
    const std::vector<std::string>& enterprises) const {
  ByName<Exclusions> exclusions;
  const db::Predicate living =
      db::And(auth::Readable<v1::Project>(call.principal), {"state <> 'TERMINATED'", {}});
  const auto paired = [&](const v1::Project& project) {
    exclusions[project.enterprise()][project.platform()].push_back(MakeExclusion(
        v1::EXCLUSION_KIND_PAIRED,
        absl::StrCat("已有项目“", project.title(), "”（", policy::LabelOf(project.state()), "）"),
        project.name()));
  };
  const auto dismissed = [&](const v1::Dismissal& dismissal) {
    exclusions[dismissal.enterprise()][dismissal.platform()].push_back(MakeExclusion(
        v1::EXCLUSION_KIND_DISMISSED,
        absl::StrCat(dismissal.organization() == dismissal.enterprise() ? "企业" : "责任单位",
                     "反馈不合适：", dismissal.reason()),
        dismissal.name()));
  };
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        exclusions.clear();
        CHANYAN_RETURN_IF_ERROR(
            SelectIn(session, projects_, "enterprise", enterprises, living, "name", paired));
        return SelectIn(session, dismissals_, "enterprise", enterprises,
                        auth::Readable<v1::Dismissal>(call.principal), "name", dismissed);
      }));
  const absl::flat_hash_set<std::string> asked(enterprises.begin(), enterprises.end());
  for (const Offer& offer : platforms.offers()) {
    if (!asked.contains(offer.organization)) continue;
    exclusions[offer.organization][offer.name].push_back(OwnExclusion());
  }
  return exclusions;
}

absl::StatusOr<Organization> PlatformAdvice::OwnerOf(const std::string& name) const {
  const auto row = deps_.index.Get(name);
  if (absl::IsNotFound(row.status())) return Organization();
  if (!row.ok()) return row.status();
  if ((*row)->GetDescriptor() != Organization::descriptor()) return Organization();
  return static_cast<const Organization&>(**row);
}

absl::StatusOr<Offer> PlatformAdvice::OfferOf(const registry::v1::Platform& platform) const {
  CHANYAN_ASSIGN_OR_RETURN(const Organization owner, OwnerOf(platform.organization()));
  return MakeOffer(platform, owner);
}

absl::StatusOr<std::shared_ptr<const Recommender>> PlatformAdvice::Platforms() {
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
  ByName<Organization> owners;
  std::vector<Offer> offers;
  offers.reserve(published.size());
  for (const registry::v1::Platform& platform : published) {
    const auto [owner, fresh] = owners.try_emplace(platform.organization());
    if (fresh) {
      CHANYAN_ASSIGN_OR_RETURN(owner->second, OwnerOf(platform.organization()));
    }
    offers.push_back(MakeOffer(platform, owner->second));
  }
  platforms_ = std::make_shared<const Recommender>(*weighing_, std::move(offers), today);
  platforms_version_ = std::move(version);
  return platforms_;
}

Points PlatformAdvice::PointsOf(const Recommender& platforms, const Need& need,
                                const Offer& offer) const {
  return Weigh(*weighing_, platforms.rarity(), need, offer, platforms.today());
}

v1::Suggestion PlatformAdvice::SuggestionOf(const Recommender& platforms, const Need& need,
                                            const Offer& offer) const {
  v1::Suggestion suggestion;
  suggestion.set_platform(offer.name);
  suggestion.set_platform_title(offer.title);
  suggestion.set_organization_title(offer.organization_title);
  suggestion.set_score(PointsOf(platforms, need, offer).Score());
  for (v1::RecommendationReason& reason :
       Reasons(*weighing_, platforms.rarity(), need, offer, platforms.today())) {
    *suggestion.add_reasons() = std::move(reason);
  }
  return suggestion;
}

PlatformAdvice::Best PlatformAdvice::BestOf(const Recommender& platforms, const Need& need,
                                            const Exclusions& exclusions, size_t limit) const {
  Best best;
  for (const Ranked& ranked : platforms.Top(need, limit + exclusions.size())) {
    if (best.suggestions.size() == limit) break;
    const Offer& offer = platforms.offers()[ranked.offer];
    v1::Suggestion suggestion = SuggestionOf(platforms, need, offer);
    const auto excluded = exclusions.find(offer.name);
    if (excluded == exclusions.end()) {
      best.suggestions.push_back(std::move(suggestion));
    } else {
      suggestion.mutable_exclusions()->Assign(excluded->second.begin(), excluded->second.end());
      best.excluded.push_back(std::move(suggestion));
    }
  }
  return best;
}

absl::StatusOr<PlatformAdvice::ByName<std::vector<v1::Suggestion>>> PlatformAdvice::BestOfEach(
    const rpc::Call& call, const std::vector<std::string>& enterprises, size_t limit) {
  CHANYAN_ASSIGN_OR_RETURN(const std::shared_ptr<const Recommender> platforms, Platforms());
  CHANYAN_ASSIGN_OR_RETURN(const auto requests, OpenRequestsOf(call, enterprises));
  CHANYAN_ASSIGN_OR_RETURN(const auto exclusions, ExclusionsOf(call, *platforms, enterprises));
  static const Exclusions kNone;
  ByName<std::vector<v1::Suggestion>> best;
  for (const std::string& enterprise : enterprises) {
    Need need;
    std::string words;
    const absl::Status known = AddEnterprise(call.principal, enterprise, &need, &words);
    if (absl::IsNotFound(known) || absl::IsInvalidArgument(known)) continue;
    CHANYAN_RETURN_IF_ERROR(known);
    if (const auto own = requests.find(enterprise); own != requests.end()) {
      for (const v1::Intent& intent : own->second) AddIntent(intent, &need, &words);
    }
    SetWords(words, &need);
    const auto against = exclusions.find(enterprise);
    best[enterprise] =
        BestOf(*platforms, need, against == exclusions.end() ? kNone : against->second, limit)
            .suggestions;
  }
  return best;
}

int PlatformAdvice::least_content_points() const {
  return static_cast<int>(weighing_->plan().least_content_points());
}

v1::Exclusion OwnExclusion() {
  return MakeExclusion(v1::EXCLUSION_KIND_OWN, "是该企业自己的科创平台，不算结对");
}

v1::Exclusion MakeExclusion(v1::ExclusionKind kind, std::string text, const std::string& resource) {
  v1::Exclusion exclusion;
  exclusion.set_kind(kind);
  exclusion.set_text(std::move(text));
  exclusion.set_resource(resource);
  return exclusion;
}

std::string SuggestionText(const google::protobuf::RepeatedPtrField<v1::Suggestion>& suggestions) {
  std::string text;
  for (int i = 0; i < suggestions.size(); ++i) {
    const v1::Suggestion& suggestion = suggestions[i];
    absl::StrAppend(&text, i == 0 ? "" : "\n", i + 1, ". ", suggestion.platform_title(), "（",
                    suggestion.organization_title(), "，", suggestion.score(), " 分）");
    for (int r = 0; r < suggestion.reasons_size(); ++r) {
      absl::StrAppend(&text, r == 0 ? "：" : "；", suggestion.reasons(r).text());
    }
  }
  return text;
}

}  // namespace chanyan::pairing
