#include "tests/fault/under_load/office_system.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/hmac.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace chanyan::fault {
namespace {

constexpr char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr char kBusy[] =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr absl::Duration kTolerance = absl::Minutes(5);

std::string HeaderOf(absl::string_view head, absl::string_view name) {
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    if (absl::StartsWithIgnoreCase(line, absl::StrCat(name, ": "))) {
      return std::string(line.substr(name.size() + 2));
    }
  }
  return "";
}

// By hand: what signs must not be what checks.
std::string SignatureOf(absl::string_view secret, absl::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return absl::StrCat("v1=", absl::BytesToHexString(
                                 absl::string_view(reinterpret_cast<const char*>(digest), size)));
}

// Whole, or empty: who is killed while it sends has sent nothing.
std::string ReadRequest(int peer) {
  std::string text;
  char buffer[4096];
  while (true) {
    const size_t head = text.find("\r\n\r\n");
    if (head != std::string::npos) {
      size_t length = 0;
      (void)absl::SimpleAtoi(HeaderOf(text.substr(0, head), "Content-Length"), &length);
      if (text.size() >= head + 4 + length) return text;
    }
    const ssize_t got = read(peer, buffer, sizeof(buffer));
    if (got <= 0) return "";
    text.append(buffer, static_cast<size_t>(got));
  }
}

}  // namespace

OfficeSystem::OfficeSystem(uint64_t seed)
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), random_(seed) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener_, 16) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

OfficeSystem::~OfficeSystem() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

void OfficeSystem::Know(const std::string& path, const std::string& secret) {
  absl::MutexLock lock(&mutex_);
  secrets_[path] = secret;
}

std::map<std::string, std::vector<std::string>> OfficeSystem::received() const {
  absl::MutexLock lock(&mutex_);
  return received_;
}

std::vector<std::string> OfficeSystem::complaints() const {
  absl::MutexLock lock(&mutex_);
  return complaints_;
}

void OfficeSystem::Serve() {
  while (true) {
    const int peer = accept(listener_, nullptr, nullptr);
    if (peer < 0) return;
    const timeval limit = {.tv_sec = 5, .tv_usec = 0};
    setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    const std::string request = ReadRequest(peer);
    const std::string answer = request.empty() ? "" : Take(request);
    if (!answer.empty()) (void)send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    close(peer);
  }
}

std::string OfficeSystem::Take(const std::string& request) {
  const size_t end = request.find("\r\n\r\n");
  const std::string head = request.substr(0, end);
  const std::string body = request.substr(end + 4);
  const std::vector<std::string> words = absl::StrSplit(head.substr(0, head.find('\r')), ' ');
  const std::string delivery = HeaderOf(head, "X-Chanyan-Delivery");
  const std::string stamp = HeaderOf(head, "X-Chanyan-Timestamp");
  int64_t seconds = 0;
  absl::MutexLock lock(&mutex_);
  const auto secret = secrets_.find(words.size() > 1 ? words[1] : "");
  if (secret == secrets_.end() || delivery.empty() || !absl::SimpleAtoi(stamp, &seconds)) {
    complaints_.push_back(absl::StrCat("not a message: ", head));
    return kOk;
  }
  if (HeaderOf(head, "X-Chanyan-Signature") !=
      SignatureOf(secret->second, absl::StrCat(stamp, ".", delivery, ".", body))) {
    complaints_.push_back(absl::StrCat(delivery, ": wrongly signed"));
  }
  if (absl::AbsDuration(absl::Now() - absl::FromUnixSeconds(seconds)) > kTolerance) {
    complaints_.push_back(absl::StrCat(delivery, ": signed at ", stamp));
  }
  std::vector<std::string>& bodies = received_[delivery];
  if (!bodies.empty() && bodies.front() != body) {
    complaints_.push_back(absl::StrCat(delivery, ": another message under the same id"));
  }
  bodies.push_back(body);
  if (reliable_) return kOk;
  switch (random_() % 5) {
    case 0:
      return kBusy;
    case 1:
      return "";
    default:
      return kOk;
  }
}

}  // namespace chanyan::fault
