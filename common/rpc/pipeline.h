// What happens to every call, in one order: deadline, admission, identity, permission, shape,
// handler; then metrics and one log line (ARCHITECTURE "The way of a request"). Knows gRPC's bytes,
// but not its server.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/auth/authenticator.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::rpc {

// Kept back from a call's deadline for the way of the reply.
inline constexpr absl::Duration kReplyReserve = absl::Milliseconds(20);
// With less than this left a call is refused before it costs anything.
inline constexpr absl::Duration kLeastBudget = absl::Milliseconds(100);
// Longest time of a call whose method does not say, by lane.
inline constexpr absl::Duration kInteractiveDeadline = absl::Seconds(3);
inline constexpr absl::Duration kBatchDeadline = absl::Seconds(30);
// What a refused caller is told to wait.
inline constexpr absl::Duration kRetryAfter = absl::Milliseconds(500);

// A method that is served. Immutable.
struct ServedMethod {
  UnaryMethod handler;
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  options::v1::Lane lane = options::v1::LANE_UNSPECIFIED;
  // Longest time of a call, and its time if the client gives none.
  absl::Duration deadline;
  // Null if the request has none.
  const google::protobuf::FieldDescriptor* request_id = nullptr;
  // Allowed while the first password stands.
  bool before_password_change = false;
  // "chanyan.pairing.v1.PairingService/GetProject", for logs and metrics.
  std::string label;
  // Position among all methods of the server.
  size_t index = 0;
};

// Policy of the method as read from its descriptor; `handler` and `index` are the caller's.
ServedMethod Describe(const google::protobuf::MethodDescriptor* method);

// What arrived around the request's bytes. Its views are into gRPC's metadata, valid for the call.
struct Arrival {
  absl::Time received;
  // The client's; InfiniteFuture if it gave none.
  absl::Time client_deadline = absl::InfiniteFuture();
  absl::string_view authorization;
  absl::string_view request_id;
  absl::string_view traceparent;
  // All its lines.
  std::string tracestate;
  absl::string_view client_address;
  // A header that must be single came twice.
  bool ambiguous = false;
};

// The time until which the handler may work, or DEADLINE_EXCEEDED if too little is left.
absl::StatusOr<absl::Time> Budget(const ServedMethod& method, const Arrival& arrival);

// How a call ended.
struct Outcome {
  absl::Status status;
  absl::Duration queued;
  absl::Duration total;
};

// Metrics of all calls of a server. Thread-safe.
class CallMetrics {
 public:
  enum Shed : size_t { kQueueFull, kQueueWait, kExpired };

  CallMetrics(metrics::Registry& registry, const std::vector<const ServedMethod*>& methods);

  void Began() const { in_flight_.One().Increment(); }
  void Ended(const ServedMethod& method, const Outcome& outcome) const;
  void Dropped(Shed reason) const { shed_.At({reason}).Increment(); }
  void Unknown() const { unknown_.One().Increment(); }

 private:
  metrics::Set<metrics::Counter> handled_;
  metrics::Set<metrics::Histogram> seconds_;
  metrics::Set<metrics::Histogram> queue_seconds_;
  metrics::Set<metrics::Gauge> in_flight_;
  metrics::Set<metrics::Counter> shed_;
  metrics::Set<metrics::Counter> unknown_;
};

// A call that waits for its answer.
struct Waiting {
  const Arrival& arrival;
  absl::Duration queued;
  grpc::ByteBuffer* request;
  Call* call;
  grpc::ByteBuffer* reply;
  // How it ended, once it has.
  absl::Status status;
  // Or what the handler must be asked for this call alone.
  std::unique_ptr<google::protobuf::Message> alone = nullptr;
};

// Thread-safe.
class Pipeline {
 public:
  struct Deps {
    const log::Logger& log;
    auth::Authenticator& authenticator;
    const CallMetrics& metrics;
    // Organizations that have become part of the caller's; may be null.
    std::function<std::vector<std::string>(absl::string_view organization)> predecessors;
  };

  explicit Pipeline(Deps deps) : deps_(std::move(deps)) {}

  // On arrival: request id (until the request's own is known), trace and time limit of `call`.
  static absl::Status Open(const ServedMethod& method, const Arrival& arrival, Call* call);

  // On a worker: everything from the queue to the reply's bytes.
  absl::Status Answer(const ServedMethod& method, const Waiting& waiting) const;
  // As Answer for each, those that got as far as the handler together.
  void AnswerTogether(const ServedMethod& method, absl::Span<Waiting> all) const;
  // The rest of Answer for a call that AnswerTogether left alone.
  absl::Status AnswerAlone(const ServedMethod& method, const Call& call,
                           const google::protobuf::Message& request, grpc::ByteBuffer* reply) const;

  // Afterwards, for every call that had a method: metrics and the log line.
  void Close(const ServedMethod& method, const Call& call, const Outcome& outcome) const;

 private:
  absl::Status CheckQueue(const Arrival& arrival, absl::Duration queued, const Call& call) const;
  absl::Status Identify(const ServedMethod& method, const Arrival& arrival, Call* call) const;
  // What the handler is asked: after queue, identity, permission and shape.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Admit(const ServedMethod& method,
                                                                   const Waiting& waiting) const;

  Deps deps_;
};

}  // namespace chanyan::rpc
