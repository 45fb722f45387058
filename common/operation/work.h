// One operation being done by this process, under its lease: the LongWork of the thread that does
// it.
#pragma once

#include <atomic>
#include <string>

#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/lease.h"
#include "common/operation/progress.h"
#include "common/rpc/long_work.h"
#include "common/time/clock.h"

namespace chanyan::operation {

// What is said oftener is not written down.
inline constexpr absl::Duration kPacePeriod = absl::Milliseconds(500);

class Work final : public rpc::LongWork {
 public:
  struct Deps {
    db::Database& db;
    const time::Clock& clock;
    db::Lease& lease;
  };
  Work(Deps deps, std::string name) : deps_(deps), name_(std::move(name)) {}

  absl::Status Enter(db::Session& session) override;
  absl::Status Leave(db::Session& session) override;
  void Count(int64_t units) override { counted_ += units; }
  void Expect(int64_t units) override;
  void Say(rpc::Stage stage, int64_t done, int64_t total) override;

  // Somebody asked for its end, and it stopped there.
  bool cancelled() const { return cancelled_; }
  // Another process has it now.
  bool lost() const { return lost_; }
  // By another thread: the lease could not be renewed.
  void Lose() { lost_ = true; }

 private:
  const Deps deps_;
  const std::string name_;
  int64_t counted_ = 0;
  Pace said_;
  absl::Time next_word_ = absl::InfinitePast();
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> lost_ = false;
};

}  // namespace chanyan::operation
