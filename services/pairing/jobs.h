// What happens by time alone, on one replica at a time: expiry and reminders of intents and
// agreements, those of projects too, follow-ups that are due soon or overdue, follow-ups of
// enterprises that come under another unit; and, once after each start, intents that nobody
// followed in their day. A lease says who works; the fence in each transaction says whose work
// counts; each row says what was done with it, so that a second look finds it done.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/db/lease.h"
#include "services/pairing/cooperation_service.h"
#include "services/pairing/coverage_service.h"
#include "services/pairing/pairing_service.h"

namespace chanyan::pairing {

// How often it is looked.
inline constexpr absl::Duration kJobPeriod = absl::Minutes(1);
// Outlasts a look and the pause before the next.
inline constexpr absl::Duration kJobLease = absl::Minutes(3);

// Used by one thread.
class Jobs {
 public:
  struct Deps {
    db::Database& db;
    PairingService& pairing;
    CoverageService& coverage;
    CooperationService& cooperation;
  };
  explicit Jobs(Deps deps);

  // One look: OK if all is done, or if another replica looks after it; else the first that failed,
  // after all others were tried.
  absl::Status Run();
  // So that another replica need not wait.
  void Release();

 private:
  const Deps deps_;
  db::Lease lease_;
  // Whether intents were put right since the start.
  bool aligned_ = false;
};

}  // namespace chanyan::pairing
