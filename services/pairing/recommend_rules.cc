#include "services/pairing/recommend_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/search/quote.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::pairing {
namespace {

constexpr char kKindPrefix[] = "PLATFORM_KIND_";

bool Has(const Offer& offer, const std::string& term) {
  return std::binary_search(offer.terms.begin(), offer.terms.end(), term);
}

// Terms that both have, summed up by rarity, each once.
uint64_t SharedRarity(const Rarity& rarity, const Need& need, const Offer& offer) {
  return search::SharedRarity(
      need, [&](const std::string& term) { return Has(offer, term); },
      [&](const std::string& term) { return rarity.Of(term); });
}

// The nearest pair of industries: thousandths, and both by name.
struct Nearest {
  uint32_t permille = 0;
  std::string of_need;
  std::string of_offer;
};

Nearest NearestIndustries(const Weighing& weighing, const Need& need, const Offer& offer) {
  Nearest nearest;
  for (const std::string& of_need : need.industries) {
    for (const std::string& of_offer : offer.industries) {
      const uint32_t permille = weighing.Relation(of_need, of_offer);
      if (permille > nearest.permille) nearest = {permille, of_need, of_offer};
    }
  }
  return nearest;
}

// The first wanted kind that fits; empty if none does.
std::string FittingKind(const Weighing& weighing, const Need& need, const Offer& offer) {
  for (const std::string& kind : need.kinds) {
    if (weighing.Fits(kind, offer.kind)) return kind;
  }
  return "";
}

v1::RecommendationReason Reason(v1::ReasonKind kind, std::string text, int points) {
  v1::RecommendationReason reason;
  reason.set_kind(kind);
  reason.set_text(std::move(text));
  reason.set_points(points);
  return reason;
}

void AddWords(const Rarity& rarity, const Need& need, const Offer& offer, int points,
              std::vector<v1::RecommendationReason>* reasons) {
  const std::vector<search::Phrase> phrases = search::SharedPhrases(
      need, [&](const std::string& term) { return Has(offer, term); },
      [&](const std::string& term) { return rarity.Of(term); });
  for (search::Quote& quote : search::QuotePhrases(need, phrases, points)) {
    reasons->push_back(Reason(v1::REASON_KIND_WORDS, std::move(quote.text), quote.points));
  }
}

std::string IndustryText(const Nearest& nearest) {
  if (nearest.permille == policy::kWholePermille)
    return absl::StrCat("同属“", nearest.of_need, "”产业");
  return absl::StrCat("“", nearest.of_need, "”与“", nearest.of_offer, "”产业相关");
}

}  // namespace

Rarity RarityOf(const std::vector<Offer>& offers) {
  Rarity rarity;
  for (const Offer& offer : offers) rarity.Add(offer.terms);
  return rarity;
}

absl::StatusOr<std::unique_ptr<const Weighing>> Weighing::Make(const policy::Pack& pack) {
  if (!pack.proto().has_recommendation()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("政策包“", pack.id(), "”没有推荐参数，不能推荐科创平台"));
  }
  std::unique_ptr<Weighing> weighing(new Weighing(pack));
  CHANYAN_RETURN_IF_ERROR(weighing->ReadFits());
  return weighing;
}

absl::Status Weighing::ReadFits() {
  for (const policy::v1::CoBuildFit& fit : plan().co_build_fits()) {
    const policy::v1::CoBuildKind* kind = pack().FindCoBuildKind(fit.co_build_kind());
    if (kind == nullptr) continue;
    for (const std::string& name : fit.platform_kinds()) {
      registry::v1::PlatformKind platform;
      if (!registry::v1::PlatformKind_Parse(absl::StrCat(kKindPrefix, name), &platform)) {
        return status::FailedPrecondition(
            options::v1::ERROR_REASON_WRONG_STATE,
            absl::StrCat("政策包推荐参数中没有“", name, "”这种平台类型"));
      }
      fits_[kind->display_name()].insert(platform);
    }
  }
  return absl::OkStatus();
}

bool Weighing::Fits(const std::string& co_build_kind, registry::v1::PlatformKind kind) const {
  const auto found = fits_.find(co_build_kind);
  return found != fits_.end() && found->second.contains(kind);
}

Points Weigh(const Weighing& weighing, const Rarity& rarity, const Need& need, const Offer& offer,
             absl::CivilDay today) {
  Points points;
  points.words = weighing.WordsPoints(SharedRarity(rarity, need, offer));
  points.industry = weighing.IndustryPoints(NearestIndustries(weighing, need, offer).permille);
  points.place = weighing.PlacePoints(weighing.Where(need.zone, need.region_code),
                                      weighing.Where(offer.zone, offer.region_code));
  if (!FittingKind(weighing, need, offer).empty()) {
    points.co_build = static_cast<int>(weighing.plan().co_build_weight());
  }
  points.freshness = weighing.FreshnessPoints(offer.confirmed, today);
  return points;
}

std::vector<v1::RecommendationReason> Reasons(const Weighing& weighing, const Rarity& rarity,
                                              const Need& need, const Offer& offer,
                                              absl::CivilDay today) {
  const Points points = Weigh(weighing, rarity, need, offer, today);
  std::vector<v1::RecommendationReason> reasons;
  const auto add = [&reasons](v1::ReasonKind kind, int part, std::string text) {
    if (part > 0) reasons.push_back(Reason(kind, std::move(text), part));
  };
  AddWords(rarity, need, offer, points.words, &reasons);
  add(v1::REASON_KIND_INDUSTRY, points.industry,
      IndustryText(NearestIndustries(weighing, need, offer)));
  add(v1::REASON_KIND_PLACE, points.place,
      weighing.PlaceText(weighing.Where(need.zone, need.region_code),
                         weighing.Where(offer.zone, offer.region_code)));
  add(v1::REASON_KIND_CO_BUILD, points.co_build,
      absl::StrCat(policy::LabelOf(offer.kind), "适合共建“", FittingKind(weighing, need, offer),
                   "”"));
  add(v1::REASON_KIND_FRESHNESS, points.freshness,
      absl::StrCat("平台信息于", time::FormatDateZh(offer.confirmed), "确认"));
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.points() > b.points(); });
  return reasons;
}

}  // namespace chanyan::pairing
