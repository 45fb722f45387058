#include "services/cycle/scheduler.h"

#include <utility>

#include "common/status/status.h"

namespace chanyan::cycle {
namespace {

// Positions of the label "outcome".
constexpr size_t kOpened = 0;
constexpr size_t kFailed = 1;

}  // namespace

Scheduler::Scheduler(Deps deps, absl::Duration poll)
    : deps_(std::move(deps)),
      poll_(poll),
      lease_(deps_.db, "cycle-scheduler", db::NewLeaseOwner(), kSchedulerLease),
      ticks_(deps_.metrics.Counters("chanyan_cycle_openings_total",
                                    "Openings of the running quarter by the scheduler.",
                                    {{"outcome", {"opened", "failed"}}})) {}

Scheduler::~Scheduler() { Stop(); }

void Scheduler::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Scheduler::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  thread_.join();
  (void)lease_.Release();
}

absl::Status Scheduler::Tick() {
  const absl::Status taken = lease_.Acquire();
  // Another replica looks after it.
  if (absl::IsFailedPrecondition(taken)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(taken);
  const absl::Status opened = deps_.open(lease_, absl::Now() + kOpeningPatience);
  if (absl::IsAlreadyExists(opened)) return absl::OkStatus();
  Note(opened);
  return opened;
}

void Scheduler::Note(const absl::Status& outcome) {
  ticks_.At({outcome.ok() ? kOpened : kFailed}).Increment();
  if (outcome.ok()) {
    deps_.log.Info("the cycle of the running quarter was opened");
    said_.clear();
    return;
  }
  if (outcome.message() == said_) return;
  said_ = std::string(outcome.message());
  deps_.log.Warning("the cycle of the running quarter could not be opened",
                    {{"error", outcome.message()}});
}

void Scheduler::Run() {
  while (true) {
    // Errors are noted; the next look tries again.
    (void)Tick();
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), poll_);
    if (stopping_) return;
  }
}

}  // namespace chanyan::cycle
