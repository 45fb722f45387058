#include "services/pairing/agreement_service.h"

#include "absl/strings/str_cat.h"
#include "common/policy/contract_fields.h"
#include "common/rpc/resource.h"
#include "services/pairing/agreement_rules.h"
#include "services/pairing/stored_files.h"

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
  CHANYAN_ASSIGN_OR_RETURN(v1::Agreement row,
                           rpc::Fetch(deps_.store.db, call, book_.table(), request.name()));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::Agreement> AgreementService::Shown(const rpc::Call& call,
                                                      v1::Agreement row) const {
  CHANYAN_RETURN_IF_ERROR(ShowProjectFiles<v1::Agreement>(deps_.store.db, call, {&row}));
  return row;
}

absl::StatusOr<v1::ListAgreementsResponse> AgreementService::ListAgreements(
    const rpc::Call& call, const v1::ListAgreementsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, book_.table(), request,
                                                     absl::StrCat(request.parent(), "/agreements"),
                                                     request.filter(), request.order_by()));
  v1::ListAgreementsResponse response;
  response.mutable_agreements()->Assign(page.rows.begin(), page.rows.end());
  CHANYAN_RETURN_IF_ERROR(
      ShowProjectFiles(deps_.store.db, call, RowsOf(response.mutable_agreements())));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Agreement> AgreementService::CreateAgreement(
    const rpc::Call& call, const v1::CreateAgreementRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Agreement filed,
      rpc::Mutate<v1::Agreement>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Agreement> {
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::Project project,
                LockProject(change.session(), call, projects_, request.parent()));
            CHANYAN_RETURN_IF_ERROR(RequireFiling(project));
            v1::Agreement row = request.agreement();
            const bool dry_run = request.validate_only();
            CHANYAN_RETURN_IF_ERROR(book_.File(change, project, "agreement", dry_run, &row));
            if (dry_run || row.kind() != v1::AGREEMENT_KIND_MAIN) return row;
            CHANYAN_RETURN_IF_ERROR(book_.NameMain(change, {project}));
            return row;
          }));
  return Shown(call, std::move(filed));
}

absl::StatusOr<v1::Agreement> AgreementService::UpdateAgreement(
    const rpc::Call& call, const v1::UpdateAgreementRequest& request) {
  const v1::Agreement& update = request.agreement();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Agreement updated,
      rpc::Edit<v1::Agreement>(
          deps_.store, call, request, book_.table(), update.name(), update.etag(), "updated",
          [&](rpc::Change& change, v1::Agreement& row) -> absl::Status {
            CHANYAN_ASSIGN_OR_RETURN(const v1::Project project,
                                     projects_.Get(change.session(), ProjectOfName(row.name())));
            CHANYAN_RETURN_IF_ERROR(RequireChangeable(project));
            v1::Agreement wanted = row;
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
            ForgetFiles(wanted.mutable_documents());
            policy::TakeContractFields(deps_.pack, wanted.mutable_contract_fields());
            RemindAnewOf(row, &wanted);
            CHANYAN_RETURN_IF_ERROR(
                book_.Check(change.session(), change.now(), project, "agreement", wanted));
            if (request.validate_only()) return absl::OkStatus();
            const bool prolonged = IsProlonged(row, wanted);
            row = std::move(wanted);
            if (!prolonged) return absl::OkStatus();
            return EndEarlierReminders(change.session(), change.now(), change.origin(),
                                       project.name(), row.sequence(), "prolonged");
          }));
  return Shown(call, std::move(updated));
}

absl::StatusOr<google::api::HttpBody> AgreementService::ExportAgreements(
    const rpc::Call& call, const v1::ExportAgreementsRequest& request) {
  return ExportRecords<v1::AgreementRow>(deps_.store, call, book_.table(), request.parent(),
                                         request.filter(), "共建协议");
}

}  // namespace chanyan::pairing
