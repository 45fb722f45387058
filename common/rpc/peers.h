// Calls of other services, by method descriptor: one channel a target, the caller's deadline,
// request id, trace and identity passed on, a circuit breaker a peer. One layer repeats: what
// belongs to a call is repeated by whoever made that (the gateway), and here only the reads of
// jobs, within a budget.
//
//   CHANYAN_ASSIGN_OR_RETURN(Organization organization,
//       rpc::CallPeer<Organization>(peers, "registry",
//           "chanyan.registry.v1.RegistryService.GetOrganization", request, rpc::As(call)));
#pragma once

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/metrics/metrics.h"
#include "common/rpc/call.h"
#include "common/time/clock.h"
#include "google/protobuf/message.h"

namespace chanyan::rpc {

inline constexpr absl::Duration kClientKeepaliveTime = absl::Seconds(10);
inline constexpr absl::Duration kClientKeepaliveTimeout = absl::Seconds(3);
inline constexpr absl::Duration kMaxReconnectBackoff = absl::Seconds(1);
// Attempts of a job's read, the first included, and the pause between them (full jitter).
inline constexpr int kReadAttempts = 3;
inline constexpr absl::Duration kLeastRetryPause = absl::Milliseconds(50);
inline constexpr absl::Duration kMostRetryPause = absl::Milliseconds(500);

// Tokens of this service itself. Thread-safe.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  virtual absl::StatusOr<std::string> Token(absl::Time deadline) = 0;
};

// In whose name and by when.
struct Caller {
  enum class Identity {
    // The token of `bearer`; the public if it is empty.
    kBearer,
    // The service's own token.
    kService,
  };
  Identity identity = Identity::kBearer;
  std::string bearer;
  std::string request_id;
  std::string traceparent;
  std::string tracestate;
  // The method's longest time if there is none.
  absl::Time deadline = absl::InfiniteFuture();
  // Somebody above repeats the call that this is part of, so that this is not repeated as well.
  bool repeated_above = false;
};

// In the name of who called us.
Caller As(const Call& call);
// In our own name, within a call.
Caller AsService(const Call& call);
// In our own name, from a job; a new trace.
Caller AsService(absl::Time deadline = absl::InfiniteFuture());

// Thread-safe.
class Peers {
 public:
  struct Deps {
    const time::Clock& clock;
    metrics::Registry& metrics;
  };

  // Peer's name → gRPC target (unix:/path, host:port, dns:///name:port).
  Peers(const absl::flat_hash_map<std::string, std::string>& targets, Deps deps);
  ~Peers();

  // Needed for AsService; before the first call of that kind. Must outlive this.
  void SetTokenSource(TokenSource* tokens);

  // Blocks until the answer is there or the time is up. Errors of the peer come back as it made
  // them, with details; UNAVAILABLE if it is not there, its breaker is open or it gave the call up
  // (its CANCELLED: nobody here cancels). `method` is a full name and must be unary; a peer or
  // method that does not exist is INTERNAL.
  absl::Status Call(absl::string_view peer, absl::string_view method,
                    const google::protobuf::Message& request, const Caller& caller,
                    google::protobuf::Message* reply);

 private:
  struct Peer;
  struct Attempt;

  absl::Status CallOnce(Peer& peer, const Attempt& attempt, google::protobuf::Message* reply);

  const Deps deps_;
  TokenSource* tokens_ = nullptr;
  absl::flat_hash_map<std::string, std::unique_ptr<Peer>> peers_;
};

template <class Reply>
absl::StatusOr<Reply> CallPeer(Peers& peers, absl::string_view peer, absl::string_view method,
                               const google::protobuf::Message& request, const Caller& caller) {
  Reply reply;
  absl::Status status = peers.Call(peer, method, request, caller, &reply);
  if (!status.ok()) return status;
  return reply;
}

}  // namespace chanyan::rpc
