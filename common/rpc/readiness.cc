#include "common/rpc/readiness.h"

#include <utility>

namespace chanyan::rpc {

Readiness::Readiness(const log::Logger& log, std::vector<Check> checks,
                     std::function<void(bool)> changed)
    : log_(log), checks_(std::move(checks)), changed_(std::move(changed)) {}

Readiness::~Readiness() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Readiness::Start() {
  Refresh();
  thread_ = std::thread([this] { Watch(); });
}

void Readiness::Drain() {
  // `changed_` is called under the lock, so that no late refresh can follow with "ready".
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  failures_ = {{"draining", "正在停止"}};
  changed_(false);
}

std::vector<Readiness::Failure> Readiness::Failures() const {
  absl::MutexLock lock(&mutex_);
  return failures_;
}

void Readiness::Refresh() {
  std::vector<Failure> failures;
  for (const Check& check : checks_) {
    const absl::Status status = check.ask();
    if (!status.ok()) failures.push_back({check.name, std::string(status.message())});
  }
  absl::MutexLock lock(&mutex_);
  if (draining_) return;
  const bool was = failures_.empty();
  failures_ = std::move(failures);
  const bool is = failures_.empty();
  if (was == is) return;
  if (is) {
    log_.Info("ready");
  } else {
    log_.Warning("not ready",
                 {{"check", failures_.front().name}, {"detail", failures_.front().text}});
  }
  changed_(is);
}

void Readiness::Watch() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kReadinessInterval)) return;
    }
    Refresh();
  }
}

}  // namespace chanyan::rpc
