#include "services/pairing/recommend_rules.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::pairing {
namespace {

constexpr uint64_t kWhole = 1000;
// Phrases that are quoted one by one.
constexpr size_t kMaxPhrases = 8;
constexpr char kKindPrefix[] = "PLATFORM_KIND_";

int Share(uint64_t weight, uint64_t part, uint64_t whole) {
  return static_cast<int>(weight * part / whole);
}

bool Has(const Offer& offer, const std::string& term) {
  return std::binary_search(offer.terms.begin(), offer.terms.end(), term);
}

// Terms that both have, summed up by rarity, each once.
uint64_t SharedRarity(const Rarity& rarity, const Need& need, const Offer& offer) {
  uint64_t sum = 0;
  absl::flat_hash_set<absl::string_view> seen;
  for (const NeedTerm& term : need.terms) {
    if (Has(offer, term.term) && seen.insert(term.term).second) sum += rarity.Of(term.term);
  }
  return sum;
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

// Shared terms that overlap in the need's text, read as one.
struct Phrase {
  uint32_t begin = 0;
  uint32_t end = 0;
  uint64_t milli_bits = 0;
};

std::vector<Phrase> SharedPhrases(const Rarity& rarity, const Need& need, const Offer& offer) {
  std::vector<Phrase> phrases;
  absl::flat_hash_set<absl::string_view> counted;
  for (const NeedTerm& term : need.terms) {
    if (!Has(offer, term.term)) continue;
    if (phrases.empty() || term.begin >= phrases.back().end) {
      phrases.push_back({term.begin, term.end, 0});
    }
    phrases.back().end = std::max(phrases.back().end, term.end);
    if (counted.insert(term.term).second) phrases.back().milli_bits += rarity.Of(term.term);
  }
  return phrases;
}

// `points` dealt out by rarity, by largest remainder: the first of equal ones gets the odd point.
std::vector<int> DealOut(int points, const std::vector<Phrase>& phrases) {
  uint64_t all = 0;
  for (const Phrase& phrase : phrases) all += phrase.milli_bits;
  std::vector<int> dealt(phrases.size());
  if (all == 0) return dealt;
  std::vector<std::pair<uint64_t, size_t>> remainders;
  int left = points;
  for (size_t i = 0; i < phrases.size(); ++i) {
    const uint64_t product = static_cast<uint64_t>(points) * phrases[i].milli_bits;
    dealt[i] = static_cast<int>(product / all);
    left -= dealt[i];
    remainders.emplace_back(product % all, i);
  }
  std::stable_sort(remainders.begin(), remainders.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (size_t i = 0; left > 0; ++i, --left) ++dealt[remainders[i].second];
  return dealt;
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
  const std::vector<Phrase> phrases = SharedPhrases(rarity, need, offer);
  const std::vector<int> dealt = DealOut(points, phrases);
  std::vector<size_t> order(phrases.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&dealt](size_t a, size_t b) { return dealt[a] > dealt[b]; });
  int rest = 0, rest_points = 0;
  for (size_t i = 0; i < order.size() && dealt[order[i]] > 0; ++i) {
    const Phrase& phrase = phrases[order[i]];
    if (i < kMaxPhrases) {
      const std::string words = absl::StrJoin(need.characters.begin() + phrase.begin,
                                              need.characters.begin() + phrase.end, "");
      reasons->push_back(
          Reason(v1::REASON_KIND_WORDS, absl::StrCat("都提到“", words, "”"), dealt[order[i]]));
    } else {
      ++rest;
      rest_points += dealt[order[i]];
    }
  }
  if (rest > 0) {
    reasons->push_back(
        Reason(v1::REASON_KIND_WORDS, absl::StrCat("另有 ", rest, " 处共同用语"), rest_points));
  }
}

std::string IndustryText(const Nearest& nearest) {
  if (nearest.permille == kWhole) return absl::StrCat("同属“", nearest.of_need, "”产业");
  return absl::StrCat("“", nearest.of_need, "”与“", nearest.of_offer, "”产业相关");
}

std::string PlaceText(const policy::Pack& pack, const Whereabouts& a, const Whereabouts& b) {
  const std::string& shared = !a.place.empty() && a.place == b.place            ? a.place
                              : !a.district.empty() && a.district == b.district ? a.district
                                                                                : a.city;
  const policy::v1::Place* place = pack.FindPlace(shared);
  return absl::StrCat("同在", place == nullptr ? shared : place->display_name());
}

}  // namespace

uint32_t MilliLog2(uint64_t numerator, uint64_t denominator) {
  if (numerator <= denominator) return 0;
  uint32_t whole = 0;
  while (numerator >= 2 * denominator) {
    denominator *= 2;
    ++whole;
  }
  // The rest lies in [1, 2): each squaring gives one more binary digit of its logarithm.
  constexpr int kDigits = 24;
  uint64_t rest = (numerator << 31) / denominator;
  uint64_t digits = 0;
  for (int i = 0; i < kDigits; ++i) {
    rest = (rest * rest) >> 31;
    digits <<= 1;
    if (rest >= uint64_t{1} << 32) {
      digits |= 1;
      rest >>= 1;
    }
  }
  return whole * 1000 + static_cast<uint32_t>((digits * 1000) >> kDigits);
}

Rarity::Rarity(const std::vector<Offer>& offers) : offers_(offers.size()) {
  for (const Offer& offer : offers) {
    for (const std::string& term : offer.terms) ++offers_with_[term];
  }
}

uint32_t Rarity::Of(const std::string& term) const {
  const auto found = offers_with_.find(term);
  return MilliLog2(offers_ + 1, found == offers_with_.end() ? 1 : found->second);
}

Weighing::Weighing(const policy::Pack& pack)
    : pack_(&pack), plan_(&pack.proto().recommendation()) {}

absl::StatusOr<std::unique_ptr<const Weighing>> Weighing::Make(const policy::Pack& pack) {
  if (!pack.proto().has_recommendation()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("政策包“", pack.id(), "”没有推荐参数，不能推荐科创平台"));
  }
  std::unique_ptr<Weighing> weighing(new Weighing(pack));
  CHANYAN_RETURN_IF_ERROR(weighing->ReadFits());
  weighing->RelateAll();
  return weighing;
}

absl::Status Weighing::ReadFits() {
  for (const policy::v1::CoBuildFit& fit : plan_->co_build_fits()) {
    const policy::v1::CoBuildKind* kind = pack_->FindCoBuildKind(fit.co_build_kind());
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

void Weighing::Relate(const std::string& a, const std::string& b, uint32_t permille) {
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    uint32_t& known = related_[from][to];
    known = std::max(known, permille);
  }
}

void Weighing::RelateAll() {
  for (const policy::v1::Taxonomy& taxonomy : pack_->proto().taxonomies()) {
    for (const policy::v1::Industry& one : taxonomy.industries()) {
      if (one.is_group()) continue;
      Relate(one.display_name(), one.display_name(), kWhole);
      for (const policy::v1::Industry& other : taxonomy.industries()) {
        const bool siblings = !one.parent_id().empty() && one.parent_id() == other.parent_id();
        const bool child = other.id() == one.parent_id() && !other.is_group();
        if (&one != &other && (siblings || child) && !other.is_group()) {
          Relate(one.display_name(), other.display_name(), plan_->same_group_permille());
        }
      }
    }
  }
  for (const policy::v1::TaxonomyMapping& mapping : pack_->proto().mappings()) {
    for (const policy::v1::MappingEntry& entry : mapping.entries()) {
      const auto* from =
          pack_->FindIndustry(absl::StrCat(mapping.from_taxonomy(), "/", entry.from_id()));
      for (const std::string& to_id : entry.to_ids()) {
        const auto* to = pack_->FindIndustry(absl::StrCat(mapping.to_taxonomy(), "/", to_id));
        if (from == nullptr || to == nullptr) continue;
        Relate(from->display_name(), to->display_name(), plan_->mapped_industry_permille());
      }
    }
  }
}

int Weighing::WordsPoints(uint64_t milli_bits) const {
  const uint64_t full = uint64_t{plan_->full_rarity_bits()} * 1000;
  return Share(plan_->words_weight(), std::min(milli_bits, full), full);
}

int Weighing::IndustryPoints(uint32_t permille) const {
  return Share(plan_->industry_weight(), permille, kWhole);
}

int Weighing::PlacePoints(const Whereabouts& a, const Whereabouts& b) const {
  const auto same = [](const std::string& x, const std::string& y) { return !x.empty() && x == y; };
  if (same(a.place, b.place)) return static_cast<int>(plan_->place_weight());
  if (same(a.district, b.district)) {
    return Share(plan_->place_weight(), plan_->same_district_permille(), kWhole);
  }
  if (same(a.city, b.city)) {
    return Share(plan_->place_weight(), plan_->same_city_permille(), kWhole);
  }
  return 0;
}

int Weighing::FreshnessPoints(absl::CivilDay confirmed, absl::CivilDay today) const {
  const int64_t age = today - confirmed;
  const int64_t fresh = plan_->fresh_days(), stale = plan_->stale_days();
  if (age <= fresh) return static_cast<int>(plan_->freshness_weight());
  if (age >= stale) return 0;
  return Share(plan_->freshness_weight(), static_cast<uint64_t>(stale - age),
               static_cast<uint64_t>(stale - fresh));
}

bool Weighing::Fits(const std::string& co_build_kind, registry::v1::PlatformKind kind) const {
  const auto found = fits_.find(co_build_kind);
  return found != fits_.end() && found->second.contains(kind);
}

const Weighing::Related* Weighing::RelatedTo(const std::string& industry) const {
  const auto found = related_.find(industry);
  return found == related_.end() ? nullptr : &found->second;
}

uint32_t Weighing::Relation(const std::string& a, const std::string& b) const {
  const Related* related = RelatedTo(a);
  if (related == nullptr) return 0;
  const auto found = related->find(b);
  return found == related->end() ? 0 : found->second;
}

Whereabouts Weighing::Where(const std::string& zone, const std::string& region_code) const {
  Whereabouts out;
  const policy::v1::Place* at = pack_->FindPlaceByName(zone);
  if (at == nullptr) at = pack_->FindPlace(region_code);
  // A zone of the whole city lies in no district; the code may know it all the same.
  const policy::v1::Place* region = pack_->FindPlace(region_code);
  for (const policy::v1::Place* start : {at, region}) {
    for (const policy::v1::Place* place = start; place != nullptr;
         place = pack_->FindPlace(place->parent_id())) {
      switch (place->kind()) {
        case policy::v1::PLACE_KIND_ZONE:
        case policy::v1::PLACE_KIND_STREET:
        case policy::v1::PLACE_KIND_TOWN:
          if (out.place.empty()) out.place = place->id();
          break;
        case policy::v1::PLACE_KIND_DISTRICT:
          if (out.district.empty()) out.district = place->id();
          break;
        case policy::v1::PLACE_KIND_CITY:
          if (out.city.empty()) out.city = place->id();
          break;
        default:
          break;
      }
    }
  }
  return out;
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
      PlaceText(weighing.pack(), weighing.Where(need.zone, need.region_code),
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
