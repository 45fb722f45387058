// Scoring sheets, the score of a panel and the ranking (CON-4; S2 五、(六) 择优确定). Pure, whole
// numbers alone: points are tenths of a point, scores of panels thousandths.
#pragma once

#include <cstdint>
#include <vector>

#include "chanyan/consortium/v1/review.pb.h"
#include "chanyan/policy/v1/consortium_review.pb.h"
#include "common/status/status.h"

namespace chanyan::consortium {

// What is wrong with a sheet, by path within it: a criterion that the pack does not have or that
// comes twice, more points than it has. `whole`: also what is missing before it can be handed in.
std::vector<status::Violation> SheetViolations(const policy::v1::ReviewSheet& plan,
                                               const v1::ScoreSheet& sheet, bool whole);

// Sum of the points that are there.
int64_t TotalTenths(const v1::ScoreSheet& sheet);

// Score of a panel from the totals of its sheets, in thousandths of a point, half up; 0 of none.
//   MEAN of 90.0 and 85.5 = 87.750; TRIMMED_MEAN of 95.0 90.0 88.0 86.0 60.0 = 88.000
int64_t ScoreThousandths(policy::v1::ScoreAggregation aggregation,
                         std::vector<int64_t> totals_tenths);

// Whether a score reaches the pack's.
bool Passes(const policy::v1::ReviewSheet& plan, int64_t score_thousandths);

// Each consortium once, by the last of its panels: whoever was reviewed again counts with that.
// Best first, of equal ones by name; equal scores share a rank and the ranks after it are left out
// (1, 2, 2, 4).
std::vector<v1::RankedConsortium> Ranking(const std::vector<v1::ReviewPanel>& panels);

}  // namespace chanyan::consortium
