// A program under test. It ends with the test, however that ends: the kernel kills it when the
// thread that started it is gone.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace chanyan::testing {

// Used by one thread, which must outlive it.
class Process {
 public:
  struct Options {
    // The program's path and its arguments.
    std::vector<std::string> command;
    // File that its output is appended to.
    std::string log;
    // NAME=value, added to the test's own.
    std::vector<std::string> environment;
  };

  // Ends the test's program if it cannot be started.
  static std::unique_ptr<Process> Start(const Options& options);
  // Kills it, and everything it started, if it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Signal(int signal) const;
  bool Running();
  // Its exit code, or 128 plus the signal that ended it; nothing if it still runs after `patience`.
  std::optional<int> Wait(absl::Duration patience);

 private:
  explicit Process(pid_t pid) : pid_(pid) {}

  const pid_t pid_;
  std::optional<int> exit_;
};

}  // namespace chanyan::testing
