// A redis-server of the test's own on a unix socket, which can be killed and started again.
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/redis/connection.h"

namespace chanyan::redis {

class PrivateRedis {
 public:
  PrivateRedis() {
    static std::atomic<int> count{0};
    // Short: a socket's path has 107 characters.
    dir_ = absl::StrCat(std::filesystem::temp_directory_path().string(), "/chanyan-redis-",
                        getpid(), "-", ++count);
    std::filesystem::create_directories(dir_);
    Start();
  }
  ~PrivateRedis() {
    Kill();
    std::filesystem::remove_all(dir_);
  }

  // Returns when it answers.
  void Start() {
    const std::string socket = dir_ + "/s", log = dir_ + "/log";
    pid_ = fork();
    if (pid_ == 0) {
      // A test that crashes leaves no server behind.
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket.c_str(),
             "--save", "", "--appendonly", "no", "--dir", dir_.c_str(), "--logfile", log.c_str(),
             "--enable-debug-command", "yes", nullptr);
      _exit(127);
    }
    for (const absl::Time until = absl::Now() + absl::Seconds(30); absl::Now() < until;) {
      auto connection = Connection::Open(options());
      if (connection.ok() && (*connection)->Run({"PING"}).ok()) return;
      absl::SleepFor(absl::Milliseconds(5));
    }
    std::fprintf(stderr, "redis-server does not start; see %s\n", log.c_str());
    std::abort();
  }
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void Freeze() { kill(pid_, SIGSTOP); }
  void Thaw() { kill(pid_, SIGCONT); }

  // Goes with it.
  const std::string& dir() const { return dir_; }
  Options options() const {
    Options options;
    options.address = absl::StrCat("unix:", dir_, "/s");
    options.first_pause = absl::Milliseconds(1);
    options.longest_pause = absl::Milliseconds(20);
    return options;
  }

 private:
  std::string dir_;
  pid_t pid_ = 0;
};

}  // namespace chanyan::redis
