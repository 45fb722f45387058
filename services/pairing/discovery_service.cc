#include "services/pairing/discovery_service.h"

namespace chanyan::pairing {

std::vector<rpc::UnaryMethod> DiscoveryService::Methods() {
  using S = DiscoveryService;
  return {
      rpc::Unary("Search", this, &S::Search),
      rpc::Unary("RecommendPlatforms", this, &S::RecommendPlatforms),
      rpc::Unary("ExplainRecommendation", this, &S::ExplainRecommendation),
      rpc::Unary("CreateDismissal", this, &S::CreateDismissal),
      rpc::Unary("ListDismissals", this, &S::ListDismissals),
      rpc::Unary("ExportDismissals", this, &S::ExportDismissals),
      rpc::Unary("DeleteDismissal", this, &S::DeleteDismissal),
  };
}

}  // namespace chanyan::pairing
