#include "services/consortium/attachment_service.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/attachment/rows.h"
#include "common/attachment/store.h"
#include "common/attachment/upload.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

constexpr attachment::Quota kDossierQuota;
constexpr attachment::Rows kAttachmentRows = {"consortium_attachment", "consortium"};

// A closed dossier is what was handed in; afterwards only supplements bring files.
absl::Status CheckOpenTo(const v1::Consortium& row, v1::AttachmentKind kind) {
  if (In(row.state(), kEditable)) return absl::OkStatus();
  if (In(row.state(), kInForce) && kind == v1::ATTACHMENT_KIND_SUPPLEMENT) return absl::OkStatus();
  return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                    absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                                                 "”，申报附件不能增减；备案后只上传补充协议"));
}

}  // namespace

std::vector<rpc::UnaryMethod> AttachmentService::Methods() {
  using S = AttachmentService;
  return {
      rpc::Unary("CreateConsortiumAttachment", this, &S::CreateConsortiumAttachment),
      rpc::Unary("ListConsortiumAttachments", this, &S::ListConsortiumAttachments),
      rpc::Unary("DownloadConsortiumAttachment", this, &S::DownloadConsortiumAttachment),
      rpc::Unary("DeleteConsortiumAttachment", this, &S::DeleteConsortiumAttachment),
  };
}

absl::StatusOr<v1::ConsortiumAttachment> AttachmentService::CreateConsortiumAttachment(
    const rpc::Call& call, const v1::CreateConsortiumAttachmentRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const attachment::Upload upload,
                           attachment::CheckUpload(request.file(), request.file_name()));
  const int64_t bytes = static_cast<int64_t>(request.file().data().size());
  return rpc::Mutate<v1::ConsortiumAttachment>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ConsortiumAttachment> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium row,
                                 deps_.book.LockAsParticipant(change, call, request.parent()));
        CHANYAN_RETURN_IF_ERROR(CheckOpenTo(row, request.kind()));
        CHANYAN_RETURN_IF_ERROR(
            attachment::CheckRoom(session, kAttachmentRows, row.name(), kDossierQuota, bytes));
        v1::ConsortiumAttachment file;
        file.set_name(absl::StrCat(row.name(), "/attachments/", api::NewShortId()));
        file.set_consortium(row.name());
        file.set_kind(request.kind());
        attachment::FillRow(upload, request.file(), request.description(), &file);
        file.set_uploader(call.principal.organization);
        CopyParties(row, &file);
        CHANYAN_RETURN_IF_ERROR(attachment::Hold(session, file.sha256(), request.file().data()));
        CHANYAN_RETURN_IF_ERROR(attachments_.Insert(session, change.now(), &file));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &file));
        return file;
      });
}

absl::StatusOr<v1::ListConsortiumAttachmentsResponse> AttachmentService::ListConsortiumAttachments(
    const rpc::Call& call, const v1::ListConsortiumAttachmentsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, attachments_, request,
                                                     absl::StrCat(request.parent(), "/attachments"),
                                                     request.filter(), request.order_by()));
  v1::ListConsortiumAttachmentsResponse response;
  for (v1::ConsortiumAttachment& row : page.rows) *response.add_attachments() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> AttachmentService::DownloadConsortiumAttachment(
    const rpc::Call& call, const v1::DownloadConsortiumAttachmentRequest& request) {
  google::api::HttpBody file;
  const auto read = [&](db::Session& session) -> absl::Status {
    const auto scope = auth::Readable<v1::ConsortiumAttachment>(call.principal);
    CHANYAN_ASSIGN_OR_RETURN(const v1::ConsortiumAttachment row,
                             attachments_.Get(session, request.name(), scope));
    CHANYAN_ASSIGN_OR_RETURN(file, attachment::Download(session, attachments_, row));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return file;
}

absl::StatusOr<google::protobuf::Empty> AttachmentService::DeleteConsortiumAttachment(
    const rpc::Call& call, const v1::DeleteConsortiumAttachmentRequest& request) {
  return rpc::Mutate<google::protobuf::Empty>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<google::protobuf::Empty> {
        db::Session& session = change.session();
        const auto dossier = deps_.book.LockAsParticipant(
            change, call, std::string(api::ParentOfName(request.name())));
        if (absl::IsNotFound(dossier.status())) return status::NotFound(request.name());
        CHANYAN_RETURN_IF_ERROR(dossier.status());
        CHANYAN_ASSIGN_OR_RETURN(const v1::ConsortiumAttachment file,
                                 attachments_.GetForUpdate(session, request.name()));
        CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), file.etag(), file.name()));
        const std::string& own = call.principal.organization;
        if (own != dossier->lead_unit() && own != file.uploader()) {
          return status::PermissionDenied("只有牵头单位和上传单位可以删除附件");
        }
        if (!In(dossier->state(), kEditable)) {
          CHANYAN_RETURN_IF_ERROR(CheckOpenTo(*dossier, v1::ATTACHMENT_KIND_UNSPECIFIED));
        }
        if (dossier->agreement().document() == file.name()) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_REFERENCED,
              absl::StrCat("“", file.file_name(), "”是组建协议文本，请先在协议中更换"));
        }
        CHANYAN_RETURN_IF_ERROR(attachments_.Delete(session, file));
        CHANYAN_RETURN_IF_ERROR(attachment::Release(session, file.sha256()));
        CHANYAN_RETURN_IF_ERROR(change.Record("deleted", &file, nullptr));
        return google::protobuf::Empty();
      });
}

}  // namespace chanyan::consortium
