// Advice on platforms (REG-6): what is known of an enterprise's needs, what speaks against a
// platform, and the published platforms of the day arranged for weighing. For one enterprise or for
// a work list of them. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/discovery.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/mutate.h"
#include "common/search/index.h"
#include "services/pairing/recommend_rules.h"
#include "services/pairing/recommender.h"

namespace chanyan::pairing {

class PlatformAdvice {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
    search::Index& index;
  };
  template <class T>
  using ByName = absl::flat_hash_map<std::string, T>;
  // Why not, by platform; only by rows that the caller may see, and published platforms.
  using Exclusions = ByName<std::vector<v1::Exclusion>>;
  // Best first.
  struct Best {
    std::vector<v1::Suggestion> suggestions;
    // Those that would stand among them if nothing spoke against it.
    std::vector<v1::Suggestion> excluded;
  };

  // FAILED_PRECONDITION if the pack's recommendation plan names what does not exist. Without a plan
  // nothing is recommended.
  static absl::StatusOr<std::unique_ptr<PlatformAdvice>> Make(Deps deps);

  // Adds what the registry knows of an enterprise. NOT_FOUND if the caller does not see it,
  // INVALID_ARGUMENT of field "subject" if it is no enterprise.
  absl::Status AddEnterprise(const auth::Principal& principal, const std::string& name, Need* need,
                             std::string* words) const;
  static void AddIntent(const v1::Intent& intent, Need* need, std::string* words);
  // The newest open requests of each enterprise that the caller may see, at most ten each.
  absl::StatusOr<ByName<std::vector<v1::Intent>>> OpenRequestsOf(
      const rpc::Call& call, const std::vector<std::string>& enterprises) const;
  absl::StatusOr<ByName<Exclusions>> ExclusionsOf(
      const rpc::Call& call, const Recommender& platforms,
      const std::vector<std::string>& enterprises) const;

  // The published platforms as the index has them, arranged for today. FAILED_PRECONDITION if the
  // pack has no plan, UNAVAILABLE while the index is being built.
  absl::StatusOr<std::shared_ptr<const Recommender>> Platforms();
  absl::StatusOr<Offer> OfferOf(const registry::v1::Platform& platform) const;
  Points PointsOf(const Recommender& platforms, const Need& need, const Offer& offer) const;
  v1::Suggestion SuggestionOf(const Recommender& platforms, const Need& need,
                              const Offer& offer) const;
  Best BestOf(const Recommender& platforms, const Need& need, const Exclusions& exclusions,
              size_t limit) const;

  // The best platforms of each enterprise, at most `limit` each. One that the caller does not see,
  // or that the index does not have yet, has none.
  absl::StatusOr<ByName<std::vector<v1::Suggestion>>> BestOfEach(
      const rpc::Call& call, const std::vector<std::string>& enterprises, size_t limit);

  // Platforms are as they were known at this instant; infinite past = not known yet.
  absl::Time as_of() const { return deps_.index.stats().as_of; }
  // Least points of words, industry and kind that a suggestion has.
  int least_content_points() const;

 private:
  PlatformAdvice(Deps deps, std::unique_ptr<const Weighing> weighing);

  // Empty if the index does not have it.
  absl::StatusOr<registry::v1::Organization> OwnerOf(const std::string& name) const;

  const Deps deps_;
  // Null if the pack has no plan.
  const std::unique_ptr<const Weighing> weighing_;
  const db::Table<v1::Intent> intents_;
  const db::Table<v1::Project> projects_;
  const db::Table<v1::Dismissal> dismissals_;
  // The last arrangement, and of what it was made.
  absl::Mutex mutex_;
  std::shared_ptr<const Recommender> platforms_ ABSL_GUARDED_BY(mutex_);
  std::string platforms_version_ ABSL_GUARDED_BY(mutex_);
};

// That a platform is the enterprise's own.
v1::Exclusion OwnExclusion();
// `resource` is behind it, if any is.
v1::Exclusion MakeExclusion(v1::ExclusionKind kind, std::string text,
                            const std::string& resource = "");

// For a cell of a sheet: "1. 平台（单位，640 分）：理由；理由", a line each.
std::string SuggestionText(const google::protobuf::RepeatedPtrField<v1::Suggestion>& suggestions);

}  // namespace chanyan::pairing
