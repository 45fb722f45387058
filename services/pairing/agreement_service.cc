#include "services/pairing/agreement_service.h"

#include "absl/strings/str_cat.h"
#include "common/policy/contract_fields.h"
#include "common/rpc/resource.h"
#include "services/pairing/agreement_rules.h"

namespace chanyan::pairing {
std::vector<rpc::UnaryMethod> AgreementService::Methods() {
  using S = AgreementService;
  return {
      rpc::Unary("GetAgreement", this, &S::GetAgreement),
      rpc::Unary("ListAgreements", this, &S::ListAgreements),
      rpc::Unary("CreateAgreement", this, &S::CreateAgreement),
      rpc::Unary("UpdateAgreement", this, &S::UpdateAgreement),
      rpc::Unary("ExportAgreements", this, &S::ExportAgreements),
  };
}

absl::StatusOr<v1::Agreement> AgreementService::GetAgreement(
    const rpc::Call& call, const v1::GetAgreementRequest& request) {
  return rpc::Fetch(deps_.store.db, call, book_.table(), request.name());
}

absl::StatusOr<v1::ListAgreementsResponse> AgreementService::ListAgreements(
    const rpc::Call& call, const v1::ListAgreementsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, book_.table(), request,
                                                     absl::StrCat(request.parent(), "/agreements"),
                                                     request.filter(), request.order_by()));
  v1::ListAgreementsResponse response;
  response.mutable_agreements()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Agreement> AgreementService::CreateAgreement(
    const rpc::Call& call, const v1::CreateAgreementRequest& request) {
  return rpc::Mutate<v1::Agreement>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Agreement> {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Project project,
                                 LockProject(change.session(), call, projects_, request.parent()));
        CHANYAN_RETURN_IF_ERROR(RequireFiling(project));
        v1::Agreement row = request.agreement();
        const bool dry_run = request.validate_only();
        CHANYAN_RETURN_IF_ERROR(book_.File(change, project, "agreement", dry_run, &row));
        if (dry_run || row.kind() != v1::AGREEMENT_KIND_MAIN) return row;
        CHANYAN_RETURN_IF_ERROR(book_.NameMain(change, {project}));
        return row;
      });
}

absl::StatusOr<v1::Agreement> AgreementService::UpdateAgreement(
    const rpc::Call& call, const v1::UpdateAgreementRequest& request) {
  const v1::Agreement& update = request.agreement();
  return rpc::Edit<v1::Agreement>(
      deps_.store, call, request, book_.table(), update.name(), update.etag(), "updated",
      [&](rpc::Change& change, v1::Agreement& row) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Project project,
                                 projects_.Get(change.session(), ProjectOfName(row.name())));
        CHANYAN_RETURN_IF_ERROR(RequireChangeable(project));
        v1::Agreement wanted = row;
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
        policy::TakeContractFields(deps_.pack, wanted.mutable_contract_fields());
        CHANYAN_RETURN_IF_ERROR(
            book_.Check(change.session(), change.now(), project, "agreement", wanted));
        if (!request.validate_only()) row = std::move(wanted);
        return absl::OkStatus();
      });
}

absl::StatusOr<google::api::HttpBody> AgreementService::ExportAgreements(
    const rpc::Call& call, const v1::ExportAgreementsRequest& request) {
  return ExportRecords<v1::AgreementRow>(deps_.store, call, book_.table(), request.parent(),
                                         request.filter(), "共建协议");
}

}  // namespace chanyan::pairing
