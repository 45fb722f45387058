#include "services/gateway/backends.h"

#include <algorithm>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/api/names.h"
#include "common/rpc/breaker.h"
#include "common/rpc/keep_grpc.h"
#include "common/rpc/peers.h"
#include "common/rpc/stream_call.h"
#include "common/rpc/trace.h"
#include "common/rpc/wire.h"
#include "grpcpp/alarm.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace chanyan::gateway {
namespace {

// No time is left for an attempt below this.
constexpr absl::Duration kLeastAttempt = absl::Milliseconds(20);
constexpr absl::Duration kLongestCall = absl::Seconds(90);

enum class Use { kCalls, kStreams };

grpc::ChannelArguments Arguments(Use use) {
  grpc::ChannelArguments arguments;
  const auto ms = [](absl::Duration d) { return static_cast<int>(absl::ToInt64Milliseconds(d)); };
  arguments.SetMaxReceiveMessageSize(rpc::kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(rpc::kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, rpc::kMaxReplyMetadataBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, ms(rpc::kClientKeepaliveTime));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, ms(rpc::kClientKeepaliveTimeout));
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, ms(rpc::kMaxReconnectBackoff));
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, ms(rpc::kMaxReconnectBackoff));
  // Repeats are ours to make, and to count.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetLoadBalancingPolicyName("round_robin");
  // Connections of their own: a service takes so many streams on one, and a stream stays for
  // minutes.
  if (use == Use::kStreams) arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

// An error without details was made by gRPC here, not by the service.
rpc::Breaker::Result ResultOf(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return status.error_details().empty() ? rpc::Breaker::Result::kNotConnected
                                            : rpc::Breaker::Result::kFailed;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return rpc::Breaker::Result::kFailed;
    case grpc::StatusCode::CANCELLED:
      return rpc::Breaker::Result::kUnknown;
    default:
      return rpc::Breaker::Result::kAnswered;
  }
}

absl::Duration RetryPause() {
  thread_local absl::InsecureBitGen generator;
  return absl::Uniform(generator, 0.0, 1.0) * (rpc::kMostRetryPause - rpc::kLeastRetryPause) +
         rpc::kLeastRetryPause;
}

// gRPC ends the whole program over a value that may not stand in metadata: such a value is left
// out.
void AddMetadata(grpc::ClientContext& context, const char* key, const std::string& value) {
  const bool legal = !value.empty() && std::all_of(value.begin(), value.end(),
                                                   [](char c) { return c >= 0x20 && c <= 0x7e; });
  if (legal) context.AddMetadata(key, value);
}

void AddIdentity(grpc::ClientContext& context, const CallIdentity& who) {
  AddMetadata(context, "authorization", who.authorization);
  AddMetadata(context, "x-request-id", who.request_id);
  AddMetadata(context, "traceparent", who.traceparent);
  AddMetadata(context, "tracestate", who.tracestate);
  AddMetadata(context, "x-client-address", who.client_address);
}

// A call that nobody here cancelled: a server that ends does, to those that come in its last
// moment.
grpc::Status AsSeen(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::CANCELLED
             ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the service is ending")
             : status;
}

}  // namespace

void CallIdentity::TakeIds(absl::string_view its_request_id, absl::string_view its_traceparent,
                           absl::string_view its_tracestate) {
  request_id = api::IsUuid(its_request_id) ? std::string(its_request_id) : api::NewUuid();
  traceparent = rpc::ContinueTrace(its_traceparent);
  tracestate = rpc::ContinueTracestate(its_traceparent, its_tracestate);
}

struct Backends::Backend {
  Backend(const std::string& target, const time::Clock& clock)
      : channel(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(),
                                          Arguments(Use::kCalls))),
        stub(channel),
        stream_stub(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(),
                                              Arguments(Use::kStreams))),
        breaker(clock) {
    rpc::KeepGrpc();
  }

  std::shared_ptr<grpc::Channel> channel;
  grpc::GenericStub stub;
  grpc::GenericStub stream_stub;
  rpc::Breaker breaker;
  rpc::RetryBudget budget;
};

struct Backends::Shared {
  absl::Mutex mutex;
  int flights ABSL_GUARDED_BY(mutex) = 0;
};

// One call with its attempts.
struct Backends::Flight {
  BackendCall call;
  Done done;
  Backend* backend = nullptr;
  int attempts = 0;
  std::unique_ptr<grpc::ClientContext> context;
  grpc::ByteBuffer reply;
  std::unique_ptr<grpc::Alarm> pause;
};

// One streaming call. Lives until gRPC is done with it and nobody refers to it.
class Backends::StreamFlight final
    : public BackendStream,
      public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
      public std::enable_shared_from_this<StreamFlight> {
 public:
  StreamFlight(BackendCall call, Backend& backend, std::shared_ptr<Shared> shared, Started started)
      : call_(std::move(call)),
        backend_(backend),
        shared_(std::move(shared)),
        started_(std::move(started)) {}

  void Begin() {
    self_ = shared_from_this();
    context_.set_deadline(absl::ToChronoTime(call_.deadline));
    AddIdentity(context_, call_.identity);
    backend_.stream_stub.PrepareBidiStreamingCall(&context_, call_.grpc_path, grpc::StubOptions(),
                                                  this);
    StartWriteLast(&call_.request, grpc::WriteOptions());
    // Reads are begun from outside of gRPC's callbacks too: it is not done before we say so.
    AddHold();
    StartRead(&read_);
    StartCall();
  }

  void Next(Got got) override {
    std::optional<grpc::ByteBuffer> message;
    grpc::Status status;
    {
      absl::MutexLock lock(&mutex_);
      if (!message_.has_value() && !done_) {
        waiting_ = std::move(got);
        return;
      }
      message = std::exchange(message_, std::nullopt);
      status = status_;
      if (message.has_value()) ReadOn();
    }
    got(std::move(message), status);
  }

  void Cancel() override {
    {
      // Before it has ended, so that its end is known for ours.
      absl::MutexLock lock(&mutex_);
      cancelled_ = true;
    }
    context_.TryCancel();
    absl::MutexLock lock(&mutex_);
    // A read under way may still bring a message: it lets go then.
    if (!reading_) LetGo();
  }

 private:
  void OnReadInitialMetadataDone(bool ok) override {
    if (ok && context_.GetServerInitialMetadata().contains(rpc::kStreamMetadata)) Accept();
  }

  void OnReadDone(bool ok) override {
    if (ok) Accept();
    Got got;
    std::optional<grpc::ByteBuffer> message;
    {
      absl::MutexLock lock(&mutex_);
      reading_ = false;
      // The stream's end follows.
      if (!ok || cancelled_) return LetGo();
      message = std::exchange(read_, grpc::ByteBuffer());
      got = std::exchange(waiting_, nullptr);
      if (got == nullptr) {
        message_ = std::move(message);
        return;
      }
      ReadOn();
    }
    got(std::move(message), grpc::Status::OK);
  }

  void OnDone(const grpc::Status& answer) override {
    grpc::Status status;
    Got got;
    Started started;
    {
      absl::MutexLock lock(&mutex_);
      done_ = true;
      status = cancelled_ ? answer : AsSeen(answer);
      status_ = status;
      got = std::exchange(waiting_, nullptr);
      started = std::exchange(started_, nullptr);
    }
    if (started != nullptr) {
      backend_.breaker.Record(ResultOf(status));
      started(nullptr, status);
    }
    if (got != nullptr) got(std::nullopt, status);
    got = nullptr;
    started = nullptr;
    // The last that is done with the backend: its destructor waits for it.
    const std::shared_ptr<Shared> shared = shared_;
    const std::shared_ptr<StreamFlight> self = std::move(self_);
    absl::MutexLock lock(&shared->mutex);
    --shared->flights;
  }

  void Accept() {
    Started started;
    {
      absl::MutexLock lock(&mutex_);
      started = std::exchange(started_, nullptr);
    }
    if (started == nullptr) return;
    backend_.breaker.Record(rpc::Breaker::Result::kAnswered);
    started(shared_from_this(), grpc::Status::OK);
  }

  // One message is held at most: the next is read when that one was taken.
  void ReadOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!held_) return;
    reading_ = true;
    StartRead(&read_);
  }
  void LetGo() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (std::exchange(held_, false)) RemoveHold();
  }

  BackendCall call_;
  Backend& backend_;
  const std::shared_ptr<Shared> shared_;
  grpc::ClientContext context_;
  grpc::ByteBuffer read_;
  absl::Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool held_ ABSL_GUARDED_BY(mutex_) = true;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  Started started_ ABSL_GUARDED_BY(mutex_);
  Got waiting_ ABSL_GUARDED_BY(mutex_);
  // Read and not taken yet.
  std::optional<grpc::ByteBuffer> message_ ABSL_GUARDED_BY(mutex_);
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
  // Until OnDone.
  std::shared_ptr<StreamFlight> self_;
};

Backends::Backends(const absl::flat_hash_map<std::string, std::string>& targets, Deps deps)
    : deps_(deps), shared_(std::make_shared<Shared>()) {
  for (const auto& [name, target] : targets) {
    backends_[name] = std::make_unique<Backend>(target, deps.clock);
  }
}

Backends::~Backends() {
  absl::MutexLock lock(&shared_->mutex);
  shared_->mutex.Await(absl::Condition(
      +[](int* flights) { return *flights == 0; }, &shared_->flights));
}

void Backends::Call(BackendCall call, Done done) {
  const auto it = backends_.find(call.backend);
  if (it == backends_.end()) {
    return done(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no such service"), grpc::ByteBuffer());
  }
  {
    absl::MutexLock lock(&shared_->mutex);
    ++shared_->flights;
  }
  auto flight = std::make_shared<Flight>();
  flight->call = std::move(call);
  flight->done = std::move(done);
  flight->backend = it->second.get();
  Attempt(std::move(flight));
}

std::shared_ptr<BackendStream> Backends::Stream(BackendCall call, Started started) {
  const auto it = backends_.find(call.backend);
  if (it == backends_.end()) {
    started(nullptr, grpc::Status(grpc::StatusCode::UNAVAILABLE, "no such service"));
    return nullptr;
  }
  if (!it->second->breaker.Allow()) {
    started(nullptr, grpc::Status(grpc::StatusCode::UNAVAILABLE, "circuit open"));
    return nullptr;
  }
  {
    absl::MutexLock lock(&shared_->mutex);
    ++shared_->flights;
  }
  auto flight =
      std::make_shared<StreamFlight>(std::move(call), *it->second, shared_, std::move(started));
  flight->Begin();
  return flight;
}

void Backends::Attempt(std::shared_ptr<Flight> flight) {
  ++flight->attempts;
  if (!flight->backend->breaker.Allow()) {
    return Finish(*flight, grpc::Status(grpc::StatusCode::UNAVAILABLE, "circuit open"));
  }
  const BackendCall& call = flight->call;
  flight->context = std::make_unique<grpc::ClientContext>();
  grpc::ClientContext& context = *flight->context;
  context.set_deadline(
      absl::ToChronoTime(std::min(call.deadline, deps_.clock.Now() + kLongestCall)));
  AddIdentity(context, call.identity);
  // The flight's own request stays whole for the next attempt: a ByteBuffer copy shares its slices.
  flight->backend->stub.UnaryCall(
      flight->context.get(), call.grpc_path, grpc::StubOptions(), &flight->call.request,
      &flight->reply, [this, flight](grpc::Status status) { OnAnswer(flight, status); });
}

void Backends::OnAnswer(std::shared_ptr<Flight> flight, const grpc::Status& answer) {
  const grpc::Status status = AsSeen(answer);
  Backend& backend = *flight->backend;
  backend.breaker.Record(ResultOf(status));
  if (status.ok()) backend.budget.Succeeded();
  const absl::Duration pause = RetryPause();
  const bool again = status.error_code() == grpc::StatusCode::UNAVAILABLE &&
                     flight->call.repeatable && flight->attempts < kMaxAttempts &&
                     deps_.clock.Now() + pause + kLeastAttempt < flight->call.deadline &&
                     backend.budget.Take();
  if (!again) return Finish(*flight, status);
  flight->pause = std::make_unique<grpc::Alarm>();
  grpc::Alarm& alarm = *flight->pause;
  alarm.Set(absl::ToChronoTime(absl::Now() + pause),
            [this, flight = std::move(flight)](bool) mutable { Attempt(std::move(flight)); });
}

void Backends::Finish(Flight& flight, const grpc::Status& status) {
  // What `done` does with the answer belongs to the flight: the destructor waits for it.
  const std::shared_ptr<Shared> shared = shared_;
  Done done = std::move(flight.done);
  done(status, std::move(flight.reply));
  done = nullptr;
  absl::MutexLock lock(&shared->mutex);
  --shared->flights;
}

std::vector<std::pair<std::string, bool>> Backends::States() const {
  std::vector<std::pair<std::string, bool>> states;
  for (const auto& [name, backend] : backends_) {
    const bool ready = backend->channel->GetState(true) == GRPC_CHANNEL_READY &&
                       backend->breaker.state() != rpc::Breaker::State::kOpen;
    states.emplace_back(name, ready);
  }
  std::sort(states.begin(), states.end());
  return states;
}

}  // namespace chanyan::gateway
