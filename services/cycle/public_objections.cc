// Handlers of objections without an account (CYC-8).
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/auth/secret.h"
#include "common/objection/quota.h"
#include "common/objection/receipt.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/objection_service.h"

namespace chanyan::cycle {
namespace {

// objections/{o} lies below its version.
std::string VersionOf(const v1::Objection& row) {
  return row.name().substr(0, row.name().find("/objections/"));
}

}  // namespace

absl::StatusOr<v1::ObjectionReceipt> ObjectionService::SubmitPublicObjection(
    const rpc::Call& call, const v1::SubmitPublicObjectionRequest& request) {
  const std::string receipt_id = api::NewShortId();
  const std::string nonce = auth::NewSecret();
  const std::vector<objection::Source> sources =
      objection::SourcesOfPublic(call.client_address, {.name = request.parent(),
                                                       .label = "本榜单",
                                                       .per_address = limits_.per_address,
                                                       .limit = limits_.per_version});
  // What is remembered under the request id has neither contacts nor what opens the objection.
  v1::SubmitPublicObjectionRequest compared = request;
  DigestContacts(compared.mutable_objection());
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ObjectionReceipt answer,
      rpc::Mutate<v1::ObjectionReceipt>(
          deps_.store, call, compared,
          [&](rpc::Change& change) -> absl::StatusOr<v1::ObjectionReceipt> {
            // The lock keeps a publication and an objection apart.
            CHANYAN_ASSIGN_OR_RETURN(const Published published,
                                     Load(change.session(), request.parent(),
                                          auth::Readable<v1::Leaderboard>(call.principal), true));
            CHANYAN_ASSIGN_OR_RETURN(v1::Objection row,
                                     NewObjection(published, request.objection()));
            const absl::CivilDay last = time::DayOf(time::ToTime(published.window.deadline()));
            CHANYAN_RETURN_IF_ERROR(objection::CountObjection(
                change.session(), change.now(), keys_, sources, time::DayOf(published.now) < last));
            row.set_source(v1::OBJECTION_SOURCE_PUBLIC);
            row.set_receipt_number(objection::ReceiptNumber(change.now(), receipt_id));
            auto receipt = objection::IssueReceipt<v1::ObjectionReceipt>(change.now(), nonce, &row);
            CHANYAN_RETURN_IF_ERROR(objection::SealReceipt(keys_, &receipt));
            CHANYAN_RETURN_IF_ERROR(Put(change, &row));
            return receipt;
          }));
  CHANYAN_RETURN_IF_ERROR(objection::OpenReceipt(keys_, &answer));
  return answer;
}

absl::StatusOr<v1::ObjectionReceiptStatus> ObjectionService::CheckObjectionReceipt(
    const rpc::Call& call, const v1::CheckObjectionReceiptRequest& request) {
  v1::Objection found;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Objection> rows,
            objections_.Select(session, {"receipt_number = ?", {request.receipt_number()}}));
        found = rows.empty() ? v1::Objection() : rows.front();
        return absl::OkStatus();
      }));
  // Compared also when there is nothing: the two take the same time.
  if (!objection::HoldsReceipt(found.receipt_sha256(), request.verification_hash())) {
    return status::NotFound(absl::StrCat("leaderboardReceipts/", request.receipt_number()));
  }
  v1::ObjectionReceiptStatus answer;
  answer.set_receipt_number(found.receipt_number());
  answer.set_leaderboard(VersionOf(found));
  answer.set_state(found.state());
  *answer.mutable_submit_time() = found.create_time();
  answer.set_finding(found.finding());
  answer.set_evidence_count(found.evidence_count());
  if (found.state() == v1::OBJECTION_STATE_OPEN) answer.add_actions("addEvidence");
  if (found.has_decide_time()) *answer.mutable_decide_time() = found.decide_time();
  return answer;
}

}  // namespace chanyan::cycle
