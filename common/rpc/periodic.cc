#include "common/rpc/periodic.h"

#include <utility>

namespace chanyan::rpc {

Periodic::Periodic(std::string name, absl::Duration period, log::Logger logger,
                   std::function<absl::Status()> work)
    : name_(std::move(name)), period_(period), logger_(logger), work_(std::move(work)) {}

Periodic::~Periodic() { Stop(); }

void Periodic::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Periodic::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Periodic::Run() {
  while (true) {
    const absl::Status status = work_();
    if (!status.ok()) {
      logger_.Warning("job failed", {{"job", name_}, {"error", status.message()}});
    }
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), period_)) return;
  }
}

}  // namespace chanyan::rpc
