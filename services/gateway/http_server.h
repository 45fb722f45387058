// The HTTP/1.1 server: connections, time limits and framing. What a request means is the handler's.
//
// Asynchronous on one event loop a thread; a connection stays on its loop, so nothing of it is
// locked. Requests of one connection are answered one after the other, in order, also when they are
// sent without waiting. Every phase has a time limit that no trickle of bytes extends.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/metrics/metrics.h"
#include "services/gateway/http_message.h"

namespace chanyan::gateway {

struct HttpTimeouts {
  absl::Duration handshake = absl::Seconds(5);
  // From the first byte of a head (or the connection's start) to its end.
  absl::Duration head = absl::Seconds(10);
  // For a body; a large one gets what kLeastBytesPerSecond would take on top.
  absl::Duration body = absl::Seconds(30);
  // From the request's end to its answer.
  absl::Duration answer = absl::Seconds(60);
  // For writing an answer; on top as for bodies.
  absl::Duration write = absl::Seconds(30);
  // Between requests.
  absl::Duration idle = absl::Seconds(60);
  // A stream without news gives a sign of life.
  absl::Duration beat = absl::Seconds(15);
  // For a refused client to read why.
  absl::Duration linger = absl::Seconds(1);
};

inline constexpr int64_t kLeastBytesPerSecond = 64 * 1024;
inline constexpr int kDefaultHttpThreads = 2;
// Open connections, of all clients and of one address (a university sits behind one).
inline constexpr int kMaxConnections = 2048;
inline constexpr int kMaxConnectionsPerAddress = 512;
// Bytes of a refused request that are read and thrown away, so that the refusal arrives.
inline constexpr size_t kMaxLingerBytes = 256 * 1024;

class HttpServer {
 public:
  struct Options {
    // host:port; port 0 = any.
    std::string listen;
    // PEM files; both empty = no TLS.
    std::string tls_certificate;
    std::string tls_key;
    int threads = kDefaultHttpThreads;
    int max_connections = kMaxConnections;
    int max_connections_per_address = kMaxConnectionsPerAddress;
    HttpTimeouts timeouts;
  };
  struct Deps {
    HttpHandler& handler;
    metrics::Registry& metrics;
  };

  // Listens and serves from then on. INVALID_ARGUMENT for an address or certificate that cannot be
  // used, UNAVAILABLE if the port is taken.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const Options& options, Deps deps);
  // As Drain without patience.
  ~HttpServer();

  int port() const;

  // Accepts no more, closes idle connections, lets requests under way finish until `deadline`.
  void Drain(absl::Time deadline);

 private:
  class Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace chanyan::gateway
