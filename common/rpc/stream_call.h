// One call of a streaming method on its way through gRPC's callback interface; see stream.h.
// Deletes itself.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "common/rpc/pipeline.h"
#include "common/rpc/unary_call.h"
#include "common/rpc/worker_pool.h"
#include "grpcpp/alarm.h"
#include "grpcpp/support/server_callback.h"

namespace chanyan::rpc {

// What all streams of a server share. Thread-safe.
struct StreamLimits {
  std::atomic<int> open = 0;
  // The server takes no more calls: streams end, for their clients to come again elsewhere.
  std::atomic<bool> draining = false;
};

// Metadata that a client sees before the first event once a stream is accepted: from then on an
// error is the end of a stream and not a refusal.
inline constexpr char kStreamMetadata[] = "x-stream";

class StreamCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                         private WorkerPool::Job {
 public:
  struct Deps {
    const Pipeline& pipeline;
    const CallMetrics& metrics;
    WorkerPool& pool;
    CallCount& calls;
    StreamLimits& limits;
  };

  StreamCall(grpc::CallbackServerContext* context, const grpc::ByteBuffer& request,
             const ServedMethod& method, Deps deps);

 private:
  void OnWriteDone(bool ok) override;
  void OnSendInitialMetadataDone(bool ok) override;
  void OnDone() override;
  void Run() override;

  // Asks the handler on a worker.
  void Ask();
  // Asks it after a pause.
  void Pause();
  void End(absl::Status status);
  // The request with the last event's id.
  grpc::ByteBuffer Request() const;

  grpc::CallbackServerContext* const context_;
  const ServedMethod& method_;
  const Deps deps_;
  Arrival arrival_;
  Call call_;
  const grpc::ByteBuffer request_;
  const google::protobuf::FieldDescriptor* const id_field_;
  std::string last_event_id_;
  absl::Time queued_at_;
  grpc::ByteBuffer event_;
  std::unique_ptr<grpc::Alarm> alarm_;
  // Answered at least once: the caller may see it.
  bool accepted_ = false;
};

}  // namespace chanyan::rpc
