// Calls of the services behind the gateway: bytes in, bytes out, without blocking a thread.
//
// The one layer that repeats calls: reads, and changes that carry a request id, when a service was
// not there (UNAVAILABLE), within a budget. One channel for calls, one for
// streams, and one circuit breaker a service.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/metrics/metrics.h"
#include "common/time/clock.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace chanyan::gateway {

inline constexpr int kMaxAttempts = 3;

// In whose name, and under which ids; becomes metadata of the call.
struct CallIdentity {
  // "Bearer …" or empty.
  std::string authorization;
  std::string request_id;
  std::string traceparent;
  std::string tracestate;
  // Address of the client, without port.
  std::string client_address;

  // The caller's own ids, so that its log and ours can be laid side by side; ours where it has none
  // that are well-formed. What others keep beside its trace goes on with that.
  void TakeIds(absl::string_view its_request_id, absl::string_view its_traceparent,
               absl::string_view its_tracestate);
};

struct BackendCall {
  // "registry".
  std::string backend;
  // "/chanyan.registry.v1.RegistryService/GetOrganization".
  std::string grpc_path;
  grpc::ByteBuffer request;
  CallIdentity identity;
  absl::Time deadline = absl::InfiniteFuture();
  // Doing it twice does it once.
  bool repeatable = false;
};

// Messages of a streaming call that was accepted, fetched one by one. Thread-safe.
class BackendStream {
 public:
  // The next message; without one, how the stream ended, again and again.
  using Got = std::function<void(std::optional<grpc::ByteBuffer>, const grpc::Status&)>;
  virtual ~BackendStream() = default;
  // Calls `got` once, from a thread of gRPC's or at once. One at a time.
  virtual void Next(Got got) = 0;
  // Ends the call, which then ends as CANCELLED. Idempotent.
  virtual void Cancel() = 0;
};

// Thread-safe.
class Backends {
 public:
  using Done = std::function<void(const grpc::Status&, grpc::ByteBuffer)>;
  struct Deps {
    const time::Clock& clock;
    metrics::Registry& metrics;
  };

  // Service → gRPC target (unix:/path, host:port, dns:///name:port).
  Backends(const absl::flat_hash_map<std::string, std::string>& targets, Deps deps);
  // Waits for calls under way, all of which have deadlines.
  ~Backends();

  // Calls `done` once, from a thread of gRPC's, or at once when the service is unknown or its
  // breaker is open (UNAVAILABLE without details).
  void Call(BackendCall call, Done done);

  // Begins a server-streaming call. Calls `started` once: with the stream as soon as the service
  // has accepted it (x-stream in its metadata, or a first message), else with null and how it
  // ended. Never repeated: whoever listens comes again by himself. Returns what it can be ended
  // with before it is accepted, if it has not ended already.
  using Started = std::function<void(std::shared_ptr<BackendStream>, const grpc::Status&)>;
  std::shared_ptr<BackendStream> Stream(BackendCall call, Started started);

  // Each service and whether it is connected, by name.
  std::vector<std::pair<std::string, bool>> States() const;

 private:
  struct Backend;
  struct Flight;
  class StreamFlight;

  void Attempt(std::shared_ptr<Flight> flight);
  void OnAnswer(std::shared_ptr<Flight> flight, const grpc::Status& status);
  void Finish(Flight& flight, const grpc::Status& status);

  const Deps deps_;
  struct Shared;
  std::shared_ptr<Shared> shared_;
  absl::flat_hash_map<std::string, std::unique_ptr<Backend>> backends_;
};

}  // namespace chanyan::gateway
