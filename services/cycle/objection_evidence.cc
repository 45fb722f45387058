// Handlers of evidence of objections to leaderboards (CYC-8).
#include "common/objection/evidence.h"
#include "services/cycle/objection_service.h"

namespace chanyan::cycle {
namespace {

// Of one objection.
constexpr int64_t kMostFiles = 10;

}  // namespace

absl::StatusOr<v1::ObjectionEvidence> ObjectionService::AddObjectionEvidence(
    const rpc::Call& call, const v1::AddObjectionEvidenceRequest& request) {
  return objection::AddEvidence(deps_.store, call, request, objections_, evidence_,
                                v1::OBJECTION_STATE_OPEN, kMostFiles);
}

absl::StatusOr<v1::ListObjectionEvidenceResponse> ObjectionService::ListObjectionEvidence(
    const rpc::Call& call, const v1::ListObjectionEvidenceRequest& request) {
  return objection::ListEvidence<v1::ListObjectionEvidenceResponse>(deps_.store.db, call, request,
                                                                    evidence_);
}

absl::StatusOr<google::api::HttpBody> ObjectionService::DownloadObjectionEvidence(
    const rpc::Call& call, const v1::DownloadObjectionEvidenceRequest& request) {
  return objection::DownloadEvidence(deps_.store.db, call, request.name(), evidence_);
}

}  // namespace chanyan::cycle
