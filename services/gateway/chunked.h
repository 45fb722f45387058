// Reads a body sent with `Transfer-Encoding: chunked`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/http_rules.h"

namespace chanyan::gateway {

// Bytes after the size of a chunk, from ';' on. They mean nothing here, but somebody sends them.
inline constexpr size_t kMaxChunkExtensionBytes = 64;

// Fed with the connection's bytes as they come. Strict: CRLF only, sizes of one to eight hex
// digits, no trailers. Not thread-safe; one for each body.
class ChunkedDecoder {
 public:
  explicit ChunkedDecoder(size_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  // Takes from the front of `input` what it can read, appending data to `body`. Bytes that are left
  // in `input` when done() belong to the next request.
  std::optional<Reject> Feed(absl::string_view& input, std::string& body);
  bool done() const { return state_ == State::kDone; }

 private:
  enum class State { kSize, kData, kDataEnd, kLastLine, kDone };

  std::optional<Reject> TakeLine(absl::string_view& input, bool& complete);
  std::optional<Reject> OnSizeLine(size_t body_bytes);

  const size_t max_body_bytes_;
  State state_ = State::kSize;
  // The line being read, without its CRLF.
  std::string line_;
  uint64_t left_ = 0;
};

}  // namespace chanyan::gateway
