// The operators' door: a small HTTP/1.1 listener of its own, on its own thread, never reachable
// from outside. Answers GET /metrics, /healthz, /readyz, each from what is at hand, so it answers
// while all workers are busy; a connection that says nothing is dropped.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::rpc {

// A client that takes longer for one request or answer is dropped.
inline constexpr absl::Duration kAdminTimeout = absl::Seconds(5);
// Connections at one time; more are closed at once.
inline constexpr int kMaxAdminConnections = 64;

struct AdminAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class Admin {
 public:
  // Path without query → answer; 404 is the caller's to say. Called on the listener's thread.
  using Handler = std::function<AdminAnswer(absl::string_view path)>;

  // Listens on `address` (unix:/path or host:port); UNAVAILABLE if it cannot.
  static absl::StatusOr<std::unique_ptr<Admin>> Start(const std::string& address, Handler handler);
  ~Admin();

  // Port of host:port; 0 for a unix socket.
  int port() const;

 private:
  class Impl;
  explicit Admin(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace chanyan::rpc
