#include "services/pairing/recommender.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace chanyan::pairing {
namespace {

std::vector<Offer> InOrder(std::vector<Offer> offers) {
  std::sort(offers.begin(), offers.end(), [](const Offer& a, const Offer& b) {
    return std::tie(a.title, a.name) < std::tie(b.title, b.name);
  });
  return offers;
}

}  // namespace

Recommender::Recommender(const Weighing& weighing, std::vector<Offer> offers, absl::CivilDay today)
    : weighing_(weighing),
      offers_(InOrder(std::move(offers))),
      rarity_(RarityOf(offers_)),
      today_(today),
      spots_(offers_.size()),
      freshness_(offers_.size()) {
  for (uint32_t i = 0; i < offers_.size(); ++i) {
    const Offer& offer = offers_[i];
    for (const std::string& term : offer.terms) words_[term].offers.push_back(i);
    for (const std::string& industry : offer.industries) industries_[industry].push_back(i);
    const policy::Whereabouts where = weighing.Where(offer.zone, offer.region_code);
    spots_[i] = {NumberOf(where.place), NumberOf(where.district), NumberOf(where.city)};
    freshness_[i] = weighing.FreshnessPoints(offer.confirmed, today);
  }
  for (auto& [term, word] : words_) word.rarity = rarity_.Of(term);
}

uint32_t Recommender::NumberOf(const std::string& place) {
  if (place.empty()) return 0;
  return place_numbers_.emplace(place, place_numbers_.size() + 1).first->second;
}

uint32_t Recommender::FindNumber(const std::string& place) const {
  const auto found = place_numbers_.find(place);
  return found == place_numbers_.end() ? 0 : found->second;
}

void Recommender::AddWords(const Need& need, std::vector<uint32_t>* milli_bits) const {
  absl::flat_hash_set<absl::string_view> seen;
  for (const search::PlacedTerm& term : need.terms) {
    if (!seen.insert(term.term).second) continue;
    const auto word = words_.find(term.term);
    if (word == words_.end()) continue;
    for (const uint32_t offer : word->second.offers) (*milli_bits)[offer] += word->second.rarity;
  }
}

void Recommender::AddIndustries(const Need& need, std::vector<uint32_t>* permille) const {
  for (const std::string& wanted : need.industries) {
    const Weighing::Related* related = weighing_.RelatedTo(wanted);
    if (related == nullptr) continue;
    for (const auto& [industry, share] : *related) {
      const auto offers = industries_.find(industry);
      if (offers == industries_.end()) continue;
      for (const uint32_t offer : offers->second) {
        (*permille)[offer] = std::max((*permille)[offer], share);
      }
    }
  }
}

std::vector<Ranked> Recommender::Top(const Need& need, size_t limit) const {
  std::vector<uint32_t> milli_bits(offers_.size()), permille(offers_.size());
  AddWords(need, &milli_bits);
  AddIndustries(need, &permille);
  const policy::v1::RecommendationPlan& plan = weighing_.plan();
  // Every combination of what may be the same, as points.
  const policy::Whereabouts here{"p", "d", "c"};
  const int by_place[] = {weighing_.PlacePoints(here, here),
                          weighing_.PlacePoints(here, {"", "d", "c"}),
                          weighing_.PlacePoints(here, {"", "", "c"})};
  const policy::Whereabouts where = weighing_.Where(need.zone, need.region_code);
  const Spot spot = {FindNumber(where.place), FindNumber(where.district), FindNumber(where.city)};
  bool fits[registry::v1::PlatformKind_ARRAYSIZE] = {};
  for (int kind = 0; kind < registry::v1::PlatformKind_ARRAYSIZE; ++kind) {
    fits[kind] = std::any_of(need.kinds.begin(), need.kinds.end(), [&](const std::string& wanted) {
      return weighing_.Fits(wanted, static_cast<registry::v1::PlatformKind>(kind));
    });
  }
  const auto fits_one = [&fits](registry::v1::PlatformKind kind) {
    return registry::v1::PlatformKind_IsValid(kind) && fits[kind];
  };
  const auto least = static_cast<int>(plan.least_content_points());
  std::vector<Ranked> ranked;
  for (size_t i = 0; i < offers_.size(); ++i) {
    int score = fits_one(offers_[i].kind) ? static_cast<int>(plan.co_build_weight()) : 0;
    if (milli_bits[i] > 0) score += weighing_.WordsPoints(milli_bits[i]);
    if (permille[i] > 0) score += weighing_.IndustryPoints(permille[i]);
    if (score < least) continue;
    const Spot& other = spots_[i];
    if (spot.place != 0 && spot.place == other.place) {
      score += by_place[0];
    } else if (spot.district != 0 && spot.district == other.district) {
      score += by_place[1];
    } else if (spot.city != 0 && spot.city == other.city) {
      score += by_place[2];
    }
    ranked.push_back({i, score + freshness_[i]});
  }
  const size_t count = std::min(limit, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<ptrdiff_t>(count), ranked.end(),
                    [](const Ranked& a, const Ranked& b) {
                      return a.score != b.score ? a.score > b.score : a.offer < b.offer;
                    });
  ranked.resize(count);
  return ranked;
}

}  // namespace chanyan::pairing
