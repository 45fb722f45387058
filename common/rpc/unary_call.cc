#include "common/rpc/unary_call.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/rpc/trace.h"
#include "common/status/status.h"

namespace chanyan::rpc {
namespace {

absl::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

}  // namespace

Arrival ArrivalOf(const grpc::CallbackServerContext& context) {
  Arrival arrival;
  arrival.received = absl::Now();
  if (context.deadline() != std::chrono::system_clock::time_point::max()) {
    arrival.client_deadline = absl::FromChrono(context.deadline());
  }
  for (const auto& [key, value] : context.client_metadata()) {
    if (key == "authorization") {
      arrival.ambiguous = arrival.ambiguous || !arrival.authorization.empty();
      arrival.authorization = View(value);
    } else if (key == "x-request-id") {
      arrival.request_id = View(value);
    } else if (key == "traceparent") {
      arrival.traceparent = View(value);
    } else if (key == "tracestate") {
      JoinTracestate(View(value), &arrival.tracestate);
    } else if (key == "x-client-address") {
      arrival.client_address = View(value);
    }
  }
  return arrival;
}

UnaryCall::UnaryCall(grpc::CallbackServerContext* context, const grpc::ByteBuffer& request,
                     grpc::ByteBuffer* reply, const ServedMethod& method, Deps deps)
    : context_(context),
      method_(method),
      deps_(deps),
      arrival_(ArrivalOf(*context)),
      request_(request),
      reply_(reply) {
  deps_.calls.Add();
  deps_.metrics.Began();
  call_.cancelled = [context] { return context->IsCancelled(); };
  if (absl::Status status = Pipeline::Open(method_, arrival_, &call_); !status.ok()) {
    End(std::move(status));
    return;
  }
  queued_at_ = absl::Now();
  Submit(deps_.gathering);
}

void UnaryCall::Submit(Gathering* gathering) {
  if (gathering != nullptr ? gathering->TryAdd(this) : deps_.pool.TrySubmit(this)) return;
  deps_.metrics.Dropped(CallMetrics::kQueueFull);
  End(status::Overloaded("系统繁忙，请稍后重试", kRetryAfter));
}

Waiting UnaryCall::Leave() {
  queued_ = absl::Now() - queued_at_;
  return {arrival_, queued_, &request_, &call_, reply_, absl::OkStatus()};
}

void UnaryCall::Run() {
  End(admitted_ == nullptr ? deps_.pipeline.Answer(method_, Leave())
                           : deps_.pipeline.AnswerAlone(method_, call_, *admitted_, reply_));
}

void UnaryCall::GoAlone(std::unique_ptr<google::protobuf::Message> request) {
  admitted_ = std::move(request);
  Submit(nullptr);
}

void UnaryCall::End(absl::Status status) {
  const grpc::Status result = ToGrpc(status, call_.request_id);
  context_->AddInitialMetadata("x-request-id", call_.request_id);
  deps_.pipeline.Close(method_, call_,
                       {std::move(status), queued_, absl::Now() - arrival_.received});
  // After this OnDone may run on another thread: nothing of this object is touched.
  Finish(result);
}

void UnaryCall::OnDone() {
  CallCount& calls = deps_.calls;
  delete this;
  calls.Remove();
}

UnknownCall::UnknownCall(CallCount& calls) : calls_(calls) {
  calls_.Add();
  Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "没有这个接口，请检查接口名称和版本"));
}

void UnknownCall::OnDone() {
  CallCount& calls = calls_;
  delete this;
  calls.Remove();
}

}  // namespace chanyan::rpc
