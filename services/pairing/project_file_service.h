// RPC handlers of chanyan.pairing.v1.ProjectFileService (PAIR-3, PAIR-7). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/outcome.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/project_file.pb.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/empty.pb.h"
#include "services/pairing/record_service.h"

namespace chanyan::pairing {

class ProjectFileService {
 public:
  explicit ProjectFileService(RecordDeps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ProjectFile> CreateProjectFile(const rpc::Call&,
                                                    const v1::CreateProjectFileRequest&);
  absl::StatusOr<v1::ProjectFile> GetProjectFile(const rpc::Call&,
                                                 const v1::GetProjectFileRequest&);
  absl::StatusOr<v1::ListProjectFilesResponse> ListProjectFiles(const rpc::Call&,
                                                                const v1::ListProjectFilesRequest&);
  absl::StatusOr<google::api::HttpBody> DownloadProjectFile(const rpc::Call&,
                                                            const v1::DownloadProjectFileRequest&);
  absl::StatusOr<google::protobuf::Empty> DeleteProjectFile(const rpc::Call&,
                                                            const v1::DeleteProjectFileRequest&);

 private:
  // Agreements and outcomes of a project that name the digest, in words; they stay as they are
  // until the transaction ends.
  absl::StatusOr<std::vector<std::string>> Referring(db::Session& session,
                                                     absl::string_view project,
                                                     absl::string_view sha256) const;

  const RecordDeps deps_;
  const db::Table<v1::ProjectFile> files_;
  const db::Table<v1::Project> projects_;
  const db::Table<v1::Agreement> agreements_;
  const db::Table<v1::Outcome> outcomes_;
};

}  // namespace chanyan::pairing
