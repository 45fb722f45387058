// How one attempt at a transaction ended. Internal to common/db.
#pragma once

#include "absl/status/status.h"

namespace chanyan::db {

enum class Next {
  // The caller gets the status.
  kReturn,
  // A hopeful INSERT was refused; again, without hope.
  kDisappointed,
  // Lost against another transaction; again, later.
  kConflict,
  // The connection was lost before COMMIT; again, on another.
  kLost,
  // It was lost at COMMIT: what became of it must be asked.
  kAmbiguous,
};

struct Outcome {
  Next next;
  absl::Status status;
};

}  // namespace chanyan::db
