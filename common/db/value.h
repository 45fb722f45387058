// Values that go into and come out of SQL.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"

namespace chanyan::db {

// A bound parameter or a cell: NULL, integer, floating point, text or bytes, instant (DATETIME(6),
// UTC). Dates and JSON travel as text. A bool is an int64 of 0 or 1.
using Value = std::variant<std::monostate, int64_t, double, std::string, absl::Time>;
using Values = std::vector<Value>;

// Result of a query, whole in memory: rows of as many values as there are columns.
struct Rows {
  std::vector<Values> rows;
};

}  // namespace chanyan::db
