// RPC handlers of chanyan.triage.v1.ConfidentialService (TRI-1). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/triage/v1/confidential.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/triage/deps.h"
#include "services/triage/quarantine.h"

namespace chanyan::triage {

class ConfidentialService {
 public:
  explicit ConfidentialService(Deps deps)
      : deps_(std::move(deps)), quarantine_(deps_.pack, deps_.hygiene) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ConfidentialPart> GetConfidentialPart(const rpc::Call&,
                                                           const v1::GetConfidentialPartRequest&);
  absl::StatusOr<v1::ListConfidentialPartsResponse> ListConfidentialParts(
      const rpc::Call&, const v1::ListConfidentialPartsRequest&);
  absl::StatusOr<v1::ConfidentialPart> SetConfidentialPart(const rpc::Call&,
                                                           const v1::SetConfidentialPartRequest&);
  absl::StatusOr<v1::ConfidentialPart> EntitleOrganization(const rpc::Call&,
                                                           const v1::EntitleOrganizationRequest&);
  absl::StatusOr<v1::ConfidentialPart> RevokeEntitlement(const rpc::Call&,
                                                         const v1::RevokeEntitlementRequest&);

 private:
  static v1::ConfidentialPart Present(const rpc::Call& call, v1::ConfidentialPart row);
  const Deps deps_;
  const Quarantine quarantine_;
  const db::Table<v1::ConfidentialPart> parts_;
};

}  // namespace chanyan::triage
