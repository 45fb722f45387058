// RPC handlers of chanyan.consortium.v1.SignatureService (CON-1, CON-8). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/signature.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

// What somebody signs with.
struct Pen {
  std::string signer;
  std::string post;
  // Of who signs, if it is no party of the dossier yet.
  std::string organization_title;
  // Of the construction plan that is confirmed with it; empty of all but the founding agreement.
  std::string plan_digest = {};
};

// The caller's organization signs `digest` of a dossier that is locked, once for each plan: the
// second time answers the first. Whether it still goes on is asked before the dossier is locked
// (rpc::RefuseSucceeded).
absl::StatusOr<v1::Signature> Sign(rpc::Change& change, const rpc::Call& call,
                                   const v1::Consortium& row, v1::SignatureSubject subject,
                                   const std::string& supplement, const std::string& digest,
                                   const Pen& pen);
// ABORTED unless what the caller read is what there is to sign.
absl::Status CheckSigned(const std::string& name, const std::string& read,
                         const std::string& present);

class SignatureService {
 public:
  explicit SignatureService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Signature> SignAgreement(const rpc::Call&, const v1::SignAgreementRequest&);
  absl::StatusOr<v1::Signature> SignDissolution(const rpc::Call&,
                                                const v1::SignDissolutionRequest&);
  absl::StatusOr<v1::ListSignaturesResponse> ListSignatures(const rpc::Call&,
                                                            const v1::ListSignaturesRequest&);

 private:
  const Deps deps_;
  const db::Table<v1::Signature> signatures_;
};

}  // namespace chanyan::consortium
