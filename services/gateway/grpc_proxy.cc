#include "services/gateway/grpc_proxy.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "common/api/names.h"
#include "common/rpc/keep_grpc.h"
#include "common/rpc/server.h"
#include "common/rpc/stream_call.h"
#include "common/rpc/trace.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "services/gateway/errors.h"

namespace chanyan::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

std::string Metadata(const grpc::GenericCallbackServerContext& context, const char* name) {
  const auto& metadata = context.client_metadata();
  const auto it = metadata.find(name);
  return it == metadata.end() ? std::string() : std::string(it->second.data(), it->second.size());
}

// A text field of the message in `bytes`, whose other fields are skipped and not looked into;
// empty if it is not there. `field` null = none.
std::string TextOf(const grpc::ByteBuffer& bytes, const FieldDescriptor* field) {
  if (field == nullptr) return "";
  grpc::ByteBuffer copy(bytes);
  grpc::ProtoBufferReader reader(&copy);
  if (!reader.status().ok()) return "";
  google::protobuf::io::CodedInputStream in(&reader);
  const uint32_t wanted =
      WireFormatLite::MakeTag(field->number(), WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  std::string text;
  while (const uint32_t tag = in.ReadTag()) {
    // The last one counts, as for every parser.
    const bool read =
        tag == wanted ? WireFormatLite::ReadBytes(&in, &text) : WireFormatLite::SkipField(&in, tag);
    if (!read) break;
  }
  return text;
}

// W3C tracestate, which may come in several lines.
std::string TracestateIn(const grpc::GenericCallbackServerContext& context) {
  std::string tracestate;
  const auto [begin, end] = context.client_metadata().equal_range("tracestate");
  for (auto it = begin; it != end; ++it) {
    rpc::JoinTracestate({it->second.data(), it->second.size()}, &tracestate);
  }
  return tracestate;
}

// What ends a stream from outside of it, from when it was asked for. Thread-safe.
class StreamEnder {
 public:
  // `stream` may be null: it has ended already.
  void Set(std::shared_ptr<BackendStream> stream) {
    {
      absl::MutexLock lock(&mutex_);
      stream_ = stream;
      if (!cancelled_) return;
    }
    if (stream != nullptr) stream->Cancel();
  }
  void Cancel() {
    std::shared_ptr<BackendStream> stream;
    {
      absl::MutexLock lock(&mutex_);
      cancelled_ = true;
      stream = stream_;
    }
    if (stream != nullptr) stream->Cancel();
  }

 private:
  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<BackendStream> stream_ ABSL_GUARDED_BY(mutex_);
};

// The streams of a proxy. Thread-safe.
class OpenStreams {
 public:
  void Add(const std::shared_ptr<StreamEnder>& stream) {
    {
      absl::MutexLock lock(&mutex_);
      if (!ended_) {
        streams_.insert(stream);
        return;
      }
    }
    stream->Cancel();
  }
  void Remove(const std::shared_ptr<StreamEnder>& stream) {
    absl::MutexLock lock(&mutex_);
    streams_.erase(stream);
  }
  // Those that are added later too.
  void EndAll() {
    absl::flat_hash_set<std::shared_ptr<StreamEnder>> streams;
    {
      absl::MutexLock lock(&mutex_);
      ended_ = true;
      streams = streams_;
    }
    for (const auto& stream : streams) stream->Cancel();
  }

 private:
  absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<std::shared_ptr<StreamEnder>> streams_ ABSL_GUARDED_BY(mutex_);
};

// What the calls of one proxy share.
struct Shared {
  explicit Shared(const GrpcProxy::Deps& given)
      : deps(given),
        requests(deps.metrics.Counters(
            "chanyan_gateway_grpc_requests_total", "Native gRPC calls by RPC and code.",
            {{"method", deps.routes.MethodLabels()}, {"code", CodeNames()}})),
        latency(deps.metrics.Histograms("chanyan_gateway_grpc_request_seconds",
                                        "From a native gRPC call's arrival to its answer, or to "
                                        "that of a stream's being accepted.",
                                        {{"method", deps.routes.MethodLabels()}})) {}

  const GrpcProxy::Deps deps;
  const metrics::Set<metrics::Counter> requests;
  const metrics::Set<metrics::Histogram> latency;
  OpenStreams streams;
};

// One call. Deletes itself when gRPC is done with it, which is after Finish: a client that leaves
// early does not take it away from the answer under way.
class Reactor final : public grpc::ServerGenericBidiReactor {
 public:
  Reactor(Shared& shared, grpc::GenericCallbackServerContext& context)
      : shared_(shared),
        context_(context),
        start_(shared.deps.clock.Now()),
        method_(shared.deps.routes.FindGrpc(context.method())) {
    identity_.authorization = Metadata(context_, "authorization");
    identity_.TakeIds(Metadata(context_, "x-request-id"), Metadata(context_, "traceparent"),
                      TracestateIn(context_));
    identity_.client_address = AddressOfPeer(context_.peer());
    // Refused before the body is read.
    if (const absl::Status refused = Admit(); !refused.ok()) {
      End(refused);
    } else {
      StartRead(&request_);
    }
  }

 private:
  absl::Status Admit() {
    const absl::Duration wait =
        shared_.deps.limiter.Take(identity_.client_address, identity_.authorization, start_);
    if (wait > absl::ZeroDuration()) {
      return status::Overloaded("请求过于频繁，请稍后再试", wait);
    }
    if (method_ == nullptr) {
      return absl::UnimplementedError("没有这个方法，请检查接口名称和版本");
    }
    if (method_->descriptor->client_streaming()) {
      return absl::UnimplementedError("网关不转发客户端流式方法，请直接连接该服务");
    }
    return absl::OkStatus();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      return End(context_.IsCancelled() ? absl::CancelledError("请求已取消")
                                        : status::InvalidField("", "请求没有内容"));
    }
    // As for HTTP: the id under which the service logs and journals.
    const std::string own = TextOf(request_, method_->request_id);
    if (api::IsUuid(own)) identity_.request_id = own;
    BackendCall call;
    call.backend = method_->backend.empty() ? NamedBackend() : method_->backend;
    call.grpc_path = method_->grpc_path;
    call.identity = identity_;
    call.deadline = std::min(absl::FromChrono(context_.deadline()), start_ + method_->deadline);
    call.request.Swap(&request_);
    if (method_->descriptor->server_streaming()) return Stream(std::move(call));
    shared_.deps.backends.Call(std::move(call),
                               [this](const grpc::Status& status, grpc::ByteBuffer reply) {
                                 OnAnswer(status, std::move(reply));
                               });
  }

  void Stream(BackendCall call) {
    const std::string& own = identity_.authorization;
    auto slot = shared_.deps.slots.Take(own.empty() ? identity_.client_address : own);
    if (!slot.ok()) return End(slot.status());
    slot_ = *std::move(slot);
    shared_.streams.Add(ender_);
    const std::shared_ptr<StreamEnder> ender = ender_;
    auto begun = shared_.deps.backends.Stream(
        std::move(call),
        [this](std::shared_ptr<BackendStream> messages, const grpc::Status& status) {
          OnStarted(std::move(messages), status);
        });
    // This object may have ended with the stream.
    ender->Set(std::move(begun));
  }

  void OnStarted(std::shared_ptr<BackendStream> messages, const grpc::Status& answer) {
    if (messages == nullptr) return OnEnd(answer);
    messages_ = std::move(messages);
    ObserveLatency();
    context_.AddInitialMetadata("x-request-id", identity_.request_id);
    context_.AddInitialMetadata(rpc::kStreamMetadata, "open");
    StartSendInitialMetadata();
  }

  void OnSendInitialMetadataDone(bool ok) override { OnSent(ok); }
  void OnWriteDone(bool ok) override { OnSent(ok); }

  // One message is on its way at a time: who is slow holds back what makes them.
  void OnSent(bool ok) {
    if (!ok) {
      ender_->Cancel();
      return End(absl::CancelledError("请求已取消"));
    }
    messages_->Next([this](std::optional<grpc::ByteBuffer> message, const grpc::Status& status) {
      if (!message.has_value()) return OnEnd(status);
      ++events_;
      bytes_ += message->Length();
      reply_ = *std::move(message);
      // After this the next may be fetched on another thread: nothing of this object is touched.
      StartWrite(&reply_);
    });
  }

  void OnEnd(const grpc::Status& answer) {
    // Ended from here.
    if (answer.error_code() == grpc::StatusCode::CANCELLED) {
      return End(context_.IsCancelled() ? absl::CancelledError("请求已取消")
                                        : status::Unavailable("网关正在停止，请重新连接"));
    }
    if (!answer.ok() && answer.error_details().empty()) return End(rpc::FromGrpc(answer));
    End(answer);
  }

  // Of a stream alone: an answer under way is not taken away.
  void OnCancel() override { ender_->Cancel(); }

  void OnAnswer(const grpc::Status& answer, grpc::ByteBuffer reply) {
    // A service's own error passes as it is; one made by gRPC here gets a reason of ours.
    if (!answer.error_details().empty()) return End(answer);
    if (!answer.ok()) return End(rpc::FromGrpc(answer));
    reply_ = std::move(reply);
    bytes_ = reply_.Length();
    End(grpc::Status::OK);
  }

  void End(const absl::Status& status) {
    if (status.code() == absl::StatusCode::kInternal) {
      shared_.deps.log.Error("request failed",
                             {{"request_id", identity_.request_id}, {"detail", status.message()}});
    }
    End(rpc::ToGrpc(WithReason(status), identity_.request_id));
  }

  void End(const grpc::Status& result) {
    Account(result);
    // A stream that was accepted has said it.
    if (messages_ == nullptr) context_.AddInitialMetadata("x-request-id", identity_.request_id);
    // After either of these OnDone may run on another thread: nothing of this object is touched.
    if (result.ok() && slot_ == nullptr) {
      StartWriteAndFinish(&reply_, grpc::WriteOptions(), result);
    } else {
      Finish(result);
    }
  }

  void OnDone() override {
    if (slot_ != nullptr) shared_.streams.Remove(ender_);
    delete this;
  }

  void ObserveLatency() const {
    shared_.latency.At({shared_.deps.routes.LabelIndex(method_)})
        .Observe(absl::ToDoubleSeconds(shared_.deps.clock.Now() - start_));
  }

  // Once, at the end.
  void Account(const grpc::Status& result) const {
    const absl::Duration took = shared_.deps.clock.Now() - start_;
    const auto code = static_cast<absl::StatusCode>(result.error_code());
    shared_.requests.At({shared_.deps.routes.LabelIndex(method_), CodeIndex(code)}).Increment();
    if (messages_ == nullptr) ObserveLatency();
    shared_.deps.log.Info("grpc",
                          {{"request_id", identity_.request_id},
                           {"trace_id", rpc::TraceId(identity_.traceparent)},
                           {"rpc", method_ == nullptr ? absl::string_view("none")
                                                      : absl::string_view(method_->grpc_path)},
                           {"code", CodeName(code)},
                           {"events", events_},
                           {"bytes", bytes_},
                           {"ms", absl::ToDoubleMilliseconds(took)}});
  }

  // The request says whose journal or operation is meant.
  std::string NamedBackend() const {
    return BackendOfName(TextOf(request_, method_->request_backend));
  }

  Shared& shared_;
  grpc::GenericCallbackServerContext& context_;
  const absl::Time start_;
  // Null = there is no such method.
  const Method* const method_;
  CallIdentity identity_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer reply_;
  size_t bytes_ = 0;
  // Of a stream: its place, null before it has one; its messages once it was accepted.
  std::shared_ptr<void> slot_;
  const std::shared_ptr<StreamEnder> ender_ = std::make_shared<StreamEnder>();
  std::shared_ptr<BackendStream> messages_;
  int events_ = 0;
};

}  // namespace

class GrpcProxy::Impl final : public grpc::CallbackGenericService {
 public:
  explicit Impl(const Deps& deps) : shared_(deps) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Reactor(shared_, *context);
  }

  absl::Status Listen(const std::string& listen) {
    grpc::ServerBuilder builder;
    const auto ms = [](absl::Duration d) { return static_cast<int>(absl::ToInt64Milliseconds(d)); };
    builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port_);
    builder.SetMaxReceiveMessageSize(rpc::kMaxMessageBytes);
    builder.SetMaxSendMessageSize(rpc::kMaxMessageBytes);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, rpc::kMaxStreamsPerConnection);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, rpc::kMaxRequestMetadataBytes);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, ms(rpc::kServerKeepaliveTime));
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, ms(rpc::kServerKeepaliveTimeout));
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                               ms(rpc::kLeastPingInterval));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, ms(rpc::kMaxConnectionIdle));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, ms(rpc::kMaxConnectionAge));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                               ms(rpc::kMaxConnectionAgeGrace));
    builder.RegisterCallbackGenericService(this);
    rpc::KeepGrpc();
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return status::Unavailable(absl::StrCat("无法监听 ", listen, "，请检查地址是否被占用"));
    }
    return absl::OkStatus();
  }

  int port() const { return port_ > 1 ? port_ : 0; }
  void Drain(absl::Time deadline) {
    if (server_ == nullptr) return;
    shared_.streams.EndAll();
    server_->Shutdown(absl::ToChronoTime(deadline));
    server_->Wait();
    server_ = nullptr;
  }

 private:
  Shared shared_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

absl::StatusOr<std::unique_ptr<GrpcProxy>> GrpcProxy::Start(const std::string& listen, Deps deps) {
  auto impl = std::make_unique<Impl>(deps);
  CHANYAN_RETURN_IF_ERROR(impl->Listen(listen));
  return std::unique_ptr<GrpcProxy>(new GrpcProxy(std::move(impl)));
}

std::string AddressOfPeer(absl::string_view peer) {
  if (absl::StartsWith(peer, "unix")) return "unix";
  if (!absl::ConsumePrefix(&peer, "ipv4:") && !absl::ConsumePrefix(&peer, "ipv6:")) {
    return std::string(peer);
  }
  peer = peer.substr(0, peer.rfind(':'));
  std::string address = absl::StrReplaceAll(peer, {{"%5B", ""}, {"%5D", ""}, {"[", ""}, {"]", ""}});
  // The zone of a link-local address.
  return address.substr(0, address.find('%'));
}

GrpcProxy::GrpcProxy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GrpcProxy::~GrpcProxy() { impl_->Drain(absl::Now()); }
int GrpcProxy::port() const { return impl_->port(); }
void GrpcProxy::Drain(absl::Time deadline) { impl_->Drain(deadline); }

}  // namespace chanyan::gateway
