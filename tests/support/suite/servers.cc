#include "tests/support/suite/servers.h"

#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/db/connection.h"

namespace chanyan::testing {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(60);
constexpr absl::Duration kInstallLimit = absl::Seconds(120);
constexpr absl::Duration kPoll = absl::Milliseconds(20);

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "test servers: %s\n", what.c_str());
  std::abort();
}

std::string UserOption() {
  const passwd* user = getpwuid(geteuid());
  return absl::StrCat("--user=", user == nullptr ? "root" : user->pw_name);
}

// The first of the usual places that has the program.
std::string ProgramPath(const std::string& name) {
  for (const char* dir : {"/usr/sbin/", "/usr/bin/", "/usr/local/bin/"}) {
    const std::string path = dir + name;
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  Die(absl::StrCat("there is no ", name));
}

bool Answers(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return connected;
}

std::unique_ptr<Process> StartAndWait(const Process::Options& options,
                                      const std::string& socket_path) {
  unlink(socket_path.c_str());
  auto process = Process::Start(options);
  const absl::Time until = absl::Now() + kStartLimit;
  while (!Answers(socket_path)) {
    if (!process->Running() || absl::Now() > until) {
      Die(absl::StrCat(options.command[0], " does not start; see ", options.log));
    }
    absl::SleepFor(kPoll);
  }
  return process;
}

void KillAndReap(std::unique_ptr<Process>* process) {
  (*process)->Signal(SIGKILL);
  (*process)->Wait(absl::InfiniteDuration());
  process->reset();
}

}  // namespace

OwnMariaDb::OwnMariaDb(std::string dir) : dir_(std::move(dir)) {
  auto install =
      Process::Start({.command = {ProgramPath("mariadb-install-db"), "--no-defaults", "--force",
                                  UserOption(), absl::StrCat("--datadir=", dir_, "/data"),
                                  "--auth-root-authentication-method=normal", "--skip-test-db",
                                  "--innodb-log-file-size=16M"},
                      .log = dir_ + "/mariadb-install.log"});
  if (install->Wait(kInstallLimit) != 0) {
    Die(absl::StrCat("MariaDB's data cannot be made; see ", dir_, "/mariadb-install.log"));
  }
  Start();
}

std::string OwnMariaDb::UrlFor(const std::string& schema) const {
  return absl::StrCat("mysql://root@localhost/", schema,
                      "?socket=", absl::StrReplaceAll(dir_, {{"%", "%25"}, {"&", "%26"}}),
                      "/mariadb.sock");
}

void OwnMariaDb::Start() {
  // A server that starts empties its folder for temporary tables, whosever they are.
  std::filesystem::create_directories(dir_ + "/tmp");
  process_ = StartAndWait(
      {.command = {ProgramPath("mariadbd"),
                   absl::StrCat("--defaults-file=", CHANYAN_SOURCE_DIR,
                                "/deploy/mariadb/chanyan.cnf"),
                   UserOption(), absl::StrCat("--datadir=", dir_, "/data"),
                   absl::StrCat("--tmpdir=", dir_, "/tmp"),
                   absl::StrCat("--socket=", dir_, "/mariadb.sock"),
                   absl::StrCat("--pid-file=", dir_, "/mariadb.pid"), "--skip-networking",
                   "--innodb-log-file-size=16M", "--innodb-buffer-pool-size=64M",
                   "--performance-schema=OFF", "--max-connections=300"},
       .log = dir_ + "/mariadb.log"},
      dir_ + "/mariadb.sock");
}

void OwnMariaDb::Kill() { KillAndReap(&process_); }

OwnRedis::OwnRedis(std::string dir) : dir_(std::move(dir)) { Start(); }

std::string OwnRedis::address() const { return absl::StrCat("unix:", dir_, "/redis.sock"); }

void OwnRedis::Start() {
  process_ = StartAndWait(
      {.command = {ProgramPath("redis-server"), "--port", "0", "--unixsocket", dir_ + "/redis.sock",
                   "--save", "", "--appendonly", "no", "--dir", dir_},
       .log = dir_ + "/redis.log"},
      dir_ + "/redis.sock");
}

void OwnRedis::Kill() { KillAndReap(&process_); }

}  // namespace chanyan::testing
