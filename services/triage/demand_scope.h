// Which demands a caller sees.
#pragma once

#include "absl/time/time.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/time/civil.h"

namespace chanyan::triage {

// Rows that the caller may see at `now`: whoever may only read sees no expired one, from the very
// next day on.
inline db::Predicate VisibleDemands(const auth::Principal& principal, absl::Time now) {
  const db::Predicate current = {"state <> 'PUBLISHED' OR valid_until IS NULL OR valid_until >= ?",
                                 {time::FormatDate(time::DayOf(now))}};
  return db::Or(auth::Writable<v1::Demand>(principal),
                db::And(auth::Readable<v1::Demand>(principal), current));
}

}  // namespace chanyan::triage
