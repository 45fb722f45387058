#include "services/triage/push_parties.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace chanyan::triage {

using options::v1::ERROR_REASON_WRONG_STATE;

bool IsRecipient(const rpc::Call& call, const v1::Push& push) {
  return call.principal.organization == push.recipient();
}

bool IsOwner(const rpc::Call& call, const v1::Push& push) {
  const std::string& caller = call.principal.organization;
  return !caller.empty() && (caller == push.holder() || caller == push.department() ||
                             caller == push.agency() || caller == push.office());
}

absl::Status RequireRecipient(const rpc::Call& call, const v1::Push& push) {
  if (IsRecipient(call, push)) return absl::OkStatus();
  return status::PermissionDenied(absl::StrCat("由收件单位（", push.recipient_title(), "）办理"));
}

absl::Status RequireOwner(const rpc::Call& call, const v1::Push& push) {
  if (IsOwner(call, push)) return absl::OkStatus();
  return status::PermissionDenied("由成果的责任单位、服务专班或成果处办理");
}

absl::Status RequireReturned(const v1::Push& push) {
  if (push.state() == v1::PUSH_STATE_DECLINED && !push.settled()) return absl::OkStatus();
  return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, push.settled()
                                                                  ? "退回的推送已处理"
                                                                  : "只有退回的推送需要改送或办结");
}

}  // namespace chanyan::triage
