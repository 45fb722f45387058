#include "services/gateway/grpc_proxy.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/server.h"
#include "common/rpc/trace.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace chanyan::gateway {
namespace {

constexpr absl::string_view kJournalParent = "journals/";

std::string Metadata(const grpc::GenericCallbackServerContext& context, const char* name) {
  const auto& metadata = context.client_metadata();
  const auto it = metadata.find(name);
  return it == metadata.end() ? std::string() : std::string(it->second.data(), it->second.size());
}

// One call. Deletes itself when gRPC is done with it, which is after Finish: a client that leaves
// early does not take it away from the answer under way.
class Reactor final : public grpc::ServerGenericBidiReactor {
 public:
  Reactor(const GrpcProxy::Deps& deps, grpc::GenericCallbackServerContext& context)
      : deps_(deps), context_(context) {
    StartRead(&request_);
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no request"));
    const Method* method = deps_.routes.FindGrpc(context_.method());
    if (method == nullptr) {
      return Finish(rpc::ToGrpc(absl::UnimplementedError("没有这个方法"), ""));
    }
    if (method->descriptor->client_streaming() || method->descriptor->server_streaming()) {
      return Finish(rpc::ToGrpc(absl::UnimplementedError("不转发流式方法"), ""));
    }
    BackendCall call;
    call.backend = method->backend.empty() ? JournalBackend(*method) : method->backend;
    call.grpc_path = method->grpc_path;
    call.identity.authorization = Metadata(context_, "authorization");
    call.identity.request_id = Metadata(context_, "x-request-id");
    if (!api::IsUuid(call.identity.request_id)) call.identity.request_id = api::NewUuid();
    call.identity.traceparent = rpc::ContinueTrace(Metadata(context_, "traceparent"));
    call.deadline =
        std::min(absl::FromChrono(context_.deadline()), deps_.clock.Now() + method->deadline);
    call.request.Swap(&request_);
    deps_.backends.Call(std::move(call),
                        [this](const grpc::Status& status, grpc::ByteBuffer reply) {
                          OnAnswer(status, std::move(reply));
                        });
  }

  void OnAnswer(const grpc::Status& status, grpc::ByteBuffer reply) {
    if (!status.ok()) {
      // A service's own error passes as it is; one made by gRPC here gets a reason of ours.
      if (!status.error_details().empty()) return Finish(status);
      return Finish(rpc::ToGrpc(rpc::FromGrpc(status), ""));
    }
    reply_ = std::move(reply);
    StartWriteAndFinish(&reply_, grpc::WriteOptions(), grpc::Status::OK);
  }

  void OnDone() override { delete this; }

  // The only request that is opened here: its parent says whose journal is meant.
  std::string JournalBackend(const Method& method) {
    const std::unique_ptr<google::protobuf::Message> message(method.request->New());
    grpc::ByteBuffer copy(request_);
    if (!rpc::Parse(&copy, message.get()).ok()) return "";
    const auto* parent = message->GetDescriptor()->FindFieldByName("parent");
    const std::string name =
        parent == nullptr ? "" : message->GetReflection()->GetString(*message, parent);
    return absl::StartsWith(name, kJournalParent) ? name.substr(kJournalParent.size()) : "";
  }

  const GrpcProxy::Deps& deps_;
  grpc::GenericCallbackServerContext& context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer reply_;
};

}  // namespace

class GrpcProxy::Impl final : public grpc::CallbackGenericService {
 public:
  explicit Impl(Deps deps) : deps_(deps) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Reactor(deps_, *context);
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
  const Deps deps_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

absl::StatusOr<std::unique_ptr<GrpcProxy>> GrpcProxy::Start(const std::string& listen, Deps deps) {
  auto impl = std::make_unique<Impl>(deps);
  CHANYAN_RETURN_IF_ERROR(impl->Listen(listen));
  return std::unique_ptr<GrpcProxy>(new GrpcProxy(std::move(impl)));
}

GrpcProxy::GrpcProxy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GrpcProxy::~GrpcProxy() { impl_->Drain(absl::Now()); }
int GrpcProxy::port() const { return impl_->port(); }
void GrpcProxy::Drain(absl::Time deadline) { impl_->Drain(deadline); }

}  // namespace chanyan::gateway
