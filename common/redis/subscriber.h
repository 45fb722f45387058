// The hearing end of the doorbell. It only saves waiting: whoever is rung polls as well.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/log/log.h"
#include "common/redis/connection.h"

namespace chanyan::redis {

// A thread that calls a channel's function when something is published there, and once after each
// new connection, because of what was missed.
class Subscriber {
 public:
  // Called on the subscriber's thread; must not block.
  using Ring = std::function<void()>;

  // `ask_again` without a word from Redis it is asked whether it is there.
  Subscriber(Options options, log::Logger logger, absl::flat_hash_map<std::string, Ring> channels,
             absl::Duration ask_again = absl::Seconds(5));
  ~Subscriber();

  void Start();
  // Idempotent.
  void Stop();

 private:
  void Run();
  // Until the connection ends or Stop is called.
  absl::Status Listen(Connection& connection);
  void Take(const Reply& reply);
  void WaitForStop(absl::Duration longest) const;

  const Options options_;
  const log::Logger logger_;
  const absl::flat_hash_map<std::string, Ring> channels_;
  const absl::Duration ask_again_;
  // eventfd that Stop makes readable.
  const int wake_fd_;
  std::atomic<bool> stopping_{false};
  Pause pause_;
  // The thread's own: whether it has said that Redis is away.
  bool away_ = false;
  std::thread thread_;
};

}  // namespace chanyan::redis
