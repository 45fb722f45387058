// Who sees which intent at an instant.
#pragma once

#include "absl/time/time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"

namespace chanyan::pairing {

// An overdue intent is its owner's alone, whether or not the job has marked it yet.
inline db::Predicate VisibleIntents(const auth::Principal& principal, absl::Time now) {
  return db::Or(auth::Writable<v1::Intent>(principal),
                db::And(auth::Readable<v1::Intent>(principal),
                        {"state <> 'OPEN' OR expire_time > ?", {now}}));
}

}  // namespace chanyan::pairing
