#include "common/rpc/server.h"

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/gathering.h"
#include "common/rpc/keep_grpc.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/registrations.h"
#include "common/rpc/stream_call.h"
#include "common/rpc/unary_call.h"
#include "common/rpc/wire.h"
#include "common/rpc/worker_pool.h"
#include "common/status/status.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/support/server_callback.h"

namespace chanyan::rpc {
namespace {

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void Limit(grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder->SetMaxSendMessageSize(kMaxMessageBytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxRequestMetadataBytes);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(kServerKeepaliveTime));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(kServerKeepaliveTimeout));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              Millis(kLeastPingInterval));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Millis(kMaxConnectionIdle));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(kMaxConnectionAge));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Millis(kMaxConnectionAgeGrace));
  // Two servers on one port would each get half of the calls.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

// Every served method, registered by name with gRPC, which then hands over a call together with its
// message: one thread less is woken than when the message is asked for.
class MethodTable final : public grpc::Service {
 public:
  using Begin =
      std::function<grpc::ServerUnaryReactor*(grpc::CallbackServerContext*, const ServedMethod&,
                                              const grpc::ByteBuffer&, grpc::ByteBuffer*)>;
  using BeginStream = std::function<grpc::ServerWriteReactor<grpc::ByteBuffer>*(
      grpc::CallbackServerContext*, const ServedMethod&, const grpc::ByteBuffer&)>;

  MethodTable(const std::vector<const ServedMethod*>& methods, const Begin& begin,
              const BeginStream& begin_stream) {
    // gRPC keeps pointers to the paths.
    paths_.reserve(methods.size());
    for (size_t i = 0; i < methods.size(); ++i) {
      const ServedMethod* method = methods[i];
      const std::string& path = paths_.emplace_back(absl::StrCat("/", method->label));
      if (method->descriptor->server_streaming()) {
        AddMethod(new grpc::internal::RpcServiceMethod(
            path.c_str(), grpc::internal::RpcMethod::SERVER_STREAMING, nullptr));
        MarkMethodRawCallback(
            static_cast<int>(i),
            new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                [begin_stream, method](grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request) {
                  return begin_stream(context, *method, *request);
                }));
        continue;
      }
      AddMethod(new grpc::internal::RpcServiceMethod(
          path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
      MarkMethodRawCallback(
          static_cast<int>(i),
          new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
              [begin, method](grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                              grpc::ByteBuffer* reply) {
                return begin(context, *method, *request, reply);
              }));
    }
  }

 private:
  std::vector<std::string> paths_;
};

}  // namespace

// The base answers calls of methods that nobody registered.
class Server::Impl final : public grpc::CallbackGenericService {
 public:
  Impl(Options options, Deps deps)
      : options_(std::move(options)),
        deps_(deps),
        interactive_(options_.workers, QueueLimit()),
        batch_(options_.batch_workers,
               static_cast<size_t>(options_.batch_workers) * kBatchQueuePerWorker) {}

  ~Impl() override { Shutdown(absl::Now()); }

  absl::Status Start() {
    CHANYAN_RETURN_IF_ERROR(registrations_.Check());
    metrics_ = std::make_unique<CallMetrics>(deps_.metrics, registrations_.methods());
    pipeline_ = std::make_unique<Pipeline>(
        Pipeline::Deps{deps_.log, deps_.authenticator, *metrics_, predecessors_});
    for (const ServedMethod* method : registrations_.methods()) {
      gatherings_.push_back(method->handler.answer_together == nullptr
                                ? nullptr
                                : std::make_unique<Gathering>(*method, *pipeline_, PoolOf(*method),
                                                              Rounds(), QueueLimit()));
    }
    table_ = std::make_unique<MethodTable>(
        registrations_.methods(),
        [this](grpc::CallbackServerContext* context, const ServedMethod& method,
               const grpc::ByteBuffer& request, grpc::ByteBuffer* reply) {
          return new UnaryCall(
              context, request, reply, method,
              {*pipeline_, *metrics_, PoolOf(method), gatherings_[method.index].get(), calls_});
        },
        [this](grpc::CallbackServerContext* context, const ServedMethod& method,
               const grpc::ByteBuffer& request) {
          return new StreamCall(context, request, method,
                                {*pipeline_, *metrics_, PoolOf(method), calls_, streams_});
        });
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    Limit(&builder);
    builder.AddListeningPort(options_.listen, grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(table_.get());
    builder.RegisterCallbackGenericService(this);
    KeepGrpc();
    server_ = builder.BuildAndStart();
    const bool unix_socket = absl::StartsWith(options_.listen, "unix:");
    if (server_ == nullptr || (port_ == 0 && !unix_socket)) {
      return status::Unavailable(
          absl::StrCat("无法监听 ", options_.listen, "，请检查地址是否已被占用、目录是否可写"));
    }
    if (unix_socket) port_ = 0;
    SetServing(false);
    return absl::OkStatus();
  }

  void SetServing(bool serving) {
    auto* health = server_->GetHealthCheckService();
    health->SetServingStatus("", serving);
    for (const std::string& service : registrations_.services()) {
      health->SetServingStatus(service, serving);
    }
  }

  bool Alive() const {
    return interactive_.Stalled() < kMaxStall && batch_.Stalled() < kMaxStall &&
           std::all_of(gatherings_.begin(), gatherings_.end(), [](const auto& gathering) {
             return gathering == nullptr || gathering->Stalled() < kMaxStall;
           });
  }

  void Shutdown(absl::Time deadline) {
    if (server_ == nullptr) return;
    streams_.draining = true;
    server_->Shutdown(absl::ToChronoTime(deadline));
    // gRPC waits for its own part only; a handler may still hold its call.
    calls_.WaitForNone();
    server_.reset();
  }

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    metrics_->Unknown();
    return new UnknownCall(calls_);
  }

  Registrations& registrations() { return registrations_; }
  void SetPredecessors(std::function<std::vector<std::string>(absl::string_view)> predecessors) {
    predecessors_ = std::move(predecessors);
  }
  int port() const { return port_; }

 private:
  size_t QueueLimit() const { return static_cast<size_t>(options_.workers) * kQueuePerWorker; }
  WorkerPool& PoolOf(const ServedMethod& method) {
    return method.lane == options::v1::LANE_BATCH ? batch_ : interactive_;
  }
  // Half of the processors: the others bring the calls and run the queries, and the more calls come
  // during a round, the more the next one takes.
  int Rounds() const {
    const int processors = static_cast<int>(std::thread::hardware_concurrency());
    return std::clamp(processors, 1, std::max(1, options_.workers / 2));
  }

  const Options options_;
  const Deps deps_;
  int port_ = 0;
  std::function<std::vector<std::string>(absl::string_view)> predecessors_;
  Registrations registrations_;
  std::unique_ptr<CallMetrics> metrics_;
  std::unique_ptr<Pipeline> pipeline_;
  // By the method's index.
  std::vector<std::unique_ptr<Gathering>> gatherings_;
  std::unique_ptr<MethodTable> table_;
  CallCount calls_;
  StreamLimits streams_;
  // After what their jobs use, so that they end first.
  WorkerPool interactive_;
  WorkerPool batch_;
  std::unique_ptr<grpc::Server> server_;
};

Server::Server(Options options, Deps deps)
    : impl_(std::make_unique<Impl>(std::move(options), deps)) {}
Server::~Server() = default;

void Server::Register(absl::string_view service, std::vector<UnaryMethod> methods) {
  impl_->registrations().Add(service, std::move(methods));
}
void Server::SetPredecessors(
    std::function<std::vector<std::string>(absl::string_view)> predecessors) {
  impl_->SetPredecessors(std::move(predecessors));
}
absl::Status Server::Start() { return impl_->Start(); }
void Server::SetServing(bool serving) { impl_->SetServing(serving); }
bool Server::Alive() const { return impl_->Alive(); }
int Server::port() const { return impl_->port(); }
void Server::Shutdown(absl::Time deadline) { impl_->Shutdown(deadline); }

}  // namespace chanyan::rpc
