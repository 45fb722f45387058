#include "common/rpc/pipeline.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/api/names.h"
#include "common/api/validate.h"
#include "common/auth/scope.h"
#include "common/rpc/trace.h"
#include "common/status/status.h"

namespace chanyan::rpc {
namespace {

// A call that waited longer than this part of its budget would be answered too late to be of use,
// and those behind it too: it makes room.
constexpr double kMostQueueShare = 0.5;

// All an account may do before its first password is changed.
constexpr absl::string_view kBeforePasswordChange[] = {
    "chanyan.identity.v1.IdentityService.GetMe",
    "chanyan.identity.v1.IdentityService.ChangePassword",
    "chanyan.identity.v1.IdentityService.SignOut",
};

bool IsOurFault(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInternal ||
         status.code() == absl::StatusCode::kUnknown ||
         status.code() == absl::StatusCode::kDataLoss;
}

// "STALE_ETAG"; views into the generated names, which live for ever.
absl::string_view ReasonName(const absl::Status& status) {
  if (status.ok()) return "";
  const status::Reason reason = status::ReasonOf(status);
  if (reason == options::v1::ERROR_REASON_UNSPECIFIED) return "";
  return absl::StripPrefix(options::v1::ErrorReason_Name(reason), "ERROR_REASON_");
}

std::vector<std::string> CodeNames() {
  std::vector<std::string> names;
  for (int code = 0; code <= static_cast<int>(absl::StatusCode::kUnauthenticated); ++code) {
    names.push_back(absl::StatusCodeToString(static_cast<absl::StatusCode>(code)));
  }
  return names;
}

std::vector<std::string> Labels(const std::vector<const ServedMethod*>& methods) {
  std::vector<std::string> labels;
  for (const ServedMethod* method : methods) labels.push_back(method->label);
  return labels;
}

// Nothing of ours throws, but libraries may, and one call must not take the others along.
absl::Status Guarded(absl::FunctionRef<absl::Status()> work) {
  try {
    return work();
  } catch (const std::exception& exception) {
    return status::Internal(absl::StrCat("exception: ", exception.what()));
  }
}

size_t LaneIndex(const ServedMethod& method) {
  return method.lane == options::v1::LANE_BATCH ? 1 : 0;
}

}  // namespace

ServedMethod Describe(const google::protobuf::MethodDescriptor* method) {
  const options::v1::Method& policy = method->options().GetExtension(options::v1::method);
  ServedMethod served;
  served.descriptor = method;
  served.lane = policy.lane();
  if (policy.deadline_ms() > 0) {
    served.deadline = absl::Milliseconds(policy.deadline_ms());
  } else {
    served.deadline =
        policy.lane() == options::v1::LANE_BATCH ? kBatchDeadline : kInteractiveDeadline;
  }
  const auto* field = method->input_type()->FindFieldByName("request_id");
  if (field != nullptr && !field->is_repeated() &&
      field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    served.request_id = field;
  }
  served.before_password_change =
      std::find(std::begin(kBeforePasswordChange), std::end(kBeforePasswordChange),
                method->full_name()) != std::end(kBeforePasswordChange);
  served.label = absl::StrCat(method->service()->full_name(), "/", method->name());
  return served;
}

absl::StatusOr<absl::Time> Budget(const ServedMethod& method, const Arrival& arrival) {
  const absl::Time end =
      std::min(arrival.client_deadline, arrival.received + method.deadline) - kReplyReserve;
  if (end - arrival.received < kLeastBudget) {
    return status::DeadlineExceeded("剩余时间不足以完成请求，请放宽客户端的时限后重试");
  }
  return end;
}

CallMetrics::CallMetrics(metrics::Registry& registry,
                         const std::vector<const ServedMethod*>& methods)
    : handled_(registry.Counters("chanyan_rpc_handled_total", "Calls answered, by code.",
                                 {{"method", Labels(methods)}, {"code", CodeNames()}})),
      seconds_(registry.Histograms("chanyan_rpc_seconds", "From arrival to answer, seconds.",
                                   {{"method", Labels(methods)}})),
      queue_seconds_(registry.Histograms("chanyan_rpc_queue_seconds", "Wait for a worker, seconds.",
                                         {{"lane", {"interactive", "batch"}}})),
      in_flight_(registry.Gauges("chanyan_rpc_in_flight", "Calls being answered.")),
      shed_(registry.Counters("chanyan_rpc_shed_total", "Calls refused for overload.",
                              {{"reason", {"queue_full", "queue_wait", "expired"}}})),
      unknown_(registry.Counters("chanyan_rpc_unknown_total", "Calls of methods not served.")) {}

void CallMetrics::Ended(const ServedMethod& method, const Outcome& outcome) const {
  const size_t code = std::min(static_cast<size_t>(outcome.status.code()),
                               static_cast<size_t>(absl::StatusCode::kUnauthenticated));
  handled_.At({method.index, code}).Increment();
  seconds_.At({method.index}).Observe(absl::ToDoubleSeconds(outcome.total));
  queue_seconds_.At({LaneIndex(method)}).Observe(absl::ToDoubleSeconds(outcome.queued));
  in_flight_.One().Decrement();
}

absl::Status Pipeline::Open(const ServedMethod& method, const Arrival& arrival, Call* call) {
  call->method = method.descriptor;
  call->request_id =
      api::IsUuid(arrival.request_id) ? std::string(arrival.request_id) : api::NewUuid();
  call->traceparent = ContinueTrace(arrival.traceparent);
  call->tracestate = ContinueTracestate(arrival.traceparent, arrival.tracestate);
  call->client_address = std::string(arrival.client_address);
  CHANYAN_ASSIGN_OR_RETURN(call->deadline, Budget(method, arrival));
  return absl::OkStatus();
}

absl::Status Pipeline::CheckQueue(const Arrival& arrival, absl::Duration queued,
                                  const Call& call) const {
  if (call.cancelled()) return absl::CancelledError("请求已取消");
  const absl::Duration budget = call.deadline - arrival.received;
  if (queued >= budget) {
    deps_.metrics.Dropped(CallMetrics::kExpired);
    return status::DeadlineExceeded("排队时已超过时限，请稍后重试");
  }
  if (queued > budget * kMostQueueShare) {
    deps_.metrics.Dropped(CallMetrics::kQueueWait);
    return status::Overloaded("系统繁忙，请稍后重试", kRetryAfter);
  }
  return absl::OkStatus();
}

absl::Status Pipeline::Identify(const ServedMethod& method, const Arrival& arrival,
                                Call* call) const {
  if (arrival.ambiguous) {
    return status::Unauthenticated(options::v1::ERROR_REASON_NOT_SIGNED_IN,
                                   "请求带有多个身份令牌，请只带一个");
  }
  if (!arrival.authorization.empty()) {
    constexpr absl::string_view kScheme = "Bearer ";
    if (!absl::StartsWithIgnoreCase(arrival.authorization, kScheme) ||
        arrival.authorization.size() == kScheme.size()) {
      return status::Unauthenticated(options::v1::ERROR_REASON_NOT_SIGNED_IN,
                                     "身份令牌应以 Bearer 方式提供");
    }
    call->bearer = std::string(arrival.authorization.substr(kScheme.size()));
    CHANYAN_ASSIGN_OR_RETURN(call->principal, deps_.authenticator.Authenticate(call->bearer));
  }
  CHANYAN_RETURN_IF_ERROR(auth::CheckMethod(call->principal, method.descriptor));
  if (call->principal.password_change_required && !method.before_password_change) {
    return status::PermissionDenied("首次登录须先修改密码，修改后方可使用其他功能",
                                    options::v1::ERROR_REASON_PASSWORD_CHANGE_REQUIRED);
  }
  if (deps_.predecessors != nullptr) {
    call->principal.predecessors = deps_.predecessors(call->principal.organization);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Pipeline::Admit(
    const ServedMethod& method, const Waiting& waiting) const {
  Call* call = waiting.call;
  CHANYAN_RETURN_IF_ERROR(CheckQueue(waiting.arrival, waiting.queued, *call));
  // Before the body: a stranger's bytes are not worth parsing.
  CHANYAN_RETURN_IF_ERROR(Identify(method, waiting.arrival, call));
  std::unique_ptr<google::protobuf::Message> message(method.handler.request_prototype->New());
  CHANYAN_RETURN_IF_ERROR(Parse(waiting.request, message.get()));
  CHANYAN_RETURN_IF_ERROR(api::Validate(*message));
  if (method.request_id != nullptr) {
    std::string own = message->GetReflection()->GetString(*message, method.request_id);
    if (!own.empty()) call->request_id = std::move(own);
  }
  return message;
}

absl::Status Pipeline::Answer(const ServedMethod& method, const Waiting& waiting) const {
  CHANYAN_ASSIGN_OR_RETURN(const auto message, Admit(method, waiting));
  return AnswerAlone(method, *waiting.call, *message, waiting.reply);
}

absl::Status Pipeline::AnswerAlone(const ServedMethod& method, const Call& call,
                                   const google::protobuf::Message& request,
                                   grpc::ByteBuffer* reply) const {
  return Guarded([&] { return method.handler.answer(call, request, reply); });
}

void Pipeline::AnswerTogether(const ServedMethod& method, absl::Span<Waiting> all) const {
  std::vector<std::unique_ptr<google::protobuf::Message>> messages;
  std::vector<Asked> asked;
  std::vector<Waiting*> admitted;
  for (Waiting& waiting : all) {
    auto message = Admit(method, waiting);
    waiting.status = message.status();
    if (!message.ok()) continue;
    messages.push_back(*std::move(message));
    asked.push_back({*waiting.call, *messages.back(), waiting.reply, absl::OkStatus()});
    admitted.push_back(&waiting);
  }
  if (asked.empty()) return;
  const absl::Status whole = Guarded([&] {
    method.handler.answer_together(absl::MakeSpan(asked));
    return absl::OkStatus();
  });
  for (size_t i = 0; i < asked.size(); ++i) {
    admitted[i]->status = whole.ok() ? std::move(asked[i].status) : whole;
    if (whole.ok() && asked[i].alone) admitted[i]->alone = std::move(messages[i]);
  }
}

void Pipeline::Close(const ServedMethod& method, const Call& call, const Outcome& outcome) const {
  deps_.metrics.Ended(method, outcome);
  const bool fault = IsOurFault(outcome.status);
  const bool down = outcome.status.code() == absl::StatusCode::kUnavailable;
  const log::Level level = fault  ? log::Level::kError
                           : down ? log::Level::kWarning
                                  : log::Level::kInfo;
  if (!deps_.log.Enabled(level)) return;
  const std::string code = absl::StatusCodeToString(outcome.status.code());
  const double ms = absl::ToDoubleMilliseconds(outcome.total);
  const double queue_ms = absl::ToDoubleMilliseconds(outcome.queued);
  // The text of a refusal may quote what the caller sent; only faults of ours are spelt out.
  if (fault || down) {
    deps_.log.Write(level, "rpc",
                    {{"method", method.label},
                     {"code", code},
                     {"ms", ms},
                     {"queue_ms", queue_ms},
                     {"request_id", call.request_id},
                     {"trace_id", TraceId(call.traceparent)},
                     {"account", call.principal.account},
                     {"organization", call.principal.organization},
                     {"reason", ReasonName(outcome.status)},
                     {"detail", outcome.status.message()}});
    return;
  }
  deps_.log.Write(level, "rpc",
                  {{"method", method.label},
                   {"code", code},
                   {"ms", ms},
                   {"queue_ms", queue_ms},
                   {"request_id", call.request_id},
                   {"trace_id", TraceId(call.traceparent)},
                   {"account", call.principal.account},
                   {"organization", call.principal.organization},
                   {"reason", ReasonName(outcome.status)}});
}

}  // namespace chanyan::rpc
