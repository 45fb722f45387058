// Handlers of evidence of objections.
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/attachment/store.h"
#include "common/attachment/upload.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "services/consortium/notice_service.h"
#include "services/consortium/receipt.h"

namespace chanyan::consortium {
namespace {

constexpr char kHeld[] =
    "SELECT COUNT(*), CAST(COALESCE(SUM(byte_count), 0) AS SIGNED) FROM objection_evidence "
    "WHERE objection = ?";
constexpr int64_t kMaxEvidenceBytes = int64_t{50} << 20;

bool MayAdd(const rpc::Call& call, const v1::NoticeObjection& objection,
            const std::string& verification_hash) {
  if (!verification_hash.empty()) return HoldsReceipt(objection, verification_hash);
  return !objection.organization().empty() &&
         objection.organization() == call.principal.organization;
}

}  // namespace

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
        if (!MayAdd(call, objection, request.verification_hash())) {
          return status::NotFound(request.parent());
        }
        if (objection.state() != v1::NOTICE_OBJECTION_STATE_OPEN) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("异议", policy::LabelOf(objection.state()), "，不再接收证据"));
        }
        CHANYAN_ASSIGN_OR_RETURN(const db::Rows held, session.Query(kHeld, {objection.name()}));
        const attachment::Quota quota = {
            .files = static_cast<int64_t>(deps_.pack.proto().notice().max_evidence_files()),
            .bytes = kMaxEvidenceBytes};
        CHANYAN_RETURN_IF_ERROR(
            attachment::CheckQuota(quota, std::get<int64_t>(held.rows.at(0).at(0)),
                                   std::get<int64_t>(held.rows.at(0).at(1)), bytes));
        v1::ObjectionEvidence row;
        row.set_name(absl::StrCat(objection.name(), "/evidence/", api::NewShortId()));
        row.set_objection(objection.name());
        row.set_organization(objection.organization());
        row.set_file_name(upload.file_name);
        row.set_content_type(upload.content_type);
        row.set_byte_count(bytes);
        row.set_sha256(upload.sha256);
        row.set_office(objection.office());
        CHANYAN_RETURN_IF_ERROR(attachment::Hold(session, row.sha256(), request.file().data()));
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
