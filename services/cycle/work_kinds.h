// Long work of the cycle that may be done as an operation (work.proto).
#pragma once

#include "common/operation/kind.h"

namespace chanyan::cycle {

inline constexpr char kWorkService[] = "chanyan.cycle.v1.CycleWorkService";
inline constexpr operation::KindRow kWorkKinds[] = {
    {"chanyan.cycle.v1.CycleService", "OpenCycle", ""},
    {"chanyan.cycle.v1.CycleService", "ImportForm", ""},
    {"chanyan.cycle.v1.CycleService", "ImportReturn", ""},
    {"chanyan.cycle.v1.CycleService", "DistributeForms", ""},
    {"chanyan.cycle.v1.CycleService", "DistributeToEnterprises", ""},
    {"chanyan.cycle.v1.CycleService", "SubmitPackages", "家企业"},
    {"chanyan.cycle.v1.CycleService", "ReturnToUniversities", "家高校院所"},
    {"chanyan.cycle.v1.CycleService", "ComputeLeaderboard", ""},
};

}  // namespace chanyan::cycle
