// A small HTTP client: one kept connection, a time limit on everything, no repeats of its own, so
// that a test knows what was sent and what is unknown.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/support/suite/json.h"

namespace chanyan::testing {

inline constexpr absl::Duration kHttpTimeout = absl::Seconds(15);

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpReply {
  // 0 = no answer: it could not connect, the connection broke, or time ran out.
  int status = 0;
  // Names in small letters. Of a header that comes more than once, the last.
  std::map<std::string, std::string> headers;
  std::string body;
  // With status 0: nothing of the request was sent, so that it had no effect.
  bool unsent = false;
  // With status 0: what happened.
  std::string failure;

  Json json() const { return Json::Parse(body); }
  std::string Header(const std::string& name) const;
  // google.rpc.ErrorInfo's reason, such as STALE_ETAG; "" if there is none.
  std::string Reason() const;
};

// Used by one thread at a time.
class HttpClient {
 public:
  // "127.0.0.1:8080" or "unix:/path".
  explicit HttpClient(std::string address) : address_(std::move(address)) {}
  ~HttpClient() { Close(); }
  HttpClient(HttpClient&& other) noexcept;
  HttpClient& operator=(HttpClient&&) = delete;

  HttpReply Send(absl::string_view method, absl::string_view target, const Headers& headers = {},
                 absl::string_view body = "", absl::Duration timeout = kHttpTimeout);
  void Close();

 private:
  bool Connect(absl::Time deadline, std::string* failure);
  bool Write(absl::string_view bytes, absl::Time deadline, size_t* written);
  bool Read(absl::string_view method, absl::Time deadline, HttpReply* reply);

  const std::string address_;
  int fd_ = -1;
};

}  // namespace chanyan::testing
