// RPC handlers of chanyan.consortium.v1.NoticeService (CON-5), and the end of notices. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "common/crypto/keyring.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/objection/quota.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

class NoticeService {
 public:
  // `keys` seal what objectors say of themselves.
  NoticeService(Deps deps, const crypto::Keyring& keys) : deps_(std::move(deps)), keys_(keys) {}

  std::vector<rpc::UnaryMethod> Methods();

  // notices.cc
  absl::StatusOr<v1::PublicNotice> PublishNotice(const rpc::Call&, const v1::PublishNoticeRequest&);
  absl::StatusOr<v1::PublicNotice> GetPublicNotice(const rpc::Call&,
                                                   const v1::GetPublicNoticeRequest&);
  absl::StatusOr<v1::ListPublicNoticesResponse> ListPublicNotices(
      const rpc::Call&, const v1::ListPublicNoticesRequest&);

  // Ends notices whose window is over: files where no objection stands, each once, whichever
  // replica comes first. One that objections keep is marked to wait, and its dossier as late, once;
  // so is the dossier of one that a rule holds. How many ended or came to wait.
  absl::StatusOr<int> EndDue(const db::Lease& lease);
  // Objections that nobody has answered: reminded of as their last workday but one begins, marked
  // late as their term is over, each once. How many.
  absl::StatusOr<int> RemindOfObjections(const db::Lease& lease);
  absl::StatusOr<int> MarkLateObjections(const db::Lease& lease);
  // A dossier leaves the notice for another reason: its open notice ends with it, in the same
  // transaction.
  absl::Status EndWith(rpc::Change& change, const v1::Consortium& consortium) const;
  // WRONG_STATE while an objection to the dossier's open notice waits for its decision. One that
  // comes meanwhile waits for the notice.
  absl::Status RequireDecided(rpc::Change& change, const v1::Consortium& consortium) const;
  // Gates of the steps by which a dossier leaves the notice; before the first call.
  void SetGates(ConsortiumBook& book) const;

  // objections.cc
  absl::StatusOr<v1::ObjectionReceipt> CreateNoticeObjection(
      const rpc::Call&, const v1::CreateNoticeObjectionRequest&);
  absl::StatusOr<v1::ObjectionReceipt> SubmitPublicObjection(
      const rpc::Call&, const v1::SubmitPublicObjectionRequest&);
  absl::StatusOr<v1::ReceiptStatus> CheckObjectionReceipt(const rpc::Call&,
                                                          const v1::CheckObjectionReceiptRequest&);
  absl::StatusOr<v1::NoticeObjection> GetNoticeObjection(const rpc::Call&,
                                                         const v1::GetNoticeObjectionRequest&);
  absl::StatusOr<v1::ListNoticeObjectionsResponse> ListNoticeObjections(
      const rpc::Call&, const v1::ListNoticeObjectionsRequest&);
  absl::StatusOr<v1::NoticeObjection> WithdrawNoticeObjection(
      const rpc::Call&, const v1::WithdrawNoticeObjectionRequest&);
  absl::StatusOr<v1::NoticeObjection> DecideNoticeObjection(
      const rpc::Call&, const v1::DecideNoticeObjectionRequest&);
  // objection_evidence.cc
  absl::StatusOr<v1::ObjectionEvidence> AddObjectionEvidence(
      const rpc::Call&, const v1::AddObjectionEvidenceRequest&);
  absl::StatusOr<v1::ListObjectionEvidenceResponse> ListObjectionEvidence(
      const rpc::Call&, const v1::ListObjectionEvidenceRequest&);
  absl::StatusOr<google::api::HttpBody> DownloadObjectionEvidence(
      const rpc::Call&, const v1::DownloadObjectionEvidenceRequest&);

 private:
  // Of a dossier, open and locked; none or one.
  absl::StatusOr<std::vector<v1::PublicNotice>> LockOpen(db::Session& session,
                                                         const std::string& consortium) const;
  v1::PublicNotice Present(const rpc::Call& call, v1::PublicNotice row) const;
  v1::NoticeObjection Present(const rpc::Call& call, v1::NoticeObjection row) const;

  absl::StatusOr<bool> EndOne(rpc::Change& change, const std::string& name) const;
  absl::StatusOr<bool> Wait(rpc::Change& change, v1::Consortium* consortium,
                            v1::PublicNotice* row) const;
  // The dossier's time on notice is over, and it is not filed.
  absl::Status MarkLate(rpc::Change& change, v1::Consortium* consortium) const;
  // Sets `flag` of one that is still open and does not have it.
  using Flag = void (v1::NoticeObjection::*)(bool);
  absl::StatusOr<bool> Mark(rpc::Change& change, const std::string& name, absl::string_view kind,
                            bool (v1::NoticeObjection::*has)() const, Flag set) const;
  absl::Status Hold(const db::Lease& lease, const std::string& name, const absl::Status& why) const;
  // `compared` is the request without contacts (crypto::DigestFields): what is remembered of it.
  // `sources` are what it is counted by.
  absl::StatusOr<v1::ObjectionReceipt> Object(const rpc::Call& call,
                                              const google::protobuf::Message& compared,
                                              const std::string& notice,
                                              const v1::NoticeObjection& wanted,
                                              v1::ObjectionSource kind,
                                              const std::vector<objection::Source>& sources) const;

  const Deps deps_;
  const crypto::Keyring& keys_;
  const db::Table<v1::PublicNotice> notices_;
  const db::Table<v1::NoticeObjection> objections_;
  const db::Table<v1::ObjectionEvidence> evidence_;
};

}  // namespace chanyan::consortium
