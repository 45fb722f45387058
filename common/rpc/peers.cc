#include "common/rpc/peers.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/names.h"
#include "common/rpc/breaker.h"
#include "common/rpc/keep_grpc.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/trace.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace chanyan::rpc {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  const auto ms = [](absl::Duration d) { return static_cast<int>(absl::ToInt64Milliseconds(d)); };
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxReplyMetadataBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, ms(kClientKeepaliveTime));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, ms(kClientKeepaliveTimeout));
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, ms(kMaxReconnectBackoff));
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, ms(kMaxReconnectBackoff));
  // Repeats are ours to decide: one layer.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetLoadBalancingPolicyName("round_robin");
  return arguments;
}

// Reads may be repeated without a request id.
bool IsRead(const MethodDescriptor* method) {
  return !method->options().GetExtension(options::v1::method).mutates() &&
         (absl::StartsWith(method->name(), "Get") || absl::StartsWith(method->name(), "List"));
}

// An error without details was made by gRPC here, not by the peer.
Breaker::Result Judge(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return status.error_details().empty() ? Breaker::Result::kNotConnected
                                            : Breaker::Result::kFailed;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    // Nobody here cancels: it was the peer.
    case grpc::StatusCode::CANCELLED:
      return Breaker::Result::kFailed;
    default:
      return Breaker::Result::kAnswered;
  }
}

absl::Duration Jitter(int attempt) {
  thread_local absl::InsecureBitGen generator;
  const absl::Duration most = std::min(kMostRetryPause, kLeastRetryPause * (1 << (attempt + 1)));
  return absl::Uniform(generator, 0.0, 1.0) * (most - kLeastRetryPause) + kLeastRetryPause;
}

}  // namespace

struct Peers::Peer {
  explicit Peer(const std::string& target, const time::Clock& clock)
      : stub(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), Arguments())),
        breaker(clock) {
    KeepGrpc();
  }

  grpc::GenericStub stub;
  Breaker breaker;
  RetryBudget budget;
};

struct Peers::Attempt {
  std::string path;
  grpc::ByteBuffer request;
  const Caller& caller;
  std::string authorization;
  absl::Time deadline;
};

Caller As(const Call& call) {
  Caller caller;
  caller.bearer = call.bearer;
  caller.request_id = call.request_id;
  caller.traceparent = call.traceparent;
  caller.tracestate = call.tracestate;
  caller.deadline = call.deadline;
  caller.repeated_above = true;
  return caller;
}

Caller AsService(const Call& call) {
  Caller caller = As(call);
  caller.identity = Caller::Identity::kService;
  caller.bearer.clear();
  return caller;
}

Caller AsService(absl::Time deadline) {
  Caller caller;
  caller.identity = Caller::Identity::kService;
  caller.request_id = api::NewUuid();
  caller.traceparent = ContinueTrace("");
  caller.deadline = deadline;
  return caller;
}

Peers::Peers(const absl::flat_hash_map<std::string, std::string>& targets, Deps deps)
    : deps_(deps) {
  for (const auto& [name, target] : targets) {
    peers_.emplace(name, std::make_unique<Peer>(target, deps_.clock));
  }
}

Peers::~Peers() = default;

void Peers::SetTokenSource(TokenSource* tokens) { tokens_ = tokens; }

absl::Status Peers::CallOnce(Peer& peer, const Attempt& attempt, Message* reply) {
  if (!peer.breaker.Allow()) {
    return status::Unavailable("所需的服务暂时不可用，请稍后用同一请求编号重试");
  }
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(attempt.deadline));
  if (!attempt.authorization.empty()) {
    context.AddMetadata("authorization", attempt.authorization);
  }
  context.AddMetadata("x-request-id", attempt.caller.request_id);
  context.AddMetadata("traceparent", attempt.caller.traceparent);
  if (!attempt.caller.tracestate.empty()) {
    context.AddMetadata("tracestate", attempt.caller.tracestate);
  }
  // As gRPC's own blocking stubs do it: a queue for this call alone.
  grpc::CompletionQueue queue;
  auto rpc = peer.stub.PrepareUnaryCall(&context, attempt.path, attempt.request, &queue);
  rpc->StartCall();
  grpc::Status result;
  grpc::ByteBuffer bytes;
  rpc->Finish(&bytes, &result, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  queue.Shutdown();
  peer.breaker.Record(Judge(result));
  if (!result.ok()) return FromGrpc(result);
  peer.budget.Succeeded();
  if (!Parse(&bytes, reply).ok()) {
    return status::Internal(absl::StrCat(attempt.path, " answered with other bytes"));
  }
  return absl::OkStatus();
}

absl::Status Peers::Call(absl::string_view peer_name, absl::string_view method_name,
                         const Message& request, const Caller& caller, Message* reply) {
  const auto found = peers_.find(peer_name);
  const MethodDescriptor* method =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          std::string(method_name));
  if (found == peers_.end() || method == nullptr) {
    return status::Internal(absl::StrCat("no peer ", peer_name, " or no method ", method_name));
  }
  if (method->input_type() != request.GetDescriptor() ||
      method->output_type() != reply->GetDescriptor()) {
    return status::Internal(absl::StrCat(method_name, " is called with other types"));
  }
  Peer& peer = *found->second;
  Attempt attempt{absl::StrCat("/", method->service()->full_name(), "/", method->name()),
                  {},
                  caller,
                  "",
                  std::min(caller.deadline, absl::Now() + Describe(method).deadline)};
  CHANYAN_RETURN_IF_ERROR(Serialize(request, &attempt.request));
  std::string token = caller.bearer;
  if (caller.identity == Caller::Identity::kService) {
    if (tokens_ == nullptr) return status::Internal("no token source: --client_secret_file");
    CHANYAN_ASSIGN_OR_RETURN(token, tokens_->Token(attempt.deadline));
  }
  if (!token.empty()) attempt.authorization = absl::StrCat("Bearer ", token);

  const int attempts = IsRead(method) && !caller.repeated_above ? kReadAttempts : 1;
  for (int i = 1;; ++i) {
    absl::Status status = CallOnce(peer, attempt, reply);
    const absl::Duration pause = Jitter(i);
    const bool again = status.code() == absl::StatusCode::kUnavailable && i < attempts &&
                       absl::Now() + pause + kLeastBudget < attempt.deadline && peer.budget.Take();
    if (!again) return status;
    absl::SleepFor(pause);
  }
}

}  // namespace chanyan::rpc
