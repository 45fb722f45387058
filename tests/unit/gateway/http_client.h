// A blocking client of bytes, for tests: what it sends is what the test wrote.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace chanyan::gateway {

struct ClientReply {
  // 0 = the connection was closed without one.
  int status = 0;
  // Names in lower case.
  std::multimap<std::string, std::string> headers;
  std::string body;

  std::string Header(const std::string& name) const {
    const auto it = headers.find(name);
    return it == headers.end() ? "" : it->second;
  }
};

class HttpClient {
 public:
  explicit HttpClient(int port) {
    fd_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    const timeval patience = {20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~HttpClient() { close(fd_); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool connected() const { return connected_; }
  bool Send(absl::string_view bytes) {
    return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // The next reply; `head_only` for HEAD.
  ClientReply Receive(bool head_only = false) {
    ClientReply reply;
    size_t end;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return reply;
    }
    const std::string head = input_.substr(0, end);
    input_.erase(0, end + 4);
    const std::vector<std::string> lines = absl::StrSplit(head, "\r\n");
    (void)absl::SimpleAtoi(lines[0].substr(9, 3), &reply.status);
    for (size_t i = 1; i < lines.size(); ++i) {
      const size_t colon = lines[i].find(": ");
      reply.headers.emplace(absl::AsciiStrToLower(lines[i].substr(0, colon)),
                            lines[i].substr(colon + 2));
    }
    size_t length = 0;
    (void)absl::SimpleAtoi(reply.Header("content-length"), &length);
    if (head_only) return reply;
    while (input_.size() < length && Fill()) {
    }
    reply.body = input_.substr(0, length);
    input_.erase(0, length);
    return reply;
  }
  ClientReply Ask(absl::string_view bytes) {
    Send(bytes);
    return Receive();
  }
  // Waits until the other end closes; false if it does not.
  bool WaitClosed() {
    while (Fill()) {
    }
    return closed_;
  }

 private:
  bool Fill() {
    char bytes[16384];
    const ssize_t got = recv(fd_, bytes, sizeof(bytes), 0);
    closed_ = got == 0 || (got < 0 && errno == ECONNRESET);
    if (got <= 0) return false;
    input_.append(bytes, got);
    return true;
  }

  int fd_ = -1;
  bool connected_ = false;
  bool closed_ = false;
  std::string input_;
};

inline std::string HttpRequestText(absl::string_view method, absl::string_view target,
                                   absl::string_view headers = "", absl::string_view body = "",
                                   absl::string_view type = "application/json") {
  std::string out =
      absl::StrCat(method, " ", target, " HTTP/1.1\r\nHost: chanyan.test\r\n", headers);
  if (!body.empty()) {
    absl::StrAppend(&out, "Content-Type: ", type, "\r\nContent-Length: ", body.size(), "\r\n");
  }
  return absl::StrCat(out, "\r\n", body);
}

}  // namespace chanyan::gateway
