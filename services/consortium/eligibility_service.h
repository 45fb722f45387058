// RPC handlers of chanyan.consortium.v1.EligibilityService (CON-2). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/eligibility.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

class EligibilityService {
 public:
  explicit EligibilityService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Consortium> OverrideRule(const rpc::Call&, const v1::OverrideRuleRequest&);
  absl::StatusOr<v1::ListEligibilityChecksResponse> ListEligibilityChecks(
      const rpc::Call&, const v1::ListEligibilityChecksRequest&);
  absl::StatusOr<v1::ReplayEligibilityCheckResponse> ReplayEligibilityCheck(
      const rpc::Call&, const v1::ReplayEligibilityCheckRequest&);

 private:
  const Deps deps_;
  const db::Table<v1::EligibilityCheck> checks_;
};

}  // namespace chanyan::consortium
