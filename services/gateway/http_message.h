// A request as the server read it and a reply as the gateway made it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "services/gateway/http_rules.h"

namespace chanyan::gateway {

// Not copied or moved: `head` has views into `head_bytes`.
struct HttpRequest {
  HttpRequest() = default;
  HttpRequest(const HttpRequest&) = delete;
  HttpRequest& operator=(const HttpRequest&) = delete;

  std::string head_bytes;
  RequestHead head;
  std::string body;
  // Address of the other end, without port.
  std::string peer_address;
  bool tls = false;
  // No work goes on after it.
  absl::Time deadline = absl::InfiniteFuture();
};

// A body that is made while it is sent. Thread-safe.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // Calls `more` once, from any thread or at once, with the next piece, or with nothing at the end.
  // Asked for the next piece only when the last one was sent: who reads slowly is sent less.
  virtual void Next(std::function<void(std::string piece)> more) = 0;
  // Nobody wants the rest: `more` need not be called any more. Idempotent.
  virtual void Cancel() = 0;
  // Sent when there is nothing to send for some time, so that each end knows that the other is
  // there.
  virtual absl::string_view Filler() const = 0;
};

struct HttpReply {
  int status = 200;
  // With charset where it is text; empty = no body.
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // In place of `body`; the connection ends with it.
  std::shared_ptr<BodyStream> stream;
  // Content coding of `body` as it stands; empty = none.
  std::string coding;
  // No further request is read from the connection.
  bool close = false;
};

inline constexpr char kJsonContentType[] = "application/json; charset=utf-8";

// What the server asks for an answer. Thread-safe.
class HttpHandler {
 public:
  using Done = std::function<void(HttpReply)>;
  virtual ~HttpHandler() = default;

  // Most bytes of body that a request with this head may have. Called before the body is read.
  virtual size_t MaxBodyBytes(const RequestHead& head) const = 0;
  // Calls `done` once, from any thread, by the request's deadline.
  virtual void Handle(std::shared_ptr<const HttpRequest> request, Done done) = 0;
  // The answer to what could not be read as a request.
  virtual HttpReply Refuse(const Reject& reject) = 0;
};

}  // namespace chanyan::gateway
