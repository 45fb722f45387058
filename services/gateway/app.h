// The gateway put together: what it is made of, and the order in which it starts and ends.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/config/config.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/rpc/admin.h"
#include "common/time/clock.h"
#include "services/gateway/backends.h"
#include "services/gateway/gateway.h"
#include "services/gateway/grpc_proxy.h"
#include "services/gateway/http_server.h"
#include "services/gateway/rate_limit.h"
#include "services/gateway/routes.h"
#include "services/gateway/sessions.h"
#include "services/gateway/static_files.h"
#include "services/gateway/stream_slots.h"

namespace chanyan::gateway {

// Requests under way at a stop may go on this long.
inline constexpr absl::Duration kStopPatience = absl::Seconds(20);

struct AppOptions {
  config::Config config;
  // HTTP address, TLS files, threads, limits.
  HttpServer::Options http;
  // Directory of static files; empty = none.
  std::string static_directory;
  // Descriptor set with comments, for OpenAPI; empty = without descriptions.
  std::string descriptors;
  RateLimits rates;
};

// Used by one thread.
class App {
 public:
  // Listens and serves from then on. An error is for the operator.
  static absl::StatusOr<std::unique_ptr<App>> Start(AppOptions options);
  ~App();

  // Not ready, wait for `drain_delay`, requests under way, the rest.
  void Stop();

 private:
  explicit App(AppOptions options);
  absl::Status Open();
  rpc::AdminAnswer Answer(absl::string_view path);

  // Destroyed from the bottom: first what takes requests, last what they use.
  const AppOptions options_;
  const log::Logger log_;
  metrics::Registry metrics_;
  time::SystemClock clock_;
  std::atomic<bool> ready_ = false;
  std::unique_ptr<Routes> routes_;
  StaticFiles files_;
  RateLimiter limiter_;
  StreamSlots slots_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Backends> backends_;
  std::unique_ptr<GrpcProxy> proxy_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<rpc::Admin> admin_;
};

}  // namespace chanyan::gateway
