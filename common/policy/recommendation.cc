#include "common/policy/recommendation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace chanyan::policy {
namespace {

int Share(uint64_t weight, uint64_t part, uint64_t whole) {
  return static_cast<int>(weight * part / whole);
}

}  // namespace

RecommendationPoints::RecommendationPoints(const Pack& pack)
    : pack_(&pack), plan_(&pack.proto().recommendation()) {
  RelateAll();
}

void RecommendationPoints::Relate(const std::string& a, const std::string& b, uint32_t permille) {
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    uint32_t& known = related_[from][to];
    known = std::max(known, permille);
  }
}

void RecommendationPoints::RelateAll() {
  for (const v1::Taxonomy& taxonomy : pack_->proto().taxonomies()) {
    for (const v1::Industry& one : taxonomy.industries()) {
      if (one.is_group()) continue;
      Relate(one.display_name(), one.display_name(), kWholePermille);
      for (const v1::Industry& other : taxonomy.industries()) {
        const bool siblings = !one.parent_id().empty() && one.parent_id() == other.parent_id();
        const bool child = other.id() == one.parent_id() && !other.is_group();
        if (&one != &other && (siblings || child) && !other.is_group()) {
          Relate(one.display_name(), other.display_name(), plan_->same_group_permille());
        }
      }
    }
  }
  for (const v1::TaxonomyMapping& mapping : pack_->proto().mappings()) {
    for (const v1::MappingEntry& entry : mapping.entries()) {
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

int RecommendationPoints::WordsPoints(uint64_t milli_bits) const {
  const uint64_t full = uint64_t{plan_->full_rarity_bits()} * 1000;
  return Share(plan_->words_weight(), std::min(milli_bits, full), full);
}

int RecommendationPoints::IndustryPoints(uint32_t permille) const {
  return Share(plan_->industry_weight(), permille, kWholePermille);
}

int RecommendationPoints::PlacePoints(const Whereabouts& a, const Whereabouts& b) const {
  const auto same = [](const std::string& x, const std::string& y) { return !x.empty() && x == y; };
  if (same(a.place, b.place)) return static_cast<int>(plan_->place_weight());
  if (same(a.district, b.district)) {
    return Share(plan_->place_weight(), plan_->same_district_permille(), kWholePermille);
  }
  if (same(a.city, b.city)) {
    return Share(plan_->place_weight(), plan_->same_city_permille(), kWholePermille);
  }
  return 0;
}

std::string RecommendationPoints::PlaceText(const Whereabouts& a, const Whereabouts& b) const {
  const std::string& shared = !a.place.empty() && a.place == b.place            ? a.place
                              : !a.district.empty() && a.district == b.district ? a.district
                                                                                : a.city;
  const v1::Place* place = pack_->FindPlace(shared);
  return absl::StrCat("同在", place == nullptr ? shared : place->display_name());
}

int RecommendationPoints::FreshnessPoints(absl::CivilDay confirmed, absl::CivilDay today) const {
  const int64_t age = today - confirmed;
  const int64_t fresh = plan_->fresh_days(), stale = plan_->stale_days();
  if (age <= fresh) return static_cast<int>(plan_->freshness_weight());
  if (age >= stale) return 0;
  return Share(plan_->freshness_weight(), static_cast<uint64_t>(stale - age),
               static_cast<uint64_t>(stale - fresh));
}

const RecommendationPoints::Related* RecommendationPoints::RelatedTo(
    const std::string& industry) const {
  const auto found = related_.find(industry);
  return found == related_.end() ? nullptr : &found->second;
}

uint32_t RecommendationPoints::Relation(const std::string& a, const std::string& b) const {
  const Related* related = RelatedTo(a);
  if (related == nullptr) return 0;
  const auto found = related->find(b);
  return found == related->end() ? 0 : found->second;
}

Whereabouts RecommendationPoints::Where(const std::string& zone,
                                        const std::string& region_code) const {
  Whereabouts out;
  const v1::Place* at = pack_->FindPlaceByName(zone);
  if (at == nullptr) at = pack_->FindPlace(region_code);
  // A zone of the whole city lies in no district; the code may know it all the same.
  const v1::Place* region = pack_->FindPlace(region_code);
  for (const v1::Place* start : {at, region}) {
    for (const v1::Place* place = start; place != nullptr;
         place = pack_->FindPlace(place->parent_id())) {
      switch (place->kind()) {
        case v1::PLACE_KIND_ZONE:
        case v1::PLACE_KIND_STREET:
        case v1::PLACE_KIND_TOWN:
          if (out.place.empty()) out.place = place->id();
          break;
        case v1::PLACE_KIND_DISTRICT:
          if (out.district.empty()) out.district = place->id();
          break;
        case v1::PLACE_KIND_CITY:
          if (out.city.empty()) out.city = place->id();
          break;
        default:
          break;
      }
    }
  }
  return out;
}

}  // namespace chanyan::policy
