// How well a platform fits what an enterprise needs (REG-6): whole points by the pack's plan, each
// with its reason. Pure; there is nothing in a score that its reasons do not say.
//
//   score = words + industry + place + co-building + freshness        (at most 1,000)
//   words = words_weight × min(Σ rarity of shared terms, full_rarity) / full_rarity
//   rarity of a term = log2((platforms + 1) / platforms that have it), in thousandths of a bit
//
// 2,000 platforms, of which 31 have 腐蚀 (6.012 bits) and 500 have 海洋 (2.000): a need with both
// earns of 400 points for full 48 bits 400 × 8012 / 48000 = 66.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/pairing/v1/discovery.pb.h"
#include "chanyan/policy/v1/policy.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"
#include "common/policy/recommendation.h"
#include "common/search/rarity.h"

namespace chanyan::pairing {

// Who needs: words, and what is known of the enterprise. Every part may be empty.
struct Need : search::PlacedText {
  // By name, as the pack's taxonomies have them.
  std::vector<std::string> industries;
  std::string zone;
  std::string region_code;
  // Co-building kinds by name.
  std::vector<std::string> kinds;
};

// What a platform offers.
struct Offer {
  std::string name;
  std::string title;
  std::string organization_title;
  // Ascending, each once.
  std::vector<std::string> terms;
  std::vector<std::string> industries;
  std::string zone;
  std::string region_code;
  registry::v1::PlatformKind kind = registry::v1::PLATFORM_KIND_UNSPECIFIED;
  // When its data were last confirmed.
  absl::CivilDay confirmed;
  // organizations/{o} that owns it.
  std::string organization;
};

using search::MilliLog2;
using search::Rarity;

// Rarity of terms among a collection of offers.
Rarity RarityOf(const std::vector<Offer>& offers);

// Points by part.
struct Points {
  int words = 0;
  int industry = 0;
  int place = 0;
  int co_build = 0;
  int freshness = 0;

  int Score() const { return words + industry + place + co_build + freshness; }
  // Place and freshness alone recommend nobody.
  int Content() const { return words + industry + co_build; }
  friend bool operator==(const Points&, const Points&) = default;
};

// The pack's plan with what it refers to looked up. Immutable, thread-safe.
class Weighing : public policy::RecommendationPoints {
 public:
  // `pack` must outlive it. FAILED_PRECONDITION if the pack has no plan or names a kind of platform
  // that does not exist.
  static absl::StatusOr<std::unique_ptr<const Weighing>> Make(const policy::Pack& pack);

  bool Fits(const std::string& co_build_kind, registry::v1::PlatformKind kind) const;

 private:
  explicit Weighing(const policy::Pack& pack) : policy::RecommendationPoints(pack) {}
  absl::Status ReadFits();

  // By name of the co-building kind.
  absl::flat_hash_map<std::string, absl::flat_hash_set<int>> fits_;
};

// One pair.
Points Weigh(const Weighing& weighing, const Rarity& rarity, const Need& need, const Offer& offer,
             absl::CivilDay today);

// Why, greatest first; their points are Weigh()'s, exactly.
std::vector<v1::RecommendationReason> Reasons(const Weighing& weighing, const Rarity& rarity,
                                              const Need& need, const Offer& offer,
                                              absl::CivilDay today);

}  // namespace chanyan::pairing
