// An office system that messages are sent to: it checks each as its operator would, remembers what
// it was sent, and does not always answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace chanyan::fault {

class OfficeSystem {
 public:
  // Listens on 127.0.0.1.
  explicit OfficeSystem(uint64_t seed);
  ~OfficeSystem();

  int port() const { return port_; }
  // The secret of what comes to `path`.
  void Know(const std::string& path, const std::string& secret);
  // Before: one message of five is answered 503, and of one of five the answer is lost.
  void AnswerAlways() { reliable_ = true; }

  // Delivery → the bodies that came under it, each time.
  std::map<std::string, std::vector<std::string>> received() const;
  // What no message may be: not signed, not what was sent before under its id.
  std::vector<std::string> complaints() const;

 private:
  void Serve();
  // Empty if it is not answered.
  std::string Take(const std::string& request) ABSL_LOCKS_EXCLUDED(mutex_);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> reliable_ = false;
  mutable absl::Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> secrets_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<std::string>> received_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> complaints_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace chanyan::fault
