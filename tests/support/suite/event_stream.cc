#include "tests/support/suite/event_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace chanyan::testing {

EventStream::EventStream(const Suite& suite, const Api& who, const std::string& target,
                         const std::string& last_event_id)
    : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
  const std::vector<std::string> address = absl::StrSplit(suite.http_address(), ':');
  int port = 0;
  if (address.size() != 2 || !absl::SimpleAtoi(address[1], &port)) return;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, address[0].c_str(), &to.sin_addr);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) return;
  const timeval patience = {60, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  std::string request = absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: chanyan.test\r\n");
  for (const auto& [name, value] : who.credentials()) {
    absl::StrAppend(&request, name, ": ", value, "\r\n");
  }
  if (!last_event_id.empty()) absl::StrAppend(&request, "Last-Event-ID: ", last_event_id, "\r\n");
  request += "\r\n";
  if (send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return;
  }
  const std::string head = Until("\r\n\r\n");
  if (head.size() > 12 && !absl::SimpleAtoi(head.substr(9, 3), &status_)) status_ = 0;
}

EventStream::~EventStream() { close(fd_); }

StreamEvent EventStream::Next() {
  StreamEvent event;
  while (true) {
    const std::string block = Until("\n\n");
    if (block.empty()) return event;
    for (const absl::string_view line : absl::StrSplit(block, '\n')) {
      if (absl::StartsWith(line, "id: ")) event.id = std::string(line.substr(4));
      if (absl::StartsWith(line, "event: ")) event.name = std::string(line.substr(7));
      if (absl::StartsWith(line, "data: ")) event.data = Json::Parse(line.substr(6));
    }
    if (!event.name.empty()) return event;
  }
}

std::string EventStream::Until(absl::string_view text) {
  size_t at;
  while ((at = got_.find(text.data(), 0, text.size())) == std::string::npos) {
    char bytes[65536];
    const ssize_t read = recv(fd_, bytes, sizeof(bytes), 0);
    if (read <= 0) return "";
    got_.append(bytes, static_cast<size_t>(read));
  }
  std::string taken = got_.substr(0, at + text.size());
  got_.erase(0, at + text.size());
  return taken;
}

}  // namespace chanyan::testing
