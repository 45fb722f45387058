// Clients that work while things break: closed loop, seven of ten calls read, the rest create and
// change organizations and projects, each with a request id.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "tests/fault/under_load/ledger.h"
#include "tests/support/suite/suite.h"

namespace chanyan::fault {

inline constexpr int kClients = 8;

class Load {
 public:
  // Makes what the clients work on, then starts them.
  Load(testing::Suite& suite, uint64_t seed, Ledger& ledger);
  ~Load() { Stop(); }

  void Stop();
  // Credentials for sending a change again.
  testing::Api ApiOf(Actor actor) const;

 private:
  class Client;

  const std::string address_;
  Ledger& ledger_;
  testing::Headers credentials_[2];
  // organizations/{…}/platforms/{…}
  std::string platform_;
  // Organizations that all clients change.
  std::vector<std::string> shared_;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace chanyan::fault
