// HTTP/2 as bytes on the wire (RFC 9113, RFC 7541), for what no client would send.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/unit/rpc/raw_http.h"

namespace chanyan::rpc::testing {

inline constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kRstStream = 3,
  kSettings = 4,
  kPushPromise = 5,
  kPing = 6,
  kGoaway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
};
inline constexpr uint8_t kEndStream = 0x1, kAck = 0x1, kEndHeaders = 0x4, kPadded = 0x8;

inline std::string BigEndian(uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

// A frame that says of itself that it has `length` bytes.
inline std::string FrameOfLength(uint32_t length, uint8_t type, uint8_t flags, uint32_t stream,
                                 absl::string_view payload) {
  return absl::StrCat(BigEndian(length, 3), BigEndian(type, 1), BigEndian(flags, 1),
                      BigEndian(stream, 4), payload);
}
inline std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, absl::string_view payload) {
  return FrameOfLength(static_cast<uint32_t>(payload.size()), type, flags, stream, payload);
}

// An integer behind a prefix of seven bits.
inline std::string HpackInteger(uint64_t value) {
  constexpr uint64_t kPrefix = 127;
  if (value < kPrefix) return BigEndian(value, 1);
  std::string text = BigEndian(kPrefix, 1);
  for (value -= kPrefix; value >= 128; value >>= 7) text += BigEndian((value & 127) | 128, 1);
  return text + BigEndian(value, 1);
}

using Header = std::pair<std::string, std::string>;

// A literal with a name of its own, into the table if `indexed`.
inline std::string HpackLiteral(const Header& header, bool indexed = false) {
  return absl::StrCat(BigEndian(indexed ? 0x40 : 0, 1), HpackInteger(header.first.size()),
                      header.first, HpackInteger(header.second.size()), header.second);
}

// HEADERS and as many CONTINUATIONs as the block needs.
inline std::string HeaderFrames(uint32_t stream, absl::string_view block, uint8_t flags = 0) {
  constexpr size_t kMostBytes = 16384;
  std::string frames;
  uint8_t type = kHeaders;
  do {
    const absl::string_view part = block.substr(0, kMostBytes);
    block.remove_prefix(part.size());
    absl::StrAppend(&frames, Frame(type, flags | (block.empty() ? kEndHeaders : 0), stream, part));
    type = kContinuation;
    flags = 0;
  } while (!block.empty());
  return frames;
}

// A connection of somebody who does not keep to the protocol.
class RawHttp2 {
 public:
  explicit RawHttp2(int port) : fd_(Connect(port)) {}
  ~RawHttp2() { close(fd_); }
  RawHttp2(const RawHttp2&) = delete;
  RawHttp2& operator=(const RawHttp2&) = delete;

  // False if the other side has closed the connection, or takes no more for a while. What comes
  // back meanwhile is read, so that it cannot hold the other side up.
  bool Send(absl::string_view bytes) {
    while (!bytes.empty() && !closed_) {
      if (!Wait(POLLIN | POLLOUT, absl::Seconds(2))) return false;
      const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) bytes.remove_prefix(static_cast<size_t>(n));
    }
    return bytes.empty();
  }

  // Reads for so long, or until the other side closes: true.
  bool AwaitClosed(absl::Duration patience) {
    const absl::Time until = absl::Now() + patience;
    while (!closed_ && absl::Now() < until) Wait(POLLIN, until - absl::Now());
    return closed_;
  }

  const std::string& received() const { return received_; }

 private:
  // Reads what is there.
  bool Wait(short events, absl::Duration patience) {
    pollfd poll_fd = {fd_, events, 0};
    if (poll(&poll_fd, 1, static_cast<int>(absl::ToInt64Milliseconds(patience))) <= 0) return false;
    if ((poll_fd.revents & (POLLIN | POLLERR | POLLHUP)) == 0) return true;
    char buffer[16384];
    const ssize_t n = recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT);
    closed_ = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    if (n > 0 && received_.size() < kMostReceived) received_.append(buffer, static_cast<size_t>(n));
    return true;
  }

  static constexpr size_t kMostReceived = 1 << 20;
  const int fd_;
  bool closed_ = false;
  std::string received_;
};

}  // namespace chanyan::rpc::testing
