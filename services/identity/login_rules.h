// When a name is locked and when a session has ended (IDN-3; GB/T 22239 身份鉴别 b). Pure.
#pragma once

#include "absl/time/time.h"

namespace chanyan::identity {

// So many failures within the window lock the name.
inline constexpr int kMaxFailures = 5;
inline constexpr absl::Duration kFailureWindow = absl::Minutes(15);
inline constexpr absl::Duration kLockDuration = absl::Minutes(15);

inline constexpr absl::Duration kSessionIdle = absl::Minutes(30);
inline constexpr absl::Duration kSessionLifetime = absl::Hours(12);
// Use is written down at most this often, so that reading does not become writing.
inline constexpr absl::Duration kSessionTouch = absl::Minutes(1);
// Sessions of one account; the oldest ends when one more begins.
inline constexpr int kMaxSessions = 10;

// What is known of a name's failures.
struct Attempts {
  int failures = 0;
  absl::Time window_start = absl::InfinitePast();
  absl::Time locked_until = absl::InfinitePast();
};

bool IsLocked(const Attempts& attempts, absl::Time now);
// One more failure. While locked nothing is counted: trying on does not prolong the lock.
Attempts AfterFailure(Attempts attempts, absl::Time now);

bool SessionEnded(absl::Time created, absl::Time last_used, absl::Time now);
bool TouchDue(absl::Time last_used, absl::Time now);

}  // namespace chanyan::identity
