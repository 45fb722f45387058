// Handlers of evidence of objections.
#include "absl/strings/str_cat.h"
#include "common/attachment/store.h"
#include "common/attachment/upload.h"
#include "common/objection/evidence.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "services/consortium/notice_service.h"

namespace chanyan::consortium {

absl::StatusOr<v1::ObjectionEvidence> NoticeService::AddObjectionEvidence(
    const rpc::Call& call, const v1::AddObjectionEvidenceRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const attachment::Upload upload,
                           attachment::CheckUpload(request.file(), request.file_name()));
  const int64_t bytes = static_cast<int64_t>(request.file().data().size());
  return rpc::Mutate<v1::ObjectionEvidence>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ObjectionEvidence> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(v1::NoticeObjection objection,
                                 objections_.GetForUpdate(session, request.parent()));
        if (!objection::MayAddEvidence(objection.receipt_sha256(), request.verification_hash(),
                                       objection.organization(), call.principal.organization)) {
          return status::NotFound(request.parent());
        }
        if (objection.state() != v1::NOTICE_OBJECTION_STATE_OPEN) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("异议", policy::LabelOf(objection.state()), "，不再接收证据"));
        }
        CHANYAN_RETURN_IF_ERROR(objection::HoldEvidence(
            session, objection.name(),
            static_cast<int64_t>(deps_.pack.proto().notice().max_evidence_files()), upload,
            request.file().data()));
        auto row = objection::EvidenceOf<v1::ObjectionEvidence>(objection, upload, bytes);
        row.set_office(objection.office());
        CHANYAN_RETURN_IF_ERROR(evidence_.Insert(session, change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        const v1::NoticeObjection before = objection;
        objection.set_evidence_count(objection.evidence_count() + 1);
        CHANYAN_RETURN_IF_ERROR(objections_.Update(session, change.now(), &objection));
        CHANYAN_RETURN_IF_ERROR(change.Record("evidence", &before, &objection));
        return row;
      });
}

absl::StatusOr<v1::ListObjectionEvidenceResponse> NoticeService::ListObjectionEvidence(
    const rpc::Call& call, const v1::ListObjectionEvidenceRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, evidence_, request,
                                                     absl::StrCat(request.parent(), "/evidence"),
                                                     request.filter(), request.order_by()));
  v1::ListObjectionEvidenceResponse response;
  for (v1::ObjectionEvidence& row : page.rows) *response.add_evidence() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> NoticeService::DownloadObjectionEvidence(
    const rpc::Call& call, const v1::DownloadObjectionEvidenceRequest& request) {
  google::api::HttpBody file;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::ObjectionEvidence row,
            evidence_.Get(session, request.name(),
                          auth::Readable<v1::ObjectionEvidence>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(std::string bytes, attachment::Load(session, row.sha256()));
        file = attachment::AsDownload(row.content_type(), row.file_name(), std::move(bytes));
        return absl::OkStatus();
      }));
  return file;
}

}  // namespace chanyan::consortium
