// What the part of a pack that concerns lists, reports and escalation must be (TRI-7, TRI-8,
// TRI-10). The rest of triage is in triage_check.h.
#pragma once

#include <vector>

#include "common/policy/pack_source.h"

namespace chanyan::policy {

// Everything wrong with triage.list_kinds, report_kinds, escalation and the industries of task
// forces; nothing if the pack has no triage.
std::vector<PackError> CheckTriageReports(const PackSource& source);

}  // namespace chanyan::policy
