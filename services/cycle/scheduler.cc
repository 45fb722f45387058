#include "services/cycle/scheduler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/cycle/database_clock.h"
#include "services/cycle/spoken_rules.h"

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
  absl::Status opened = CheckClocks();
  if (opened.ok()) opened = deps_.open(lease_, absl::Now() + kOpeningPatience);
  if (absl::IsAlreadyExists(opened)) return absl::OkStatus();
  Note(opened);
  return opened;
}

absl::Status Scheduler::CheckClocks() {
  CHANYAN_ASSIGN_OR_RETURN(const absl::Time its, DatabaseTime(deps_.db));
  const absl::Time ours = deps_.clock.Now();
  const auto quarter = [](absl::Time time) { return time::Quarter::Of(time::DayOf(time)).Id(); };
  if (quarter(ours) == quarter(its)) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("本机时钟为", SpokenToTheSecond(ours), "，数据库时钟为", SpokenToTheSecond(its),
                   "，不在同一季度，未开启周期；请校准时钟"));
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
