#include "services/pairing/discovery_service.h"

#include "common/status/status.h"

namespace chanyan::pairing {

absl::StatusOr<std::unique_ptr<DiscoveryService>> DiscoveryService::Make(Deps deps) {
  std::unique_ptr<const Weighing> weighing;
  if (deps.pack.proto().has_recommendation()) {
    CHANYAN_ASSIGN_OR_RETURN(weighing, Weighing::Make(deps.pack));
  }
  return std::unique_ptr<DiscoveryService>(
      new DiscoveryService(std::move(deps), std::move(weighing)));
}

DiscoveryService::DiscoveryService(Deps deps, std::unique_ptr<const Weighing> weighing)
    : deps_(std::move(deps)), weighing_(std::move(weighing)) {}

std::vector<rpc::UnaryMethod> DiscoveryService::Methods() {
  using S = DiscoveryService;
  return {
      rpc::Unary("Search", this, &S::Search),
      rpc::Unary("RecommendPlatforms", this, &S::RecommendPlatforms),
      rpc::Unary("ExplainRecommendation", this, &S::ExplainRecommendation),
      rpc::Unary("CreateDismissal", this, &S::CreateDismissal),
      rpc::Unary("ListDismissals", this, &S::ListDismissals),
      rpc::Unary("DeleteDismissal", this, &S::DeleteDismissal),
  };
}

}  // namespace chanyan::pairing
