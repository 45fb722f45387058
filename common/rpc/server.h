// The gRPC server of a service: one generic entry for all methods, found by descriptor.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/auth/authenticator.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/rpc/method.h"

namespace chanyan::rpc {

// Calls that may wait for each worker; more are refused at once.
inline constexpr int kQueuePerWorker = 8;
inline constexpr int kBatchQueuePerWorker = 4;
// Streams of one connection, and bytes of its headers. Advice to clients of good will, not a wall:
// gRPC 1.51 enforces them only after the client acknowledged them, so its port is never open to
// strangers.
inline constexpr int kMaxStreamsPerConnection = 100;
inline constexpr int kMaxRequestMetadataBytes = 16 << 10;
// Connections: pinged when quiet, closed when idle or old, so that clients spread again.
inline constexpr absl::Duration kServerKeepaliveTime = absl::Seconds(30);
inline constexpr absl::Duration kServerKeepaliveTimeout = absl::Seconds(10);
inline constexpr absl::Duration kLeastPingInterval = absl::Seconds(5);
inline constexpr absl::Duration kMaxConnectionIdle = absl::Minutes(5);
inline constexpr absl::Duration kMaxConnectionAge = absl::Minutes(30);
inline constexpr absl::Duration kMaxConnectionAgeGrace = absl::Seconds(60);
// The queue of a lane stood still this long: all its workers hang.
inline constexpr absl::Duration kMaxStall = absl::Seconds(45);

// Register, Start and Shutdown are called by one thread, in this order; the rest by any.
class Server {
 public:
  struct Options {
    // unix:/path or host:port; port 0 = any.
    std::string listen;
    int workers = 16;
    int batch_workers = 2;
  };
  struct Deps {
    const log::Logger& log;
    metrics::Registry& metrics;
    auth::Authenticator& authenticator;
  };

  Server(Options options, Deps deps);
  // As Shutdown without patience.
  ~Server();

  // `service` is the full name of a proto service; each of its methods must be here once, with the
  // types of the proto. What the handlers belong to must outlive the server.
  void Register(absl::string_view service, std::vector<UnaryMethod> methods);

  // Who has become part of an organization, asked for every caller that acts for one; must be fast.
  void SetPredecessors(std::function<std::vector<std::string>(absl::string_view)> predecessors);

  // INTERNAL with everything wrong in what was registered (a method missing, twice, of other types
  // or without policy); UNAVAILABLE if it cannot listen. Answers calls from then on; health says
  // NOT_SERVING until SetServing.
  absl::Status Start();

  // What grpc.health.v1 says, for the whole and for each service.
  void SetServing(bool serving);
  // Workers move; says nothing of what they depend on.
  bool Alive() const;
  // Port of host:port; 0 for a unix socket.
  int port() const;

  // Takes no more calls, lets those under way finish until `deadline`, then cancels them. Returns
  // when all are done.
  void Shutdown(absl::Time deadline);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chanyan::rpc
