#include "services/pairing/project_file_service.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/attachment/rows.h"
#include "common/attachment/store.h"
#include "common/attachment/upload.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/pairing/stored_files.h"

namespace chanyan::pairing {
namespace {

constexpr attachment::Rows kProjectFileRows = {"project_file", "project"};

}  // namespace

std::vector<rpc::UnaryMethod> ProjectFileService::Methods() {
  using S = ProjectFileService;
  return {
      rpc::Unary("CreateProjectFile", this, &S::CreateProjectFile),
      rpc::Unary("GetProjectFile", this, &S::GetProjectFile),
      rpc::Unary("ListProjectFiles", this, &S::ListProjectFiles),
      rpc::Unary("DownloadProjectFile", this, &S::DownloadProjectFile),
      rpc::Unary("DeleteProjectFile", this, &S::DeleteProjectFile),
  };
}

absl::StatusOr<v1::ProjectFile> ProjectFileService::CreateProjectFile(
    const rpc::Call& call, const v1::CreateProjectFileRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const attachment::Upload upload,
                           attachment::CheckUpload(request.file(), request.file_name()));
  const auto bytes = static_cast<int64_t>(request.file().data().size());
  return rpc::Mutate<v1::ProjectFile>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ProjectFile> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(const v1::Project project,
                                 LockProject(session, call, projects_, request.parent()));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ProjectFile> same,
                                 files_.Select(session, db::And(OfProject(project.name()),
                                                                {"sha256 = ?", {upload.sha256}})));
        if (!same.empty()) {
          return status::AlreadyExists(same.front().name(),
                                       absl::StrCat("该项目已存有内容相同的文件“",
                                                    same.front().file_name(), "”，无需重复上传"));
        }
        CHANYAN_RETURN_IF_ERROR(
            attachment::CheckRoom(session, kProjectFileRows, project.name(), kFileQuota, bytes));
        v1::ProjectFile row;
        row.set_name(absl::StrCat(project.name(), "/files/", api::NewShortId()));
        attachment::FillRow(upload, request.file(), request.description(), &row);
        row.set_uploader(call.principal.organization);
        CopyParties(project, &row);
        CHANYAN_RETURN_IF_ERROR(attachment::Hold(session, row.sha256(), request.file().data()));
        CHANYAN_RETURN_IF_ERROR(files_.Insert(session, change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return row;
      });
}

absl::StatusOr<v1::ProjectFile> ProjectFileService::GetProjectFile(
    const rpc::Call& call, const v1::GetProjectFileRequest& request) {
  return rpc::Fetch(deps_.store.db, call, files_, request.name());
}

absl::StatusOr<v1::ListProjectFilesResponse> ProjectFileService::ListProjectFiles(
    const rpc::Call& call, const v1::ListProjectFilesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, files_, request,
                                                     absl::StrCat(request.parent(), "/files"),
                                                     request.filter(), request.order_by()));
  v1::ListProjectFilesResponse response;
  response.mutable_files()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> ProjectFileService::DownloadProjectFile(
    const rpc::Call& call, const v1::DownloadProjectFileRequest& request) {
  google::api::HttpBody file;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        const v1::ProjectFile row,
        files_.Get(session, request.name(), auth::Readable<v1::ProjectFile>(call.principal)));
    CHANYAN_ASSIGN_OR_RETURN(file, attachment::Download(session, files_, row));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return file;
}

absl::StatusOr<std::vector<std::string>> ProjectFileService::Referring(
    db::Session& session, absl::string_view project, absl::string_view sha256) const {
  std::vector<std::string> referring;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Agreement> agreements,
                           agreements_.Select(session, OfProject(project), db::kByNameLocked));
  for (const v1::Agreement& agreement : agreements) {
    if (!NamesDocument(agreement, sha256)) continue;
    referring.push_back(absl::StrCat("协议 ", agreement.number(), "（", agreement.name(), "）"));
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Outcome> outcomes,
                           outcomes_.Select(session, OfProject(project), db::kByNameLocked));
  for (const v1::Outcome& outcome : outcomes) {
    if (!NamesDocument(outcome, sha256)) continue;
    referring.push_back(absl::StrCat("成效 ", outcome.kind(), "（", outcome.name(), "）"));
  }
  return referring;
}

absl::StatusOr<google::protobuf::Empty> ProjectFileService::DeleteProjectFile(
    const rpc::Call& call, const v1::DeleteProjectFileRequest& request) {
  return rpc::Mutate<google::protobuf::Empty>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<google::protobuf::Empty> {
        db::Session& session = change.session();
        const auto project = LockProject(session, call, projects_, ProjectOfName(request.name()));
        if (absl::IsNotFound(project.status())) return status::NotFound(request.name());
        CHANYAN_RETURN_IF_ERROR(project.status());
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::ProjectFile file,
            files_.GetForUpdate(session, request.name(),
                                auth::Writable<v1::ProjectFile>(call.principal)));
        CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), file.etag(), file.name()));
        if (file.uploader() != call.principal.organization) {
          return status::PermissionDenied("项目文件只能由上传单位删除");
        }
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> referring,
                                 Referring(session, project->name(), file.sha256()));
        if (!referring.empty()) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_REFERENCED,
              absl::StrCat("“", file.file_name(), "”仍是以下材料的文件，不能删除：",
                           absl::StrJoin(referring, "、")));
        }
        CHANYAN_RETURN_IF_ERROR(files_.Delete(session, file));
        CHANYAN_RETURN_IF_ERROR(attachment::Release(session, file.sha256()));
        CHANYAN_RETURN_IF_ERROR(change.Record("deleted", &file, nullptr));
        return google::protobuf::Empty();
      });
}

}  // namespace chanyan::pairing
