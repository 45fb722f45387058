// Instants as DATETIME(6) text in UTC, both ways exact to the microsecond.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::db {

// "2025-03-01 04:05:06.000007". What is below a microsecond is dropped, towards the past.
// INVALID_ARGUMENT outside the years 1000 to 9999.
absl::StatusOr<std::string> FormatDateTime(absl::Time time);

// With or without the fraction. INTERNAL for anything else.
absl::StatusOr<absl::Time> ParseDateTime(absl::string_view text);

}  // namespace chanyan::db
