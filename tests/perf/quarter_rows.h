// The rows of a city-size quarter as the cycle's pure functions take them.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "services/cycle/package_archive.h"

namespace chanyan::perf {

struct QuarterRows {
  // By enterprise.
  std::vector<std::vector<cycle::v1::Row>> rows;
  cycle::UniversityTitles titles;
  absl::Time packed_at = absl::FromUnixSeconds(1'750'000'000);
};

// 50,000 rows of 20,000 enterprises: every second has three, the others two, of 60 universities.
QuarterRows MakeQuarterRows(int enterprises);

}  // namespace chanyan::perf
