// What the gateway takes for an HTTP/1.1 request head, and nothing else.
//
// The only parser of request heads in the program: what it accepts has one reading, so that no
// proxy in front of the gateway can be made to disagree with it about where a request ends. Pure
// functions over bytes, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace chanyan::gateway {

// Bytes of the request line and all headers, with the empty line.
inline constexpr size_t kMaxHeadBytes = 8 * 1024;
inline constexpr size_t kMaxHeaders = 64;
// Bytes of path and query as sent.
inline constexpr size_t kMaxTargetBytes = 4 * 1024;

// Why a request is refused before anybody looks at what it asks for. The connection is closed
// after every one: the rest of the bytes cannot be trusted to begin a request.
struct Reject {
  int http_status = 400;
  // Stable, from a closed set: label of a metric.
  absl::string_view code;
  // For people: what is wrong and what to do.
  std::string message;
  // Where: "url", "headers" or "body"; empty = nothing in the request is wrong (too slow).
  absl::string_view place;
};

// 431 for a head over kMaxHeadBytes.
Reject HeadTooLarge();
// 413 for a body of which at most `max_bytes` are taken; 0 = the method takes none.
Reject BodyTooLarge(size_t max_bytes);

enum class HttpMethod { kGet, kHead, kPost, kPut, kPatch, kDelete };
absl::string_view HttpMethodName(HttpMethod method);

struct HttpHeader {
  absl::string_view name;
  absl::string_view value;
};

// Views into the bytes that were parsed.
struct RequestHead {
  HttpMethod method = HttpMethod::kGet;
  absl::string_view path;
  // Without '?'; as sent.
  absl::string_view query;
  int minor_version = 1;
  std::vector<HttpHeader> headers;
  absl::string_view host;
  uint64_t content_length = 0;
  bool chunked = false;
  bool keep_alive = true;
  bool expect_continue = false;

  // The value of a header that may come once, or empty. `name` in lower case.
  absl::string_view Header(absl::string_view name) const;
  bool HasBody() const { return chunked || content_length > 0; }
};

// Position after the empty line that ends the head, or npos while more bytes are needed. Bare line
// feeds end a head too, so that ParseHead can refuse them instead of waiting.
size_t FindHeadEnd(absl::string_view bytes);

// `block` is what FindHeadEnd delimits. On success fills `head` and returns nothing.
std::optional<Reject> ParseHead(absl::string_view block, RequestHead& head);

// Replaces percent escapes; `plus_is_space` as in queries. The target's escapes were checked by
// ParseHead.
std::string PercentDecode(absl::string_view text, bool plus_is_space);

}  // namespace chanyan::gateway
