// RPC handlers of chanyan.cycle.v1.ObjectionService (CYC-8). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/objection.pb.h"
#include "common/crypto/keyring.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/api/httpbody.pb.h"
#include "services/cycle/cycle_deps.h"

namespace chanyan::cycle {

class ObjectionService {
 public:
  // Objections of the public a day (objection::Publication).
  struct Limits {
    uint32_t per_address = 3;
    uint32_t per_version = 1000;
  };
  // `keys` seal what objectors say of themselves.
  ObjectionService(CycleDeps deps, const crypto::Keyring& keys, Limits limits)
      : deps_(std::move(deps)), keys_(keys), limits_(limits) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ObjectionWindow> GetObjectionWindow(const rpc::Call&,
                                                         const v1::GetObjectionWindowRequest&);
  absl::StatusOr<v1::Objection> CreateObjection(const rpc::Call&,
                                                const v1::CreateObjectionRequest&);
  // public_objections.cc
  absl::StatusOr<v1::ObjectionReceipt> SubmitPublicObjection(
      const rpc::Call&, const v1::SubmitPublicObjectionRequest&);
  absl::StatusOr<v1::ObjectionReceiptStatus> CheckObjectionReceipt(
      const rpc::Call&, const v1::CheckObjectionReceiptRequest&);
  // objection_evidence.cc
  absl::StatusOr<v1::ObjectionEvidence> AddObjectionEvidence(
      const rpc::Call&, const v1::AddObjectionEvidenceRequest&);
  absl::StatusOr<v1::ListObjectionEvidenceResponse> ListObjectionEvidence(
      const rpc::Call&, const v1::ListObjectionEvidenceRequest&);
  absl::StatusOr<google::api::HttpBody> DownloadObjectionEvidence(
      const rpc::Call&, const v1::DownloadObjectionEvidenceRequest&);
  // objection_service.cc
  absl::StatusOr<v1::Objection> WithdrawObjection(const rpc::Call&,
                                                  const v1::WithdrawObjectionRequest&);
  absl::StatusOr<v1::Objection> DecideObjection(const rpc::Call&,
                                                const v1::DecideObjectionRequest&);
  absl::StatusOr<v1::ListObjectionsResponse> ListObjections(const rpc::Call&,
                                                            const v1::ListObjectionsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportObjections(const rpc::Call&,
                                                         const v1::ExportObjectionsRequest&);

 private:
  // A version that the caller may see, with the cycle's time and its window.
  struct Published {
    v1::Leaderboard version;
    v1::ObjectionWindow window;
    absl::Time now;
  };
  // For who reads, with the figures of the window; for who objects without them, and locked, so
  // that no newer version is published meanwhile.
  absl::StatusOr<Published> Load(db::Session& session, const std::string& name,
                                 const db::Predicate& scope, bool to_object) const;
  absl::StatusOr<absl::Time> CycleTime(db::Session& session, const std::string& name,
                                       absl::Time now) const;
  // What anybody may say, of an entry that the version has, at its time; nothing is written.
  absl::StatusOr<v1::Objection> NewObjection(const Published& published,
                                             const v1::Objection& wanted) const;
  // Seals what the objector says of himself, and writes.
  absl::Status Put(rpc::Change& change, v1::Objection* row) const;
  // In a request that is remembered (crypto::DigestFields).
  void DigestContacts(v1::Objection* wanted) const;
  v1::Objection Present(const rpc::Call& call, v1::Objection objection) const;

  const CycleDeps deps_;
  const crypto::Keyring& keys_;
  const Limits limits_;
  const db::Table<v1::Cycle> cycles_;
  const db::Table<v1::Leaderboard> leaderboards_;
  const db::Table<v1::Objection> objections_;
  const db::Table<v1::ObjectionEvidence> evidence_;
};

}  // namespace chanyan::cycle
