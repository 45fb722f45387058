#include "services/consortium/eligibility_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/policy/verdict.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/consortium/consortium_service.h"
#include "services/consortium/eligibility_rules.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {

std::vector<rpc::UnaryMethod> EligibilityService::Methods() {
  using S = EligibilityService;
  return {
      rpc::Unary("OverrideRule", this, &S::OverrideRule),
      rpc::Unary("ListEligibilityChecks", this, &S::ListEligibilityChecks),
      rpc::Unary("ReplayEligibilityCheck", this, &S::ReplayEligibilityCheck),
  };
}

absl::StatusOr<v1::Consortium> EligibilityService::OverrideRule(
    const rpc::Call& call, const v1::OverrideRuleRequest& request) {
  return rpc::Mutate<v1::Consortium>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Consortium> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, deps_.book.Lock(change, call, request.name()));
        if (!request.etag().empty() && request.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, request.etag(), row);
        }
        if (!In(row.state(), kUnderReview)) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                           "”，只有审核、评审和公示期间可以批准例外"));
        }
        const v1::Consortium before = row;
        CHANYAN_RETURN_IF_ERROR(deps_.book.JudgeAnew(change, "override", false, &row));
        CHANYAN_RETURN_IF_ERROR(
            Waive(deps_.pack, row.verdicts(),
                  {request.rule_id(), request.reason(), call.principal.account, change.now()},
                  row.mutable_overrides()));
        CHANYAN_RETURN_IF_ERROR(deps_.book.JudgeAnew(change, "override", true, &row));
        CHANYAN_RETURN_IF_ERROR(deps_.book.Save(change, "override", before, &row));
        return Present(deps_.pack, call, std::move(row));
      });
}

absl::StatusOr<v1::ListEligibilityChecksResponse> EligibilityService::ListEligibilityChecks(
    const rpc::Call& call, const v1::ListEligibilityChecksRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page,
      rpc::FetchPage(deps_.store.db, call, checks_, request,
                     absl::StrCat(request.parent(), "/eligibilityChecks"), request.filter(),
                     request.order_by().empty() ? "number" : request.order_by()));
  v1::ListEligibilityChecksResponse response;
  for (v1::EligibilityCheck& row : page.rows) {
    *response.add_eligibility_checks() = std::move(row);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ReplayEligibilityCheckResponse> EligibilityService::ReplayEligibilityCheck(
    const rpc::Call& call, const v1::ReplayEligibilityCheckRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::EligibilityCheck check,
                           rpc::Fetch(deps_.store.db, call, checks_, request.name()));
  v1::ReplayEligibilityCheckResponse response;
  *response.mutable_verdicts() = Replay(deps_.pack, check);
  const std::string bytes = policy::Encode(response.verdicts());
  response.set_verdicts_sha256(api::Sha256Hex(bytes));
  response.set_identical(bytes == policy::Encode(check.verdicts()) &&
                         response.verdicts_sha256() == check.verdicts_sha256());
  return response;
}

}  // namespace chanyan::consortium
