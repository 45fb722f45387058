// RPC handlers of chanyan.pairing.v1.DiscoveryService. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
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
#include "google/api/httpbody.pb.h"
#include "google/protobuf/empty.pb.h"
#include "services/pairing/platform_advice.h"
#include "services/pairing/recommend_rules.h"
#include "services/pairing/registry_reading.h"

namespace chanyan::pairing {

class DiscoveryService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
    rpc::Peers& peers;
    const search::Sources& sources;
    search::Index& index;
    PlatformAdvice& advice;
  };
  explicit DiscoveryService(Deps deps) : deps_(std::move(deps)) {}

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
  absl::StatusOr<google::api::HttpBody> ExportDismissals(const rpc::Call&,
                                                         const v1::ExportDismissalsRequest&);
  // Names and units of dismissals as the registry has them now.
  absl::Status FollowRegistry(db::Session& session, absl::Time now,
                              const journal::v1::Entry& entry);

 private:
  // With what the registry says since `reading`.
  absl::StatusOr<v1::Dismissal> DismissAsRead(const rpc::Call& call,
                                              const v1::CreateDismissalRequest& request,
                                              RegistryReading& reading);
  // For whom something is recommended.
  struct Subject {
    Need need;
    // organizations/{organization}; empty for a text alone.
    std::string enterprise;
  };
  v1::SearchValue ValueOf(const search::FacetValue& value, int64_t count) const;

  absl::StatusOr<Subject> SubjectOf(const rpc::Call& call, const std::string& name,
                                    const std::string& text);
  absl::StatusOr<v1::Intent> IntentOf(const rpc::Call& call, const std::string& name);
  absl::StatusOr<PlatformAdvice::Exclusions> ExclusionsFor(const rpc::Call& call,
                                                           const Recommender& platforms,
                                                           const std::string& enterprise);

  const Deps deps_;
  const db::Table<v1::Intent> intents_;
  const db::Table<v1::Dismissal> dismissals_;
};

}  // namespace chanyan::pairing
