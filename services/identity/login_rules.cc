#include "services/identity/login_rules.h"

namespace chanyan::identity {

bool IsLocked(const Attempts& attempts, absl::Time now) { return now < attempts.locked_until; }

Attempts AfterFailure(Attempts attempts, absl::Time now) {
  if (IsLocked(attempts, now)) return attempts;
  if (now - attempts.window_start >= kFailureWindow) {
    attempts.failures = 0;
    attempts.window_start = now;
  }
  ++attempts.failures;
  if (attempts.failures >= kMaxFailures) {
    attempts.locked_until = now + kLockDuration;
    // The count begins anew after the lock.
    attempts.failures = 0;
    attempts.window_start = attempts.locked_until;
  }
  return attempts;
}

bool SessionEnded(absl::Time created, absl::Time last_used, absl::Time now) {
  return now - last_used >= kSessionIdle || now - created >= kSessionLifetime;
}

bool TouchDue(absl::Time last_used, absl::Time now) { return now - last_used >= kSessionTouch; }

}  // namespace chanyan::identity
