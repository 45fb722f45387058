#include "tests/support/suite/http_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace chanyan::testing {
namespace {

namespace http = boost::beast::http;

constexpr size_t kMaxReplyBytes = size_t{64} << 20;
constexpr size_t kReadBytes = 16 << 10;

// False when time has run out.
bool WaitFor(int fd, short events, absl::Time deadline) {
  const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
  pollfd waiting{fd, events, 0};
  return left > 0 && poll(&waiting, 1, static_cast<int>(left)) > 0;
}

// A kept connection that the other side has closed, or on which it speaks unasked.
bool IsStale(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, 0) > 0;
}

}  // namespace

std::string HttpReply::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string HttpReply::Reason() const {
  const Json reply = json();
  for (int i = 0; i < reply.Size("error.details"); ++i) {
    const std::string reason = reply.At(absl::StrCat("error.details.", i, ".reason"));
    if (!reason.empty()) return reason;
  }
  return "";
}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : address_(other.address_), fd_(std::exchange(other.fd_, -1)) {}

void HttpClient::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

bool HttpClient::Connect(absl::Time deadline, std::string* failure) {
  absl::string_view rest = address_;
  sockaddr_un local{};
  sockaddr_in remote{};
  const sockaddr* address = nullptr;
  socklen_t size = 0;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, rest.data(), std::min(rest.size(), sizeof(local.sun_path) - 1));
    address = reinterpret_cast<const sockaddr*>(&local);
    size = sizeof(local);
  } else {
    int port = 0;
    const size_t colon = rest.rfind(':');
    if (!absl::SimpleAtoi(rest.substr(colon + 1), &port)) return false;
    remote.sin_family = AF_INET;
    remote.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, std::string(rest.substr(0, colon)).c_str(), &remote.sin_addr);
    address = reinterpret_cast<const sockaddr*>(&remote);
    size = sizeof(remote);
  }
  fd_ = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (address->sa_family == AF_INET) {
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  int error = 0;
  socklen_t error_size = sizeof(error);
  if (connect(fd_, address, size) != 0) {
    error = errno;
    if (error == EINPROGRESS && WaitFor(fd_, POLLOUT, deadline)) {
      getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &error_size);
    }
  }
  if (error != 0) {
    *failure = absl::StrCat("connect: ", std::strerror(error));
    Close();
  }
  return error == 0;
}

bool HttpClient::Write(absl::string_view bytes, absl::Time deadline, size_t* written) {
  *written = 0;
  while (*written < bytes.size()) {
    const ssize_t n = send(fd_, bytes.data() + *written, bytes.size() - *written, MSG_NOSIGNAL);
    if (n > 0) {
      *written += static_cast<size_t>(n);
    } else if (errno != EAGAIN || !WaitFor(fd_, POLLOUT, deadline)) {
      return false;
    }
  }
  return true;
}

bool HttpClient::Read(absl::string_view method, absl::Time deadline, HttpReply* reply) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxReplyBytes);
  parser.eager(true);
  parser.skip(method == "HEAD");
  std::string pending;
  std::string chunk(kReadBytes, '\0');
  while (!parser.is_done()) {
    const ssize_t n = recv(fd_, chunk.data(), chunk.size(), 0);
    boost::system::error_code error;
    if (n == 0) {
      // A parser that has seen nothing takes an end for a whole answer.
      if (parser.got_some()) parser.put_eof(error);
      if (error || !parser.is_done()) {
        reply->failure = "connection closed";
        return false;
      }
      break;
    }
    if (n < 0) {
      if (errno == EAGAIN && WaitFor(fd_, POLLIN, deadline)) continue;
      reply->failure = errno == EAGAIN ? "timed out" : std::strerror(errno);
      return false;
    }
    pending.append(chunk, 0, static_cast<size_t>(n));
    while (!pending.empty() && !parser.is_done()) {
      const size_t used = parser.put(boost::asio::buffer(pending), error);
      pending.erase(0, used);
      if (error == http::error::need_more) break;
      if (error) {
        reply->failure = absl::StrCat("unreadable answer: ", error.message());
        return false;
      }
    }
  }
  reply->status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    const auto name = field.name_string();
    reply->headers[absl::AsciiStrToLower(absl::string_view(name.data(), name.size()))] =
        std::string(field.value().data(), field.value().size());
  }
  const bool keeps = parser.get().keep_alive();
  reply->body = std::move(parser.get().body());
  if (!keeps) Close();
  return true;
}

HttpReply HttpClient::Send(absl::string_view method, absl::string_view target,
                           const Headers& headers, absl::string_view body, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  HttpReply reply;
  if (fd_ >= 0 && IsStale(fd_)) Close();
  if (fd_ < 0 && !Connect(deadline, &reply.failure)) {
    reply.unsent = true;
    return reply;
  }
  const bool local = address_[0] == 'u';
  std::string bytes = absl::StrCat(method, " ", target,
                                   " HTTP/1.1\r\nHost: ", local ? "localhost" : address_, "\r\n");
  for (const auto& [name, value] : headers) absl::StrAppend(&bytes, name, ": ", value, "\r\n");
  if (!body.empty() || (method != "GET" && method != "HEAD")) {
    absl::StrAppend(&bytes, "Content-Length: ", body.size(), "\r\n");
  }
  absl::StrAppend(&bytes, "\r\n", body);
  size_t written = 0;
  if (!Write(bytes, deadline, &written)) {
    reply.failure = absl::StrCat("send: ", std::strerror(errno));
    reply.unsent = written == 0;
    Close();
    return reply;
  }
  if (!Read(method, deadline, &reply)) Close();
  return reply;
}

}  // namespace chanyan::testing
