#include "services/triage/handover_checks.h"

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "services/triage/parties.h"
#include "services/triage/result_life.h"

namespace chanyan::triage {

using options::v1::ERROR_REASON_WRONG_STATE;

absl::Status CheckOffer(const rpc::Call& call, const v1::Result& row, const Holder& to) {
  if (!IsOpen(row.state())) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "已撤回或已合并的成果不再移交");
  }
  if (call.principal.organization != row.holder() && !IsOffice(call, row.office())) {
    return status::PermissionDenied(
        absl::StrCat("首问责任单位为“", row.holder_title(), "”，由其移交"));
  }
  if (!row.open_handover().empty()) {
    return status::FailedPrecondition(
        ERROR_REASON_WRONG_STATE,
        absl::StrCat("已有移交待接收（", row.open_handover(), "），请先取消"));
  }
  if (to.organization == row.holder() && to.broker == row.broker()) {
    return status::InvalidField("to_holder", "已由该单位负责，不需要移交");
  }
  return absl::OkStatus();
}

v1::Handover OfferOf(const v1::Result& row, const Holder& to, const std::string& reason) {
  v1::Handover next;
  next.set_name(absl::StrCat(row.name(), "/handovers/", api::NewShortId()));
  next.set_to_holder(to.organization);
  next.set_to_holder_title(to.title);
  next.set_to_broker(to.broker);
  next.set_from_holder(row.holder());
  next.set_from_holder_title(row.holder_title());
  next.set_reason(reason);
  next.set_state(v1::HANDOVER_STATE_OFFERED);
  CopyParties(row, &next);
  return next;
}

bool MayAct(const rpc::Call& call, const v1::Handover& row, absl::string_view verb) {
  const std::string& caller = call.principal.organization;
  if (verb == "cancel") return caller == row.from_holder() || IsOffice(call, row.office());
  return caller == row.to_holder();
}

absl::Status RefuseOthers(absl::string_view verb) {
  return status::PermissionDenied(verb == "cancel" ? "移交由移交单位或成果处取消"
                                                   : "移交由接收单位接收或拒绝");
}

}  // namespace chanyan::triage
