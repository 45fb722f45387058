#include "common/rpc/stream_call.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/rpc/stream.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"

namespace chanyan::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

// Of an event of the method.
std::string EventIdOf(const ServedMethod& method, const grpc::ByteBuffer& event) {
  const google::protobuf::Descriptor* type = method.handler.reply_type;
  std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  grpc::ByteBuffer copy(event);
  if (!Parse(&copy, message.get()).ok()) return "";
  return message->GetReflection()->GetString(*message, type->FindFieldByName("event_id"));
}

}  // namespace

StreamCall::StreamCall(grpc::CallbackServerContext* context, const grpc::ByteBuffer& request,
                       const ServedMethod& method, Deps deps)
    : context_(context),
      method_(method),
      deps_(deps),
      arrival_(ArrivalOf(*context)),
      request_(request),
      id_field_(method.descriptor->input_type()->FindFieldByName("last_event_id")) {
  deps_.calls.Add();
  deps_.metrics.Began();
  const int open = ++deps_.limits.open;
  call_.cancelled = [context] { return context->IsCancelled(); };
  absl::Status status = Pipeline::Open(method_, arrival_, &call_);
  context_->AddInitialMetadata("x-request-id", call_.request_id);
  if (status.ok() && open > kMaxStreams) {
    deps_.metrics.Dropped(CallMetrics::kQueueFull);
    status = status::Overloaded("同时跟踪的任务过多，请稍后重试", kRetryAfter);
  }
  if (status.ok()) {
    Ask();
  } else {
    End(std::move(status));
  }
}

void StreamCall::Ask() {
  if (context_->IsCancelled()) return End(absl::CancelledError("请求已取消"));
  if (deps_.limits.draining) return End(status::Unavailable("服务正在停止，请重新连接"));
  // Its time is up; the client comes again with the last event's id.
  if (accepted_ && absl::Now() >= call_.deadline) return End(absl::OkStatus());
  queued_at_ = absl::Now();
  if (deps_.pool.TrySubmit(this)) return;
  deps_.metrics.Dropped(CallMetrics::kQueueFull);
  if (accepted_) return Pause();
  End(status::Overloaded("系统繁忙，请稍后重试", kRetryAfter));
}

void StreamCall::Pause() {
  // A new one each time: the old one may still be inside of its callback.
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(absl::ToChronoTime(absl::Now() + kStreamPeriod), [this](bool) { Ask(); });
}

grpc::ByteBuffer StreamCall::Request() const {
  if (last_event_id_.empty()) return request_;
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    WireFormatLite::WriteString(id_field_->number(), last_event_id_, &out);
  }
  std::vector<grpc::Slice> slices;
  // Of a field that is there twice, the last one counts.
  if (!request_.Dump(&slices).ok()) return request_;
  slices.emplace_back(bytes);
  return grpc::ByteBuffer(slices.data(), slices.size());
}

void StreamCall::Run() {
  event_.Clear();
  grpc::ByteBuffer request = Request();
  const absl::Duration queued = absl::Now() - queued_at_;
  absl::Status status = deps_.pipeline.Answer(
      method_, {arrival_, queued, &request, &call_, &event_, absl::OkStatus()});
  if (IsEndOfStream(status)) return End(absl::OkStatus());
  if (!status.ok()) return End(std::move(status));
  const bool first = !std::exchange(accepted_, true);
  if (first) context_->AddInitialMetadata(kStreamMetadata, "open");
  if (event_.Valid() && event_.Length() > 0) {
    last_event_id_ = EventIdOf(method_, event_);
    // After this the stream may go on, on another thread: nothing of this object is touched.
    StartWrite(&event_);
  } else if (first) {
    StartSendInitialMetadata();
  } else {
    Pause();
  }
}

void StreamCall::OnWriteDone(bool ok) {
  if (!ok) return End(absl::CancelledError("请求已取消"));
  Pause();
}

void StreamCall::OnSendInitialMetadataDone(bool ok) {
  if (!ok) return End(absl::CancelledError("请求已取消"));
  Pause();
}

void StreamCall::End(absl::Status status) {
  const grpc::Status result = ToGrpc(status, call_.request_id);
  deps_.pipeline.Close(method_, call_,
                       {std::move(status), absl::ZeroDuration(), absl::Now() - arrival_.received});
  // After this OnDone may run on another thread: nothing of this object is touched.
  Finish(result);
}

void StreamCall::OnDone() {
  CallCount& calls = deps_.calls;
  --deps_.limits.open;
  delete this;
  calls.Remove();
}

}  // namespace chanyan::rpc
