// How well a result, a demand and a platform go together (TRI-9): whole points by the pack's plan,
// each with its reason. Pure; there is nothing in a score that its reasons do not say.
//
//   score = words + industry + field + way + freshness + place         (at most 1,000)
//   words = words_weight × min(Σ rarity of shared terms, full_rarity) / full_rarity
//
// Rarity is that among what is open to everybody: of results and demands together where they are
// compared with each other, of platforms where they are compared with one. Freshness is a
// platform's, place that of a platform's owner and a demand's enterprise. A pair has one score,
// whichever of the two is asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "chanyan/policy/v1/triage.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/matching.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/policy/recommendation.h"
#include "common/search/rarity.h"

namespace chanyan::triage {

// What is compared of one of them: nothing that its listing, or the demand or platform itself, does
// not say.
struct Matchable {
  v1::MatchKind kind = v1::MATCH_KIND_UNSPECIFIED;
  std::string name;
  std::string title;
  std::string organization_title;
  std::string text;
  std::vector<std::string> industries;
  std::vector<std::string> fields;
  // Bits 1 << ConversionMode of results and demands.
  uint32_t modes = 0;
  // Bits 1 << PlatformKind: of a platform its own, of the others those that serve it.
  uint32_t platform_kinds = 0;
  // Of a platform: when its data were last confirmed.
  absl::CivilDay confirmed;
  // organizations/{o} with which a demand or platform stands; nearness is none of a result's.
  std::string organization = {};
  // Where that is; empty = not known.
  policy::Whereabouts where = {};
};

// Points by part.
struct MatchPoints {
  int words = 0;
  int industry = 0;
  int field = 0;
  int way = 0;
  int freshness = 0;
  int place = 0;

  int Score() const { return words + industry + field + way + freshness + place; }
  // Without it way, freshness and place suggest nobody.
  int Content() const { return words + industry + field; }
  friend bool operator==(const MatchPoints&, const MatchPoints&) = default;
};

// The pack's plan with what it refers to looked up. Immutable, thread-safe.
class MatchWeights {
 public:
  // `pack` must outlive it. FAILED_PRECONDITION if the pack has no plan or names a stage, a kind of
  // demand or a kind of platform that does not exist.
  static absl::StatusOr<std::unique_ptr<const MatchWeights>> Make(const policy::Pack& pack);

  const policy::v1::MatchPlan& plan() const { return *plan_; }
  const policy::RecommendationPoints& points() const { return points_; }

  int Words(uint64_t milli_bits) const;
  int Industry(uint32_t permille) const;
  int Field(bool shared) const { return shared ? static_cast<int>(plan_->field_weight()) : 0; }
  int Way(bool shared) const { return shared ? static_cast<int>(plan_->way_weight()) : 0; }
  int Freshness(absl::CivilDay confirmed, absl::CivilDay today) const;
  int Place(const policy::Whereabouts& a, const policy::Whereabouts& b) const;

  // By what the registry says of who owns it.
  policy::Whereabouts Where(const registry::v1::Organization& organization) const {
    return points_.Where(organization.zone(), organization.region_code());
  }
  Matchable Of(const v1::Result& result) const;
  // The same as of its result.
  Matchable Of(const v1::Listing& listing) const;
  Matchable Of(const v1::Demand& demand) const;
  Matchable Of(const registry::v1::Platform& platform) const;

 private:
  explicit MatchWeights(const policy::Pack& pack);
  absl::Status ReadFits();
  template <class Row>
  Matchable OfPublicPart(const Row& row) const;

  const policy::v1::MatchPlan* plan_;
  const policy::RecommendationPoints points_;
  absl::flat_hash_map<int, uint32_t> stage_kinds_;
  absl::flat_hash_map<int, uint32_t> demand_kinds_;
};

// Whether one of the two is a platform: then they are weighed by what is rare among platforms.
bool IsPlatformPair(const Matchable& a, const Matchable& b);

// The way that both want to go: the first conversion mode or kind of platform that they share, as
// its number; 0 = none.
int SharedWay(const Matchable& a, const Matchable& b);

using RarityIn = absl::FunctionRef<uint32_t(const std::string& term)>;

// One pair, by `rarity` of the collection that it is of.
MatchPoints WeighMatch(const MatchWeights& weights, RarityIn rarity, const Matchable& a,
                       const Matchable& b, absl::CivilDay today);

// Why, greatest first; their points are WeighMatch()'s, exactly, and the same for (b, a).
std::vector<v1::MatchReason> MatchReasons(const MatchWeights& weights, RarityIn rarity,
                                          const Matchable& a, const Matchable& b,
                                          absl::CivilDay today);

}  // namespace chanyan::triage
