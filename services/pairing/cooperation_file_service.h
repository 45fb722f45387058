// RPC handlers of chanyan.pairing.v1.CooperationFileService (PAIR-8). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "chanyan/pairing/v1/cooperation_file.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/empty.pb.h"

namespace chanyan::pairing {

class CooperationFileService {
 public:
  struct Deps {
    rpc::StoreDeps store;
  };
  explicit CooperationFileService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::CooperationFile> CreateCooperationFile(
      const rpc::Call&, const v1::CreateCooperationFileRequest&);
  absl::StatusOr<v1::CooperationFile> GetCooperationFile(const rpc::Call&,
                                                         const v1::GetCooperationFileRequest&);
  absl::StatusOr<v1::ListCooperationFilesResponse> ListCooperationFiles(
      const rpc::Call&, const v1::ListCooperationFilesRequest&);
  absl::StatusOr<google::api::HttpBody> DownloadCooperationFile(
      const rpc::Call&, const v1::DownloadCooperationFileRequest&);
  absl::StatusOr<google::protobuf::Empty> DeleteCooperationFile(
      const rpc::Call&, const v1::DeleteCooperationFileRequest&);

 private:
  // `with` the table that the subject is of.
  template <class With>
  auto OfSubject(const std::string& subject, With with) const;
  // NOT_FOUND unless the caller sees the subject, and what is written of it.
  absl::Status RequireSeen(db::Session& session, const rpc::Call& call,
                           const std::string& subject) const;
  // Locks the subject if the caller may change it, NOT_FOUND otherwise; whether it names `sha256`.
  absl::StatusOr<bool> LockSubject(db::Session& session, const rpc::Call& call,
                                   const std::string& subject, const std::string& sha256) const;
  // A file that the caller sees.
  absl::StatusOr<v1::CooperationFile> SeenFile(db::Session& session, const rpc::Call& call,
                                               const std::string& name) const;

  const Deps deps_;
  const db::Table<v1::CooperationFile> files_;
  const db::Table<v1::FrameAgreement> agreements_;
  const db::Table<v1::Conference> conferences_;
  const db::Table<v1::FollowUp> follow_ups_;
  const db::Table<v1::CoBuiltBase> bases_;
};

}  // namespace chanyan::pairing
