// Whom a result goes to, by the routes of the pack (TRI-4, S1 三(二)1–2). Pure.
#pragma once

#include <string>
#include <vector>

#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

// By the classes that the result has; in the order of the classes and of the pack, nobody twice as
// one class. A class that leads to nobody is in `missing` with what is lacking.
v1::DispatchPlan RouteResult(const TriagePack& pack, const v1::Result& result);

// As columns and filters have it: TRANSFER.
std::string ClassName(policy::v1::TriageClass triage_class);

}  // namespace chanyan::triage
