// Imports of triage that may be done as operations (work.proto). Each is one transaction.
#pragma once

#include "common/operation/kind.h"

namespace chanyan::triage {

inline constexpr char kWorkService[] = "chanyan.triage.v1.TriageWorkService";
inline constexpr operation::KindRow kWorkKinds[] = {
    {"chanyan.triage.v1.ResultService", "ImportResults", ""},
    {"chanyan.triage.v1.DemandService", "ImportDemands", ""},
};

}  // namespace chanyan::triage
