#include "services/gateway/grpc_proxy.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/api/names.h"
#include "common/rpc/server.h"
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

// What the calls of one proxy share.
struct Shared {
  explicit Shared(const GrpcProxy::Deps& given)
      : deps(given),
        requests(deps.metrics.Counters(
            "chanyan_gateway_grpc_requests_total", "Native gRPC calls by RPC and code.",
            {{"method", deps.routes.MethodLabels()}, {"code", CodeNames()}})),
        latency(deps.metrics.Histograms("chanyan_gateway_grpc_request_seconds",
                                        "From a native gRPC call's arrival to its answer.",
                                        {{"method", deps.routes.MethodLabels()}})) {}

  const GrpcProxy::Deps deps;
  const metrics::Set<metrics::Counter> requests;
  const metrics::Set<metrics::Histogram> latency;
};

// One call. Deletes itself when gRPC is done with it, which is after Finish: a client that leaves
// early does not take it away from the answer under way.
class Reactor final : public grpc::ServerGenericBidiReactor {
 public:
  Reactor(const Shared& shared, grpc::GenericCallbackServerContext& context)
      : shared_(shared),
        context_(context),
        start_(shared.deps.clock.Now()),
        method_(shared.deps.routes.FindGrpc(context.method())) {
    identity_.authorization = Metadata(context_, "authorization");
    identity_.TakeIds(Metadata(context_, "x-request-id"), Metadata(context_, "traceparent"));
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
    if (method_->descriptor->client_streaming() || method_->descriptor->server_streaming()) {
      return absl::UnimplementedError("网关不转发流式方法，请直接连接该服务");
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
    shared_.deps.backends.Call(std::move(call),
                               [this](const grpc::Status& status, grpc::ByteBuffer reply) {
                                 OnAnswer(status, std::move(reply));
                               });
  }

  void OnAnswer(const grpc::Status& answer, grpc::ByteBuffer reply) {
    // A service's own error passes as it is; one made by gRPC here gets a reason of ours.
    if (!answer.error_details().empty()) return End(answer);
    if (!answer.ok()) return End(rpc::FromGrpc(answer));
    reply_ = std::move(reply);
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
    context_.AddInitialMetadata("x-request-id", identity_.request_id);
    // After either of these OnDone may run on another thread: nothing of this object is touched.
    if (result.ok()) {
      StartWriteAndFinish(&reply_, grpc::WriteOptions(), result);
    } else {
      Finish(result);
    }
  }

  void OnDone() override { delete this; }

  void Account(const grpc::Status& result) const {
    const absl::Duration took = shared_.deps.clock.Now() - start_;
    const size_t label = shared_.deps.routes.LabelIndex(method_);
    const auto code = static_cast<absl::StatusCode>(result.error_code());
    shared_.requests.At({label, CodeIndex(code)}).Increment();
    shared_.latency.At({label}).Observe(absl::ToDoubleSeconds(took));
    shared_.deps.log.Info("grpc",
                          {{"request_id", identity_.request_id},
                           {"trace_id", rpc::TraceId(identity_.traceparent)},
                           {"rpc", method_ == nullptr ? absl::string_view("none")
                                                      : absl::string_view(method_->grpc_path)},
                           {"code", CodeName(code)},
                           {"bytes", reply_.Length()},
                           {"ms", absl::ToDoubleMilliseconds(took)}});
  }

  // The request says whose journal or operation is meant.
  std::string NamedBackend() const {
    return BackendOfName(TextOf(request_, method_->request_backend));
  }

  const Shared& shared_;
  grpc::GenericCallbackServerContext& context_;
  const absl::Time start_;
  // Null = there is no such method.
  const Method* const method_;
  CallIdentity identity_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer reply_;
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
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return status::Unavailable(absl::StrCat("无法监听 ", listen, "，请检查地址是否被占用"));
    }
    return absl::OkStatus();
  }

  int port() const { return port_ > 1 ? port_ : 0; }
  void Drain(absl::Time deadline) {
    if (server_ == nullptr) return;
    server_->Shutdown(absl::ToChronoTime(deadline));
    server_->Wait();
    server_ = nullptr;
  }

 private:
  const Shared shared_;
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
