#include "services/registry/platform_attachment_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/attachment/rows.h"
#include "common/attachment/upload.h"
#include "common/rpc/resource.h"

namespace chanyan::registry {
namespace {

constexpr attachment::Rows kAttachmentRows = {"platform_attachment", "platform"};

bool Names(const v1::Platform& platform, const std::string& attachment) {
  return std::find(platform.attachments().begin(), platform.attachments().end(), attachment) !=
         platform.attachments().end();
}

v1::PlatformAttachment Shown(const rpc::Call& call, v1::PlatformAttachment row) {
  if (!call.principal.signed_in()) row.clear_uploader();
  return row;
}

}  // namespace

std::vector<rpc::UnaryMethod> PlatformAttachmentService::Methods() {
  using S = PlatformAttachmentService;
  return {
      rpc::Unary("CreatePlatformAttachment", this, &S::CreatePlatformAttachment),
      rpc::Unary("GetPlatformAttachment", this, &S::GetPlatformAttachment),
      rpc::Unary("ListPlatformAttachments", this, &S::ListPlatformAttachments),
      rpc::Unary("DownloadPlatformAttachment", this, &S::DownloadPlatformAttachment),
      rpc::Unary("DeletePlatformAttachment", this, &S::DeletePlatformAttachment),
  };
}

absl::StatusOr<v1::PlatformAttachment> PlatformAttachmentService::CreatePlatformAttachment(
    const rpc::Call& call, const v1::CreatePlatformAttachmentRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const attachment::Upload upload,
                           attachment::CheckUpload(request.file(), request.file_name()));
  const int64_t bytes = static_cast<int64_t>(request.file().data().size());
  return rpc::Mutate<v1::PlatformAttachment>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::PlatformAttachment> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Platform platform,
            store_.platforms().GetForUpdate(session, request.parent(),
                                            auth::Writable<v1::Platform>(call.principal)));
        if (platform.state() == v1::PLATFORM_STATE_WITHDRAWN) {
          return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                            "该平台已撤回，不能再上传附件");
        }
        CHANYAN_RETURN_IF_ERROR(store_.CheckOwner(session, platform));
        CHANYAN_RETURN_IF_ERROR(attachment::CheckRoom(session, kAttachmentRows, platform.name(),
                                                      kPlatformQuota, bytes));
        v1::PlatformAttachment row;
        row.set_name(absl::StrCat(platform.name(), "/attachments/", api::NewShortId()));
        row.set_organization(platform.organization());
        row.set_platform(platform.name());
        attachment::FillRow(upload, request.file(), request.description(), &row);
        row.set_confidential(request.confidential());
        row.set_uploader(call.principal.account);
        CHANYAN_RETURN_IF_ERROR(attachment::Hold(session, row.sha256(), request.file().data()));
        CHANYAN_RETURN_IF_ERROR(store_.attachments().Insert(session, change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return row;
      });
}

absl::StatusOr<v1::PlatformAttachment> PlatformAttachmentService::GetPlatformAttachment(
    const rpc::Call& call, const v1::GetPlatformAttachmentRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::PlatformAttachment row,
                           rpc::Fetch(deps_.store.db, call, store_.attachments(), request.name()));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::ListPlatformAttachmentsResponse>
PlatformAttachmentService::ListPlatformAttachments(
    const rpc::Call& call, const v1::ListPlatformAttachmentsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, store_.attachments(), request,
                                absl::StrCat(request.parent(), "/attachments"), request.filter(),
                                request.order_by()));
  v1::ListPlatformAttachmentsResponse response;
  for (v1::PlatformAttachment& row : page.rows) {
    *response.add_attachments() = Shown(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> PlatformAttachmentService::DownloadPlatformAttachment(
    const rpc::Call& call, const v1::DownloadPlatformAttachmentRequest& request) {
  google::api::HttpBody file;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        const v1::PlatformAttachment row,
        store_.attachments().Get(session, request.name(),
                                 auth::Readable<v1::PlatformAttachment>(call.principal)));
    CHANYAN_ASSIGN_OR_RETURN(file, attachment::Download(session, store_.attachments(), row));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return file;
}

absl::StatusOr<google::protobuf::Empty> PlatformAttachmentService::DeletePlatformAttachment(
    const rpc::Call& call, const v1::DeletePlatformAttachmentRequest& request) {
  return rpc::Mutate<google::protobuf::Empty>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<google::protobuf::Empty> {
        db::Session& session = change.session();
        const std::string parent(api::ParentOfName(request.name()));
        const absl::StatusOr<v1::Platform> platform = store_.platforms().GetForUpdate(
            session, parent, auth::Writable<v1::Platform>(call.principal));
        if (absl::IsNotFound(platform.status())) return status::NotFound(request.name());
        CHANYAN_RETURN_IF_ERROR(platform.status());
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::PlatformAttachment row,
            store_.attachments().GetForUpdate(
                session, request.name(), auth::Writable<v1::PlatformAttachment>(call.principal)));
        CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), row.etag(), row.name()));
        CHANYAN_ASSIGN_OR_RETURN(const v1::Platform working,
                                 store_.WorkingCopy(session, *platform));
        if (Names(*platform, row.name()) || Names(working, row.name())) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_REFERENCED,
              absl::StrCat("“", row.file_name(),
                           "”仍列在平台或其修订的附件中，请先从附件中移除（已发布的须经审核）"));
        }
        CHANYAN_RETURN_IF_ERROR(store_.attachments().Delete(session, row));
        CHANYAN_RETURN_IF_ERROR(attachment::Release(session, row.sha256()));
        CHANYAN_RETURN_IF_ERROR(change.Record("deleted", &row, nullptr));
        return google::protobuf::Empty();
      });
}

}  // namespace chanyan::registry
