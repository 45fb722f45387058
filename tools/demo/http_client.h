// A small HTTP/1.1 client: one connection that is kept, one request at a time, a time limit on
// each.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::demo {

struct Endpoint {
  std::string host;
  std::string port;
};
// "http://host[:port]" with nothing behind; INVALID_ARGUMENT otherwise.
absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view url);

// A value for a query: everything but letters, digits and -._~ as %XX.
std::string PercentEncode(absl::string_view text);

struct HttpQuestion {
  std::string method;
  // Path and query, encoded.
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  // Empty = without body.
  std::string content_type;
  std::string body;
};

struct HttpAnswer {
  int status = 0;
  std::string content_type;
  // "name=value" of the first cookie that is set, or empty.
  std::string cookie;
  // Zero if the answer does not say.
  absl::Duration retry_after;
  std::string body;
};

// Most bytes of an answer's body.
inline constexpr size_t kMaxAnswerBytes = size_t{256} << 20;

// Not thread-safe.
class HttpClient {
 public:
  explicit HttpClient(Endpoint endpoint);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Connects when there is no connection. UNAVAILABLE: no answer; whether the request was worked on
  // is not known. DEADLINE_EXCEEDED after `timeout`.
  absl::StatusOr<HttpAnswer> Ask(const HttpQuestion& question, absl::Duration timeout);
  // The same of an answer that comes bit by bit: `piece` is given the body of one with status 200
  // as it comes, and the answer has none then. `timeout` is of each piece. CANCELLED as soon as
  // `piece` says that it has enough.
  using Piece = absl::FunctionRef<bool(absl::string_view)>;
  absl::StatusOr<HttpAnswer> Follow(const HttpQuestion& question, absl::Duration timeout,
                                    Piece piece);

 private:
  // `piece` may be null.
  absl::StatusOr<HttpAnswer> Talk(const HttpQuestion& question, absl::Duration timeout,
                                  const Piece* piece);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chanyan::demo
