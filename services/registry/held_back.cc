#include "services/registry/held_back.h"

#include <algorithm>

#include "common/status/status.h"
#include "common/time/pause.h"

namespace chanyan::registry {

bool IsAboutAll(const absl::Status& status) {
  const bool lease_lost = absl::IsFailedPrecondition(status) &&
                          status::ReasonOf(status) == options::v1::ERROR_REASON_CONFLICT;
  return lease_lost || absl::IsUnavailable(status) || absl::IsAborted(status) ||
         absl::IsDeadlineExceeded(status);
}

std::vector<std::string> HeldBack::At(absl::Time now) {
  std::vector<std::string> names;
  absl::MutexLock lock(&mutex_);
  for (auto wait = waits_.begin(); wait != waits_.end();) {
    // What was not even tried again for so long is no longer due.
    if (now - wait->second.until > kLongestHeldBack) {
      waits_.erase(wait++);
      continue;
    }
    if (now < wait->second.until) names.push_back(wait->first);
    ++wait;
  }
  std::sort(names.begin(), names.end());
  return names;
}

void HeldBack::Failed(absl::string_view name, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Wait& wait = waits_[name];
  wait.until = now + time::PauseAfter(++wait.failures, kFirstHeldBack, kLongestHeldBack);
}

void HeldBack::Done(absl::string_view name) {
  absl::MutexLock lock(&mutex_);
  waits_.erase(name);
}

}  // namespace chanyan::registry
