// The clock over a push (TRI-4): started, paused, extended, and what it shows.
#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "services/triage/clock_rules.h"
#include "services/triage/dispatch_service.h"
#include "services/triage/parties.h"
#include "services/triage/push_life.h"
#include "services/triage/push_parties.h"

namespace chanyan::triage {

using options::v1::ERROR_REASON_WRONG_STATE;

absl::Status DispatchService::Clock(rpc::Change& change, const rpc::Call& call,
                                    v1::ClockEventKind kind, absl::string_view phase, int workdays,
                                    absl::string_view reason, v1::Push* push) const {
  CHANYAN_RETURN_IF_ERROR(AddClockEvent(deps_.pack.pack().calendar(), change.now(), kind, phase,
                                        workdays, reason, call.principal.organization,
                                        push->mutable_clock()));
  return SetDue(deps_.pack.pack().calendar(), change.now(), push);
}

absl::Status DispatchService::NoteLate(absl::Time now, v1::Push* push) const {
  CHANYAN_ASSIGN_OR_RETURN(const v1::ClockReading reading,
                           ReadClock(deps_.pack.pack().calendar(), push->clock(), now));
  if (reading.overdue()) push->set_late(true);
  return absl::OkStatus();
}

absl::StatusOr<v1::Push> DispatchService::OfClock(const rpc::Call& call,
                                                  const google::protobuf::Message& request,
                                                  const std::string& name, const std::string& etag,
                                                  absl::string_view verb, bool by_recipient,
                                                  RowEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Push push,
      rpc::Edit<v1::Push>(deps_.store, call, request, pushes_, name, etag, verb,
                          [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                            CHANYAN_RETURN_IF_ERROR(by_recipient ? RequireRecipient(call, row)
                                                                 : RequireOwner(call, row));
                            if (!IsUnderWay(row.state())) {
                              return status::FailedPrecondition(
                                  ERROR_REASON_WRONG_STATE,
                                  absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                                               "”，时限已停止"));
                            }
                            return edit(change, row);
                          }));
  return Present(call, std::move(push));
}

absl::StatusOr<v1::Push> DispatchService::PausePush(const rpc::Call& call,
                                                    const v1::PausePushRequest& request) {
  const policy::v1::PauseReason* reason = deps_.pack.FindPauseReason(request.pause_reason());
  if (reason == nullptr) {
    return status::InvalidField("pause_reason", "政策包中没有这一暂停事由");
  }
  return OfClock(call, request, request.name(), request.etag(), "pause", /*by_recipient=*/true,
                 [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                   return Clock(change, call, v1::CLOCK_EVENT_KIND_PAUSE, "",
                                static_cast<int>(reason->max_workdays()),
                                request.note().empty()
                                    ? reason->display_name()
                                    : absl::StrCat(reason->display_name(), "：", request.note()),
                                &row);
                 });
}

absl::StatusOr<v1::Push> DispatchService::ResumePush(const rpc::Call& call,
                                                     const v1::ResumePushRequest& request) {
  return OfClock(call, request, request.name(), request.etag(), "resume", /*by_recipient=*/true,
                 [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                   return Clock(change, call, v1::CLOCK_EVENT_KIND_RESUME, "", 0, "", &row);
                 });
}

absl::StatusOr<v1::Push> DispatchService::ExtendPush(const rpc::Call& call,
                                                     const v1::ExtendPushRequest& request) {
  const policy::v1::ServiceClock& clock = deps_.pack.proto().clock();
  if (request.workdays() > static_cast<int>(clock.max_extension_workdays())) {
    return status::InvalidField(
        "workdays", absl::StrCat("每次最多延长", clock.max_extension_workdays(), "个工作日"));
  }
  return OfClock(call, request, request.name(), request.etag(), "extend", /*by_recipient=*/false,
                 [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                   if (ExtensionsOf(row.clock()) >= static_cast<int>(clock.max_extensions())) {
                     return status::FailedPrecondition(
                         options::v1::ERROR_REASON_RULE_VIOLATED,
                         absl::StrCat("最多延长", clock.max_extensions(), "次（",
                                      clock.clause().document(), clock.clause().article(), "）"));
                   }
                   return Clock(change, call, v1::CLOCK_EVENT_KIND_EXTEND, "", request.workdays(),
                                request.reason(), &row);
                 });
}

absl::StatusOr<v1::ClockReading> DispatchService::ReadPushClock(
    const rpc::Call& call, const v1::ReadPushClockRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Push row,
                           rpc::Fetch(deps_.store.db, call, pushes_, request.name()));
  const absl::Time as_of = request.has_as_of() ? TimeIn(request.as_of()) : deps_.store.clock.Now();
  return ReadClock(deps_.pack.pack().calendar(), row.clock(), as_of);
}

}  // namespace chanyan::triage
