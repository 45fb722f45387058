// The pack's plan of points (RecommendationPlan) with what it refers to looked up: words,
// industries, places, freshness. Immutable, thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "chanyan/policy/v1/policy.pb.h"
#include "common/policy/pack.h"

namespace chanyan::policy {

// Thousandths that are all of it.
inline constexpr uint32_t kWholePermille = 1000;

// Where something lies, by ids of the pack; empty = not known.
struct Whereabouts {
  // Functional zone, town or street.
  std::string place;
  std::string district;
  std::string city;
};

class RecommendationPoints {
 public:
  // The pack must have a plan, and outlive this.
  explicit RecommendationPoints(const Pack& pack);

  const v1::RecommendationPlan& plan() const { return *plan_; }
  const Pack& pack() const { return *pack_; }

  int WordsPoints(uint64_t milli_bits) const;
  // For industries that are related to so many thousandths.
  int IndustryPoints(uint32_t permille) const;
  int PlacePoints(const Whereabouts& a, const Whereabouts& b) const;
  // Of two for which there are PlacePoints(), for people: "同在古镇口".
  std::string PlaceText(const Whereabouts& a, const Whereabouts& b) const;
  int FreshnessPoints(absl::CivilDay confirmed, absl::CivilDay today) const;

  // Industries related to one, itself included, with thousandths; by name.
  using Related = absl::flat_hash_map<std::string, uint32_t>;
  const Related* RelatedTo(const std::string& industry) const;
  // Thousandths of two industries, whichever comes first; 0 = not related.
  uint32_t Relation(const std::string& a, const std::string& b) const;
  Whereabouts Where(const std::string& zone, const std::string& region_code) const;

 private:
  void Relate(const std::string& a, const std::string& b, uint32_t permille);
  void RelateAll();

  const Pack* pack_;
  const v1::RecommendationPlan* plan_;
  absl::flat_hash_map<std::string, Related> related_;
};

}  // namespace chanyan::policy
