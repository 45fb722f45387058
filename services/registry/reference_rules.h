// What must hold of an entry of a reference list beyond its shape (REG-8, REG-9). Pure.
#pragma once

#include <vector>

#include "chanyan/registry/v1/reference.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"

namespace chanyan::registry {

// The industry is one of the pack's, the lead is not its own support, and the days are in order.
std::vector<status::Violation> DutyViolations(const policy::Pack& pack,
                                              const v1::IndustryDuty& duty);
std::vector<status::Violation> MemberViolations(const policy::Pack& pack,
                                                const v1::TaskForceMember& member);
std::vector<status::Violation> DividendViolations(const policy::Pack& pack,
                                                  const v1::PolicyDividend& dividend);

// The filter (AIP-160) for what holds on a day: `filter` and the days of effect. An empty day adds
// nothing. INVALID_ARGUMENT on `effective_day` for a day that does not exist.
//   ("kind = TAX", "2025-04-01") → (kind = TAX) AND (NOT effective_from:* OR effective_from <=
//   2025-04-01) AND (NOT effective_until:* OR effective_until >= 2025-04-01)
absl::StatusOr<std::string> FilterOfDay(absl::string_view filter, absl::string_view day);

}  // namespace chanyan::registry
