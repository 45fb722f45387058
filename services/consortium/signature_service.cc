#include "services/consortium/signature_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "services/consortium/digests.h"
#include "services/consortium/dossier_rules.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {

absl::Status CheckSigned(const std::string& name, const std::string& read,
                         const std::string& present) {
  if (read == present) return absl::OkStatus();
  return status::StaleEtag(name, "待签署的内容已有变化，请核对后重新签署");
}

absl::StatusOr<v1::Signature> Sign(rpc::Change& change, const rpc::Call& call,
                                   const v1::Consortium& row, v1::SignatureSubject subject,
                                   const std::string& supplement, const std::string& digest,
                                   const Pen& pen) {
  const db::Table<v1::Signature> signatures;
  const std::string& own = call.principal.organization;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Signature> before,
      signatures.Select(change.session(), {"consortium = ? AND organization = ? AND digest = ?",
                                           {row.name(), own, digest}}));
  for (v1::Signature& one : before) {
    if (one.subject() == subject && one.plan_digest() == pen.plan_digest) return std::move(one);
  }
  v1::Signature signature;
  signature.set_name(absl::StrCat(row.name(), "/signatures/", api::NewShortId()));
  signature.set_organization(own);
  signature.set_organization_title(own == row.lead_unit() ? row.lead_unit_title()
                                                          : pen.organization_title);
  for (const v1::ConsortiumMember& member : row.members()) {
    if (member.organization() == own) signature.set_organization_title(member.title());
  }
  signature.set_subject(subject);
  signature.set_supplement(supplement);
  signature.set_digest(digest);
  signature.set_signer(pen.signer);
  signature.set_post(pen.post);
  signature.set_plan_digest(pen.plan_digest);
  signature.set_account(call.principal.account);
  api::SetTime(change.now(), signature.mutable_sign_time());
  CopyParties(row, &signature);
  CHANYAN_RETURN_IF_ERROR(signatures.Insert(change.session(), change.now(), &signature));
  CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &signature));
  return signature;
}

std::vector<rpc::UnaryMethod> SignatureService::Methods() {
  using S = SignatureService;
  return {
      rpc::Unary("SignAgreement", this, &S::SignAgreement),
      rpc::Unary("SignDissolution", this, &S::SignDissolution),
      rpc::Unary("ListSignatures", this, &S::ListSignatures),
  };
}

absl::StatusOr<v1::Signature> SignatureService::SignAgreement(
    const rpc::Call& call, const v1::SignAgreementRequest& request) {
  return rpc::Mutate<v1::Signature>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Signature> {
        CHANYAN_RETURN_IF_ERROR(
            rpc::RefuseSucceeded(change.session(), {call.principal.organization}));
        CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row,
                                 deps_.book.LockAsParticipant(change, call, request.name()));
        if (!In(row.state(), kEditable)) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                           "”，组建协议在编制或退回补正时签署"));
        }
        CHANYAN_RETURN_IF_ERROR(
            CheckSigned(row.name(), request.digest(), row.agreement().digest()));
        const std::string plan = PlanDigest(row.plan());
        if (!request.plan_digest().empty()) {
          CHANYAN_RETURN_IF_ERROR(CheckSigned(row.name(), request.plan_digest(), plan));
        }
        const v1::Consortium before = row;
        CHANYAN_ASSIGN_OR_RETURN(
            v1::Signature signature,
            Sign(change, call, row, v1::SIGNATURE_SUBJECT_AGREEMENT, "", request.digest(),
                 {request.signer(), request.post(), "", plan}));
        CHANYAN_RETURN_IF_ERROR(deps_.book.Settle(change, "signed", &row));
        CHANYAN_RETURN_IF_ERROR(deps_.book.Save(change, "signed", before, &row));
        return signature;
      });
}

absl::StatusOr<v1::Signature> SignatureService::SignDissolution(
    const rpc::Call& call, const v1::SignDissolutionRequest& request) {
  return rpc::Mutate<v1::Signature>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Signature> {
        CHANYAN_RETURN_IF_ERROR(
            rpc::RefuseSucceeded(change.session(), {call.principal.organization}));
        CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium row,
                                 deps_.book.LockAsParticipant(change, call, request.name()));
        CHANYAN_RETURN_IF_ERROR(FindStep(row.state(), "dissolve", Part::kLead).status());
        return Sign(change, call, row, v1::SIGNATURE_SUBJECT_DISSOLUTION, "",
                    DissolutionDigest(row), {request.signer(), request.post(), ""});
      });
}

absl::StatusOr<v1::ListSignaturesResponse> SignatureService::ListSignatures(
    const rpc::Call& call, const v1::ListSignaturesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, signatures_, request,
                                                     absl::StrCat(request.parent(), "/signatures"),
                                                     request.filter(), request.order_by()));
  v1::ListSignaturesResponse response;
  for (v1::Signature& row : page.rows) *response.add_signatures() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::consortium
