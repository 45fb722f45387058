#include "services/pairing/cooperation_file_service.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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

constexpr attachment::Rows kCooperationFileRows = {"cooperation_file", "subject"};

// Whether somebody who sees the row sees its documents as well: those of a conference are drafts of
// who writes them until the minutes are issued.
template <class T>
bool ShowsDocuments(const rpc::Call&, const T&) {
  return true;
}
bool ShowsDocuments(const rpc::Call& call, const v1::Conference& row) {
  return row.state() != v1::CONFERENCE_STATE_HELD ||
         auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE);
}

}  // namespace

std::vector<rpc::UnaryMethod> CooperationFileService::Methods() {
  using S = CooperationFileService;
  return {
      rpc::Unary("CreateCooperationFile", this, &S::CreateCooperationFile),
      rpc::Unary("GetCooperationFile", this, &S::GetCooperationFile),
      rpc::Unary("ListCooperationFiles", this, &S::ListCooperationFiles),
      rpc::Unary("DownloadCooperationFile", this, &S::DownloadCooperationFile),
      rpc::Unary("DeleteCooperationFile", this, &S::DeleteCooperationFile),
  };
}

template <class With>
auto CooperationFileService::OfSubject(const std::string& subject, With with) const {
  if (absl::StartsWith(subject, "frameAgreements/")) return with(agreements_);
  if (absl::StartsWith(subject, "coBuiltBases/")) return with(bases_);
  if (absl::StrContains(subject, "/followUps/")) return with(follow_ups_);
  return with(conferences_);
}

absl::Status CooperationFileService::RequireSeen(db::Session& session, const rpc::Call& call,
                                                 const std::string& subject) const {
  const auto seen = [&]<class T>(const db::Table<T>& table) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const T row,
                             table.Get(session, subject, auth::Readable<T>(call.principal)));
    return ShowsDocuments(call, row) ? absl::OkStatus() : status::NotFound(subject);
  };
  return OfSubject(subject, seen);
}

absl::StatusOr<bool> CooperationFileService::LockSubject(db::Session& session,
                                                         const rpc::Call& call,
                                                         const std::string& subject,
                                                         const std::string& sha256) const {
  const auto lock = [&]<class T>(const db::Table<T>& table) -> absl::StatusOr<bool> {
    CHANYAN_ASSIGN_OR_RETURN(
        const T row, table.GetForUpdate(session, subject, auth::Writable<T>(call.principal)));
    return NamesDocument(row, sha256);
  };
  return OfSubject(subject, lock);
}

absl::StatusOr<v1::CooperationFile> CooperationFileService::SeenFile(
    db::Session& session, const rpc::Call& call, const std::string& name) const {
  absl::StatusOr<v1::CooperationFile> file =
      files_.Get(session, name, auth::Readable<v1::CooperationFile>(call.principal));
  if (file.ok() || !absl::IsNotFound(file.status())) return file;
  // Whoever has a part in the subject sees it through the subject.
  CHANYAN_ASSIGN_OR_RETURN(file, files_.Get(session, name));
  const absl::Status seen = RequireSeen(session, call, file->subject());
  if (absl::IsNotFound(seen)) return status::NotFound(name);
  CHANYAN_RETURN_IF_ERROR(seen);
  return file;
}

absl::StatusOr<v1::CooperationFile> CooperationFileService::CreateCooperationFile(
    const rpc::Call& call, const v1::CreateCooperationFileRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const attachment::Upload upload,
                           attachment::CheckUpload(request.file(), request.file_name()));
  const auto bytes = static_cast<int64_t>(request.file().data().size());
  return rpc::Mutate<v1::CooperationFile>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::CooperationFile> {
        db::Session& session = change.session();
        CHANYAN_RETURN_IF_ERROR(
            LockSubject(session, call, request.subject(), upload.sha256).status());
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::CooperationFile> same,
                                 files_.Select(session, {"subject = ? AND sha256 = ?",
                                                         {request.subject(), upload.sha256}}));
        if (!same.empty()) {
          return status::AlreadyExists(same.front().name(),
                                       absl::StrCat("该事项已存有内容相同的文件“",
                                                    same.front().file_name(), "”，无需重复上传"));
        }
        CHANYAN_RETURN_IF_ERROR(attachment::CheckRoom(session, kCooperationFileRows,
                                                      request.subject(), kFileQuota, bytes));
        v1::CooperationFile row;
        row.set_name(absl::StrCat("cooperationFiles/", api::NewShortId()));
        row.set_subject(request.subject());
        attachment::FillRow(upload, request.file(), request.description(), &row);
        row.set_uploader(call.principal.organization);
        CHANYAN_RETURN_IF_ERROR(attachment::Hold(session, row.sha256(), request.file().data()));
        CHANYAN_RETURN_IF_ERROR(files_.Insert(session, change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return row;
      });
}

absl::StatusOr<v1::CooperationFile> CooperationFileService::GetCooperationFile(
    const rpc::Call& call, const v1::GetCooperationFileRequest& request) {
  v1::CooperationFile file;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(file, SeenFile(session, call, request.name()));
        return absl::OkStatus();
      }));
  return file;
}

absl::StatusOr<v1::ListCooperationFilesResponse> CooperationFileService::ListCooperationFiles(
    const rpc::Call& call, const v1::ListCooperationFilesRequest& request) {
  db::ListQuery query;
  query.filter = request.filter();
  query.order_by = request.order_by();
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.scope = {"subject = ?", {request.subject()}};
  v1::ListCooperationFilesResponse response;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(RequireSeen(session, call, request.subject()));
        CHANYAN_ASSIGN_OR_RETURN(auto page, files_.List(session, query));
        response.mutable_files()->Assign(page.rows.begin(), page.rows.end());
        response.set_next_page_token(page.next_page_token);
        return absl::OkStatus();
      }));
  return response;
}

absl::StatusOr<google::api::HttpBody> CooperationFileService::DownloadCooperationFile(
    const rpc::Call& call, const v1::DownloadCooperationFileRequest& request) {
  google::api::HttpBody download;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const v1::CooperationFile file,
                             SeenFile(session, call, request.name()));
    CHANYAN_ASSIGN_OR_RETURN(download, attachment::Download(session, files_, file));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return download;
}

absl::StatusOr<google::protobuf::Empty> CooperationFileService::DeleteCooperationFile(
    const rpc::Call& call, const v1::DeleteCooperationFileRequest& request) {
  return rpc::Mutate<google::protobuf::Empty>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<google::protobuf::Empty> {
        db::Session& session = change.session();
        // The subject first, as whoever uploads does.
        CHANYAN_ASSIGN_OR_RETURN(const v1::CooperationFile found,
                                 files_.Get(session, request.name()));
        const absl::StatusOr<bool> named =
            LockSubject(session, call, found.subject(), found.sha256());
        if (absl::IsNotFound(named.status())) return status::NotFound(request.name());
        CHANYAN_RETURN_IF_ERROR(named.status());
        CHANYAN_ASSIGN_OR_RETURN(const v1::CooperationFile file,
                                 files_.GetForUpdate(session, request.name()));
        CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), file.etag(), file.name()));
        if (*named) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_REFERENCED,
              absl::StrCat("“", file.file_name(), "”仍列在 ", file.subject(),
                           " 的文件中，请先从中移除"));
        }
        CHANYAN_RETURN_IF_ERROR(files_.Delete(session, file));
        CHANYAN_RETURN_IF_ERROR(attachment::Release(session, file.sha256()));
        CHANYAN_RETURN_IF_ERROR(change.Record("deleted", &file, nullptr));
        return google::protobuf::Empty();
      });
}

}  // namespace chanyan::pairing
