#include "tests/fault/migrate/gate.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::fault {
namespace {

// A packet: three bytes of length, least first, one of its number in the exchange, and the content;
// a command is number 0 and begins with what it is.
constexpr size_t kHead = 4;
constexpr char kTextCommand = 3;
constexpr size_t kChunk = 64 << 10;
constexpr int kTurnMilliseconds = 5;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "gate: %s: %s\n", what.c_str(), std::strerror(errno));
  std::abort();
}

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) Die(path + " is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

int NewSocket() {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) Die("socket");
  return fd;
}

// Whoever is at the other end may be gone.
void SendAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

// Empty at the end.
std::string Receive(int fd) {
  std::string bytes(kChunk, '\0');
  ssize_t size;
  do {
    size = recv(fd, bytes.data(), bytes.size(), 0);
  } while (size < 0 && errno == EINTR);
  bytes.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return bytes;
}

// The size of the packet that `bytes` begin with; 0 if they do not hold all of it.
size_t PacketSize(absl::string_view bytes) {
  if (bytes.size() < kHead) return 0;
  const auto byte = [bytes](size_t i) {
    return static_cast<size_t>(static_cast<uint8_t>(bytes[i]));
  };
  const size_t size = kHead + (byte(0) | byte(1) << 8 | byte(2) << 16);
  return bytes.size() < size ? 0 : size;
}

// Of a packet that is a statement as text; else empty.
std::string StatementOf(absl::string_view packet) {
  if (packet.size() <= kHead || packet[3] != 0 || packet[kHead] != kTextCommand) return "";
  return std::string(packet.substr(kHead + 1));
}

}  // namespace

Gate::Gate(std::string socket, std::string server_socket)
    : socket_(std::move(socket)), server_socket_(std::move(server_socket)), listener_(NewSocket()) {
  unlink(socket_.c_str());
  const sockaddr_un address = AddressOf(socket_);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener_, 16) != 0) {
    Die(socket_);
  }
}

Gate::~Gate() {
  CloseAll();
  close(listener_);
  unlink(socket_.c_str());
}

Passage Gate::Run(const testing::Process::Options& program, const std::set<std::string>& watched,
                  Blow blow, int at) {
  watched_ = &watched;
  blow_ = blow;
  left_ = at;
  struck_.clear();
  const std::unique_ptr<testing::Process> process = testing::Process::Start(program);
  while (process->Running()) {
    if (!Turn()) {
      process->Signal(SIGKILL);
      break;
    }
  }
  Passage passage{*process->Wait(absl::InfiniteDuration()), std::move(struck_)};
  CloseAll();
  return passage;
}

void Gate::Accept() {
  Pair pair;
  pair.client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (pair.client < 0) Die("accept");
  pair.server = NewSocket();
  const sockaddr_un address = AddressOf(server_socket_);
  if (connect(pair.server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    Die(server_socket_);
  }
  pairs_.push_back(std::move(pair));
}

bool Gate::Forward(Pair& pair) {
  const std::string bytes = Receive(pair.client);
  if (bytes.empty()) {
    shutdown(pair.server, SHUT_WR);
    close(std::exchange(pair.client, -1));
    return true;
  }
  pair.rest += bytes;
  while (const size_t size = PacketSize(pair.rest)) {
    const std::string packet = pair.rest.substr(0, size);
    pair.rest.erase(0, size);
    const std::string statement = StatementOf(packet);
    if (watched_->contains(statement) && --left_ == 0) {
      struck_ = statement;
      if (blow_ == Blow::kBefore) return false;
      pair.struck = true;
    }
    SendAll(pair.server, packet);
  }
  return true;
}

bool Gate::Return(Pair& pair) {
  const std::string bytes = Receive(pair.server);
  if (pair.struck && !bytes.empty()) return false;
  if (bytes.empty()) {
    close(std::exchange(pair.server, -1));
    if (pair.client >= 0) close(std::exchange(pair.client, -1));
  } else if (pair.client >= 0) {
    SendAll(pair.client, bytes);
  }
  return true;
}

bool Gate::Turn() {
  std::vector<pollfd> fds = {{listener_, POLLIN, 0}};
  std::vector<Pair*> open;
  for (Pair& pair : pairs_) {
    fds.push_back({pair.client, POLLIN, 0});
    fds.push_back({pair.server, POLLIN, 0});
    open.push_back(&pair);
  }
  if (poll(fds.data(), fds.size(), kTurnMilliseconds) < 0 && errno != EINTR) Die("poll");
  if (fds[0].revents != 0) Accept();
  for (size_t i = 0; i < open.size(); ++i) {
    // A descriptor of -1 is never ready.
    if (fds[2 * i + 2].revents != 0 && !Return(*open[i])) return false;
    if (fds[2 * i + 1].revents != 0 && open[i]->client >= 0 && !Forward(*open[i])) return false;
  }
  std::erase_if(pairs_, [](const Pair& pair) { return pair.server < 0; });
  return true;
}

void Gate::CloseAll() {
  for (const Pair& pair : pairs_) {
    if (pair.client >= 0) close(pair.client);
    if (pair.server >= 0) close(pair.server);
  }
  pairs_.clear();
}

}  // namespace chanyan::fault
