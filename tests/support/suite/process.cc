#include "tests/support/suite/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/time/clock.h"

extern char** environ;

namespace chanyan::testing {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(5);
constexpr int kCannotStart = 127;

std::vector<char*> Pointers(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Between fork and exec: nothing that allocates, since other threads may have held locks.
[[noreturn]] void Become(const Process::Options& options, pid_t parent, char* const* words,
                         char* const* environment) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotStart);
  const int in = open("/dev/null", O_RDONLY);
  const int out = open(options.log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0666);
  if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) {
    _exit(kCannotStart);
  }
  // Sockets and locks of the test are none of its business.
  for (int fd = 3; fd < 256; ++fd) close(fd);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(words[0], words, environment);
  _exit(kCannotStart);
}

}  // namespace

std::unique_ptr<Process> Process::Start(const Options& options) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.push_back(*variable);
  variables.insert(variables.end(), options.environment.begin(), options.environment.end());
  const std::vector<char*> words = Pointers(options.command);
  const std::vector<char*> environment = Pointers(variables);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Become(options, parent, words.data(), environment.data());
  if (pid < 0) {
    std::fprintf(stderr, "cannot start %s: %s\n", words[0], std::strerror(errno));
    std::abort();
  }
  return std::unique_ptr<Process>(new Process(pid));
}

Process::~Process() {
  // The group, in case it left something behind; a leader that was reaped may have left members.
  kill(-pid_, SIGKILL);
  if (!exit_) waitpid(pid_, nullptr, 0);
}

void Process::Signal(int signal) const {
  if (!exit_) kill(pid_, signal);
}

bool Process::Running() { return !Wait(absl::ZeroDuration()).has_value(); }

std::optional<int> Process::Wait(absl::Duration patience) {
  const absl::Time until = absl::Now() + patience;
  while (!exit_) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (absl::Now() >= until) {
      break;
    } else {
      absl::SleepFor(kPoll);
    }
  }
  return exit_;
}

}  // namespace chanyan::testing
