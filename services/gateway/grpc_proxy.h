// Native gRPC pass-through: bytes of unary calls and of streams from the server go between client
// and service, unread but for the request id. Limits, log line, metrics and ids are those of HTTP
// requests. The next message of a stream is fetched when the last was sent, and a client that
// leaves ends its stream; a unary call under way goes on.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/time/clock.h"
#include "services/gateway/backends.h"
#include "services/gateway/rate_limit.h"
#include "services/gateway/routes.h"
#include "services/gateway/stream_slots.h"

namespace chanyan::gateway {

// Its port is for programs inside the network, never for browsers: gRPC 1.51 cannot be exposed.
class GrpcProxy {
 public:
  // Everything it refers to must outlive it.
  struct Deps {
    const Routes& routes;
    Backends& backends;
    // Shared with HTTP: a credential has one allowance, whichever way it comes.
    RateLimiter& limiter;
    // So too its streams.
    StreamSlots& slots;
    const time::Clock& clock;
    const log::Logger& log;
    metrics::Registry& metrics;
  };

  // Listens on unix:/path or host:port (port 0 = any); UNAVAILABLE if it cannot.
  static absl::StatusOr<std::unique_ptr<GrpcProxy>> Start(const std::string& listen, Deps deps);
  ~GrpcProxy();

  int port() const;
  // Takes no more calls, ends streams, lets calls under way finish until `deadline`.
  void Drain(absl::Time deadline);

 private:
  class Impl;
  explicit GrpcProxy(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Address of a gRPC peer without its port: "ipv4:10.0.0.7:4711" and "ipv6:%5B::1%5D:4711" are
// "10.0.0.7" and "::1"; all who come by unix socket are "unix".
std::string AddressOfPeer(absl::string_view peer);

}  // namespace chanyan::gateway
