// Native gRPC pass-through: bytes of unary calls go to the service that serves them, unread.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/gateway/backends.h"
#include "services/gateway/routes.h"

namespace chanyan::gateway {

// Its port is for programs inside the network, never for browsers: gRPC 1.51 cannot be exposed.
class GrpcProxy {
 public:
  struct Deps {
    const Routes& routes;
    Backends& backends;
    const time::Clock& clock;
  };

  // Listens on unix:/path or host:port (port 0 = any); UNAVAILABLE if it cannot.
  static absl::StatusOr<std::unique_ptr<GrpcProxy>> Start(const std::string& listen, Deps deps);
  ~GrpcProxy();

  int port() const;
  // Takes no more calls, lets those under way finish until `deadline`.
  void Drain(absl::Time deadline);

 private:
  class Impl;
  explicit GrpcProxy(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace chanyan::gateway
