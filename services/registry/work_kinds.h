// Imports of the registry that may be done as operations (work.proto). Each is one transaction.
#pragma once

#include "common/operation/kind.h"

namespace chanyan::registry {

inline constexpr char kWorkService[] = "chanyan.registry.v1.RegistryWorkService";
inline constexpr operation::KindRow kWorkKinds[] = {
    {"chanyan.registry.v1.RegistryService", "ImportOrganizations", ""},
    {"chanyan.registry.v1.RegistryService", "ImportPlatforms", ""},
    {"chanyan.registry.v1.InstrumentService", "ImportInstruments", ""},
    {"chanyan.registry.v1.InstrumentService", "ImportUseRecords", ""},
    {"chanyan.registry.v1.ReferenceService", "ImportIndustryDuties", ""},
    {"chanyan.registry.v1.ReferenceService", "ImportTaskForceMembers", ""},
    {"chanyan.registry.v1.ReferenceService", "ImportPolicyDividends", ""},
};

}  // namespace chanyan::registry
