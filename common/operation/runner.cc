#include "common/operation/runner.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/api/names.h"
#include "common/operation/result.h"
#include "common/rpc/trace.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"

namespace chanyan::operation {
namespace {

constexpr int kLook = 16;
constexpr absl::Duration kStatementPatience = absl::Seconds(10);
constexpr absl::Duration kLongestPause = absl::Seconds(30);
constexpr absl::Duration kClearPeriod = absl::Hours(1);
constexpr char kForgetLease[] = "DELETE FROM lease WHERE name = ? AND token = ? AND owner = ?";

// Positions of the label "outcome".
enum Outcome : size_t { kDone, kFailed, kCancelled, kBroken, kPutDownHeld };

absl::Time Soon() { return absl::Now() + kStatementPatience; }

// What says nothing about the work itself. A call that was cancelled, and not by who may cancel the
// operation, was so by a peer that ended.
bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsAborted(status) || absl::IsResourceExhausted(status) || absl::IsCancelled(status);
}

journal::Origin OriginOf(const v1::Operation& operation) {
  return {.method = operation.method(),
          .actor = operation.creator(),
          .organization = operation.organization(),
          .request_id = std::string(api::IdOfName(operation.name())),
          .trace_id = ""};
}

}  // namespace

Runner::Runner(Deps deps, const std::vector<Kind>& kinds, Options options)
    : deps_(std::move(deps)),
      kinds_(kinds),
      options_(options),
      owner_(db::NewLeaseOwner()),
      outcomes_(deps_.metrics.Counters(
          "chanyan_operations_total", "Runs of operations by how they ended.",
          {{"outcome", {"done", "failed", "cancelled", "broken_off", "put_down"}}})),
      running_(deps_.metrics.Gauges("chanyan_operations_running",
                                    "Operations that this process does now.")) {}

Runner::~Runner() { Stop(); }

void Runner::Start() {
  thread_ = std::thread([this] { Loop(); });
  keeper_ = std::thread([this] { KeepLeases(); });
}

void Runner::Stop() {
  stopping_ = true;
  Ring();
  if (thread_.joinable()) thread_.join();
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  if (keeper_.joinable()) keeper_.join();
}

void Runner::Ring() {
  absl::MutexLock lock(&mutex_);
  awake_ = true;
}

void Runner::Loop() {
  while (!stopping_) {
    RunWaiting();
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&awake_), options_.poll);
    awake_ = false;
  }
}

// Beside the work, so that a sheet that takes long to read does not lose it; until the work has
// been put down.
void Runner::KeepLeases() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&ended_), options_.lease / 3)) return;
    }
    absl::MutexLock lock(&held_mutex_);
    if (held_ != nullptr && absl::IsFailedPrecondition(held_->Acquire())) work_->Lose();
  }
}

void Runner::Hold(db::Lease* lease, Work* work) {
  absl::MutexLock lock(&held_mutex_);
  held_ = lease;
  work_ = work;
}

int Runner::RunWaiting() {
  std::vector<std::string> names;
  const absl::Status looked =
      deps_.store.db.Read(Soon(), [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(names, Waiting(session, kinds_, deps_.store.clock.Now(), kLook));
        return absl::OkStatus();
      });
  if (!looked.ok()) deps_.log.Warning("operations cannot be read", {{"error", looked.message()}});
  int taken = 0;
  for (const std::string& name : names) {
    if (stopping_) break;
    const auto later = not_before_.find(name);
    if (later != not_before_.end() && absl::Now() < later->second) continue;
    if (RunOne(name)) ++taken;
  }
  if (absl::Now() >= clear_at_ && !stopping_) {
    clear_at_ = absl::Now() + kClearPeriod;
    const absl::Time before = deps_.store.clock.Now() - kKept;
    (void)deps_.store.db.Transact(
        [&](db::Session& session) { return Clear(session, before).status(); });
  }
  return taken;
}

bool Runner::RunOne(const std::string& name) {
  db::Lease lease(deps_.store.db, LeaseOf(name), owner_, options_.lease);
  // Another process was first, or the database is away: the next look tells.
  if (!lease.Acquire().ok()) return false;
  v1::Operation operation;
  db::TransactOptions options;
  options.deadline = Soon();
  const absl::Status taken =
      deps_.store.db.Transact(options, [&](db::Session& session) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
        CHANYAN_ASSIGN_OR_RETURN(operation, TakeUp(session, table_, deps_.store.clock.Now(), name));
        return absl::OkStatus();
      });
  if (!taken.ok()) {
    deps_.log.Warning("an operation cannot be taken up",
                      {{"operation", name}, {"error", taken.message()}});
    (void)lease.Release();
    return false;
  }
  if (!HasEnded(operation.state())) {
    const auto kind = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& one) {
      return one.method->full_name() == operation.method();
    });
    running_.One().Increment();
    Do(operation, kind == kinds_.end() ? nullptr : &*kind, lease);
    running_.One().Decrement();
  }
  (void)lease.Release();
  return true;
}

void Runner::Do(const v1::Operation& operation, const Kind* kind, db::Lease& lease) {
  Work work({deps_.store.db, deps_.store.clock, lease}, operation.name());
  if (kind == nullptr) {
    return Settle(operation, status::Internal(absl::StrCat(operation.method(), " is no kind")),
                  work, lease);
  }
  Input input;
  const absl::Status loaded =
      deps_.store.db.Read(Soon(), [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(input, LoadInput(session, operation, *kind));
        return absl::OkStatus();
      });
  if (!loaded.ok()) return Settle(operation, loaded, work, lease);
  if (operation.cancel_requested()) {
    return Settle(operation, absl::CancelledError("任务已取消"), work, lease);
  }
  if (operation.attempts() > kMaxAttempts) {
    return Settle(operation,
                  status::Unavailable("任务多次中断，没有完成；请重新发起，仍不行请联系系统管理员"),
                  work, lease);
  }
  Hold(&lease, &work);
  absl::StatusOr<std::string> outcome = status::Internal("not run");
  try {
    outcome = Run(operation, *kind, input, work);
  } catch (const std::exception& exception) {
    // Nothing of ours throws, but libraries may.
    outcome = status::Internal(absl::StrCat("exception: ", exception.what()));
  }
  Hold(nullptr, nullptr);
  Settle(operation, outcome, work, lease);
}

absl::StatusOr<std::string> Runner::Run(const v1::Operation& operation, const Kind& kind,
                                        const Input& input, Work& work) {
  const std::string id(api::IdOfName(operation.name()));
  // The RPC's own memory of what it answered: a run that is repeated finds what was done before.
  input.request->GetReflection()->SetString(
      input.request.get(), input.request->GetDescriptor()->FindFieldByName("request_id"), id);
  rpc::Call call;
  call.principal = input.principal;
  call.method = kind.method;
  call.request_id = id;
  call.traceparent = rpc::ContinueTrace(input.traceparent);
  call.tracestate = rpc::ContinueTracestate(input.traceparent, input.tracestate);
  call.deadline = absl::Now() + options_.run;
  call.cancelled = [this, &work] { return work.lost() || stopping_; };
  grpc::ByteBuffer bytes;
  {
    rpc::LongWorkScope scope(&work);
    CHANYAN_RETURN_IF_ERROR(kind.handler.answer(call, *input.request, &bytes));
  }
  std::unique_ptr<google::protobuf::Message> reply(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(kind.handler.reply_type)
          ->New());
  if (!rpc::Parse(&bytes, reply.get()).ok()) return status::Internal("an answer cannot be read");
  return ResultOf(*reply);
}

void Runner::Settle(const v1::Operation& operation, const absl::StatusOr<std::string>& outcome,
                    const Work& work, db::Lease& lease) {
  if (work.lost()) return;
  v1::Operation ended;
  ended.set_name(operation.name());
  ended.set_method(operation.method());
  ended.set_creator(operation.creator());
  ended.set_organization(operation.organization());
  if (outcome.ok()) {
    ended.set_state(v1::OPERATION_STATE_DONE);
    ended.set_result(*outcome);
    Note(kDone, operation, absl::OkStatus());
    return EndAs(ended, lease);
  }
  const absl::Status& status = outcome.status();
  if (work.cancelled() || (operation.cancel_requested() && absl::IsCancelled(status))) {
    ended.set_state(v1::OPERATION_STATE_CANCELLED);
    Note(kCancelled, operation, absl::OkStatus());
    return EndAs(ended, lease);
  }
  if (stopping_ && MayPass(status)) {
    Note(kPutDownHeld, operation, status);
    (void)deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
      return PutDown(session, operation.name());
    });
    return;
  }
  if (MayPass(status) && operation.attempts() < kMaxAttempts) {
    Note(kBroken, operation, status);
    const absl::Duration pause = options_.pause * (1 << (operation.attempts() - 1));
    not_before_[operation.name()] = absl::Now() + std::min(pause, kLongestPause);
    return;
  }
  ended.set_state(v1::OPERATION_STATE_FAILED);
  *ended.mutable_error() = ErrorOf(status);
  Note(kFailed, operation, status);
  EndAs(ended, lease);
}

void Runner::EndAs(const v1::Operation& ended, db::Lease& lease) {
  not_before_.erase(ended.name());
  const journal::Origin origin = OriginOf(ended);
  db::TransactOptions options;
  options.deadline = Soon();
  const absl::Status written =
      deps_.store.db.Transact(options, [&](db::Session& session) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
        rpc::Change change(session, deps_.store.clock.Now(), origin);
        return End(change, table_, ended);
      });
  if (!written.ok()) {
    // It is taken up once more, finds all done, and ends then.
    deps_.log.Warning("an operation's end cannot be written",
                      {{"operation", ended.name()}, {"error", written.message()}});
    return;
  }
  if (deps_.store.changed != nullptr) deps_.store.changed();
  (void)deps_.store.db.Transact([&](db::Session& session) {
    return session.Execute(kForgetLease, {LeaseOf(ended.name()), lease.token(), owner_}).status();
  });
}

void Runner::Note(size_t outcome, const v1::Operation& operation,
                  const absl::Status& status) const {
  outcomes_.At({outcome}).Increment();
  // The text of a refusal may quote what was sent.
  const bool fault = absl::IsInternal(status) || MayPass(status);
  const char* const words[] = {"done", "failed", "cancelled", "broken off", "put down"};
  const log::Level level = absl::IsInternal(status) ? log::Level::kError
                           : fault                  ? log::Level::kWarning
                                                    : log::Level::kInfo;
  deps_.log.Write(level, "operation",
                  {{"operation", operation.name()},
                   {"method", operation.method()},
                   {"outcome", words[outcome]},
                   {"attempts", operation.attempts()},
                   {"detail", fault ? status.message() : absl::string_view()}});
}

}  // namespace chanyan::operation
