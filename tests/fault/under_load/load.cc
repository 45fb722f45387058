#include "tests/fault/under_load/load.h"

#include "absl/time/clock.h"
#include "tests/fault/under_load/client.h"

namespace chanyan::fault {
namespace {

// Between two acts of a client, so that eight of them leave the machine to the suite.
constexpr absl::Duration kThink = absl::Milliseconds(5);

}  // namespace

Load::Load(testing::Suite& suite, uint64_t seed, Ledger& ledger) : scene_(suite) {
  for (int i = 0; i < kClients; ++i) {
    threads_.emplace_back([this, i, seed, &ledger] {
      Client client(scene_, ledger, i, seed);
      while (!stop_) {
        client.Step();
        absl::SleepFor(kThink);
      }
    });
  }
}

void Load::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace chanyan::fault
