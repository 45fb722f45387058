// RPC handlers of chanyan.pairing.v1.DiscoveryService. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "chanyan/pairing/v1/discovery.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "common/search/index.h"
#include "common/search/source.h"
#include "google/protobuf/empty.pb.h"
#include "services/pairing/recommend_rules.h"
#include "services/pairing/recommender.h"

namespace chanyan::pairing {

class DiscoveryService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
    rpc::Peers& peers;
    const search::Sources& sources;
    search::Index& index;
  };
  // FAILED_PRECONDITION if the pack's recommendation plan names what does not exist. Without a plan
  // nothing is recommended.
  static absl::StatusOr<std::unique_ptr<DiscoveryService>> Make(Deps deps);

  std::vector<rpc::UnaryMethod> Methods();

  // search.cc
  absl::StatusOr<v1::SearchResponse> Search(const rpc::Call&, const v1::SearchRequest&);

  // recommend.cc
  absl::StatusOr<v1::RecommendPlatformsResponse> RecommendPlatforms(
      const rpc::Call&, const v1::RecommendPlatformsRequest&);
  absl::StatusOr<v1::ExplainRecommendationResponse> ExplainRecommendation(
      const rpc::Call&, const v1::ExplainRecommendationRequest&);

  // dismissals.cc
  absl::StatusOr<v1::Dismissal> CreateDismissal(const rpc::Call&,
                                                const v1::CreateDismissalRequest&);
  absl::StatusOr<v1::ListDismissalsResponse> ListDismissals(const rpc::Call&,
                                                            const v1::ListDismissalsRequest&);
  absl::StatusOr<google::protobuf::Empty> DeleteDismissal(const rpc::Call&,
                                                          const v1::DeleteDismissalRequest&);
  // Names and units of dismissals as the registry has them now.
  absl::Status FollowRegistry(db::Session& session, absl::Time now,
                              const journal::v1::Entry& entry);

 private:
  // For whom something is recommended.
  struct Subject {
    Need need;
    // organizations/{organization}; empty for a text alone.
    std::string enterprise;
  };
  // Why not, by platform; only by rows that the caller may see.
  using Exclusions = absl::flat_hash_map<std::string, std::vector<v1::Exclusion>>;

  DiscoveryService(Deps deps, std::unique_ptr<const Weighing> weighing);

  v1::SearchValue ValueOf(const search::FacetValue& value, int64_t count) const;

  absl::StatusOr<Subject> SubjectOf(const rpc::Call& call, const std::string& name,
                                    const std::string& text);
  absl::Status AddEnterprise(const rpc::Call& call, const std::string& name, Subject* subject,
                             std::string* words);
  absl::StatusOr<v1::Intent> IntentOf(const rpc::Call& call, const std::string& name);
  absl::StatusOr<std::vector<v1::Intent>> OpenRequestsOf(const rpc::Call& call,
                                                         const std::string& enterprise);
  absl::StatusOr<Exclusions> ExclusionsFor(const rpc::Call& call, const std::string& enterprise);
  // The published platforms as the index has them, arranged for today.
  absl::StatusOr<std::shared_ptr<const Recommender>> Platforms();
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

}  // namespace chanyan::pairing
