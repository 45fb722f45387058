// One call on its way through gRPC's callback interface. Deletes itself.
#pragma once

#include <functional>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "common/rpc/gathering.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/worker_pool.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/support/server_callback.h"

namespace chanyan::rpc {

// Calls that exist; Shutdown waits for none. Thread-safe.
class CallCount {
 public:
  void Add() {
    absl::MutexLock lock(&mutex_);
    ++count_;
  }
  void Remove() {
    absl::MutexLock lock(&mutex_);
    --count_;
  }
  void WaitForNone() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](int* count) { return *count == 0; }, &count_));
  }

 private:
  absl::Mutex mutex_;
  int count_ = 0;
};

// What came around the request; its views live as long as the context.
Arrival ArrivalOf(const grpc::CallbackServerContext& context);

// Has its one message when it begins, waits for a worker of its lane's pool, answers with one
// message. A stream from the server is another reactor beside this one, with the same pipeline
// around it (stream_call.h).
class UnaryCall final : public grpc::ServerUnaryReactor,
                        private WorkerPool::Job,
                        private Gathering::Member {
 public:
  struct Deps {
    const Pipeline& pipeline;
    const CallMetrics& metrics;
    WorkerPool& pool;
    // Where calls of the method meet; null if each is answered alone.
    Gathering* gathering;
    CallCount& calls;
  };

  // `reply` belongs to the call.
  UnaryCall(grpc::CallbackServerContext* context, const grpc::ByteBuffer& request,
            grpc::ByteBuffer* reply, const ServedMethod& method, Deps deps);

 private:
  // What is left to do at the end is too little for another thread to be woken for it.
  bool InternalInlineable() override { return true; }
  void OnDone() override;
  void Run() override;
  Waiting Leave() override;
  void End(absl::Status status) override;
  void GoAlone(std::unique_ptr<google::protobuf::Message> request) override;
  void Submit(Gathering* gathering);

  grpc::CallbackServerContext* const context_;
  const ServedMethod& method_;
  const Deps deps_;
  Arrival arrival_;
  Call call_;
  absl::Time queued_at_;
  absl::Duration queued_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer* const reply_;
  // Where those that it met left it: what the handler is asked.
  std::unique_ptr<google::protobuf::Message> admitted_;
};

// Answers a call of a method that is not served.
class UnknownCall final : public grpc::ServerGenericBidiReactor {
 public:
  explicit UnknownCall(CallCount& calls);

 private:
  void OnDone() override;

  CallCount& calls_;
};

}  // namespace chanyan::rpc
