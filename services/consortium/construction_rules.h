// Reports of progress (CON-7): which period one is asked for, until when, and what it says. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "chanyan/consortium/v1/evaluation.pb.h"
#include "common/status/status.h"
#include "services/consortium/pack_rules.h"

namespace chanyan::consortium {

// A quarter, half a year or a year of the calendar.
struct ReportPeriod {
  // 2026q1, 2026h1 or 2026.
  std::string id;
  // 2026年1月至6月; 2026年.
  std::string title;
  absl::CivilDay first;
  absl::CivilDay last;
};

// The latest period of `months` (3, 6 or 12) that was over before `today`. Worked: half years on
// 2026-06-30 give 2025h2, on 2026-07-01 2026h1.
ReportPeriod LatestPeriod(uint32_t months, absl::CivilDay today);

// A new term of `workdays` after `day`, with the time of its reminder; nobody has been reminded of
// it, and it is not over. CALENDAR_MISSING if it reaches into a year without data.
absl::Status SetTerm(const ConsortiumPack& pack, absl::CivilDay day, uint32_t workdays,
                     v1::ConstructionReport* report);

// Parts that the pack does not know, or twice; with `whole`, that it says what happened in each
// part, or that nothing changed, and not both. Fields of ConstructionVersion.
std::vector<status::Violation> ConstructionViolations(const ConsortiumPack& pack,
                                                      const v1::ConstructionVersion& version,
                                                      bool whole);

// What an evaluation finds of a report; `counted` is its version that was handed in last, null if
// none was.
v1::EvaluationReport EvaluationReportOf(const v1::ConstructionReport& report,
                                        const v1::ConstructionVersion* counted);

// “管理运行机制：…\n科研攻关：…” with the pack's names; an explicit answer in its place.
std::string ProgressText(const ConsortiumPack& pack, const v1::ConstructionVersion& version);

}  // namespace chanyan::consortium
