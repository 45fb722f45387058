// What was read of the registry for a change holds until its journal is followed further: whoever
// follows changes the rows that are there, and a row that comes after it with what was read before
// would keep for good what the registry no longer says.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/database.h"

namespace chanyan::pairing {

// Readings before a change is given up for others that come all the time.
inline constexpr int kMostReadings = 5;

// How far the registry's journal had been followed before something was read of the registry.
class RegistryReading {
 public:
  static absl::StatusOr<RegistryReading> Begin(db::Database& database, absl::Time deadline);

  // First in the transaction that writes what was read: ABORTED if it has been followed further
  // since. Until the COMMIT nobody follows it.
  absl::Status Hold(db::Session& session);
  // Whether the last Hold said so: it should be read again.
  bool passed() const { return passed_; }

 private:
  explicit RegistryReading(int64_t followed) : followed_(followed) {}

  int64_t followed_;
  bool passed_ = false;
};

}  // namespace chanyan::pairing
