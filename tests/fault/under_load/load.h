// Clients that work while things break.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/fault/under_load/ledger.h"
#include "tests/fault/under_load/scene.h"
#include "tests/support/suite/suite.h"

namespace chanyan::fault {

inline constexpr int kClients = 8;

class Load {
 public:
  // Makes what the clients work on, then starts them.
  Load(testing::Suite& suite, uint64_t seed, Ledger& ledger);
  ~Load() { Stop(); }

  void Stop();
  const Scene& scene() const { return scene_; }

 private:
  const Scene scene_;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace chanyan::fault
