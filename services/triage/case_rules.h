// What a typical case must be, and what of it may be shown to whom (TRI-8, S1 二(二)4). Pure.
#pragma once

#include <vector>

#include "absl/time/civil_time.h"
#include "chanyan/triage/v1/case.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/status/status.h"

namespace chanyan::triage {

// Everything wrong with a case on `today`: it was shown nowhere before it is published, nowhere
// twice on one day, and on no day to come.
std::vector<status::Violation> CaseViolations(const v1::TypicalCase& row, absl::CivilDay today);

// Why a case about `result` may not be shown: somebody was contacted, and the result is in the
// library and open to everybody, whoever the case is for.
std::vector<status::Violation> ShowingViolations(const v1::Result& result);

}  // namespace chanyan::triage
