// Handlers of evidence of objections.
#include "common/objection/evidence.h"
#include "services/consortium/notice_service.h"

namespace chanyan::consortium {

absl::StatusOr<v1::ObjectionEvidence> NoticeService::AddObjectionEvidence(
    const rpc::Call& call, const v1::AddObjectionEvidenceRequest& request) {
  return objection::AddEvidence(deps_.store, call, request, objections_, evidence_,
                                v1::NOTICE_OBJECTION_STATE_OPEN,
                                deps_.pack.proto().notice().max_evidence_files());
}

absl::StatusOr<v1::ListObjectionEvidenceResponse> NoticeService::ListObjectionEvidence(
    const rpc::Call& call, const v1::ListObjectionEvidenceRequest& request) {
  return objection::ListEvidence<v1::ListObjectionEvidenceResponse>(deps_.store.db, call, request,
                                                                    evidence_);
}

absl::StatusOr<google::api::HttpBody> NoticeService::DownloadObjectionEvidence(
    const rpc::Call& call, const v1::DownloadObjectionEvidenceRequest& request) {
  return objection::DownloadEvidence(deps_.store.db, call, request.name(), evidence_);
}

}  // namespace chanyan::consortium
