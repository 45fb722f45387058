// Imports of pairing that may be done as operations (work.proto). Each is one transaction.
#pragma once

#include "common/operation/kind.h"

namespace chanyan::pairing {

inline constexpr char kWorkService[] = "chanyan.pairing.v1.PairingWorkService";
inline constexpr operation::KindRow kWorkKinds[] = {
    {"chanyan.pairing.v1.PairingService", "ImportIntents", ""},
    {"chanyan.pairing.v1.PairingService", "ImportRoster", ""},
    {"chanyan.pairing.v1.ProjectSheetService", "ImportProjects", ""},
    {"chanyan.pairing.v1.RecordSheetService", "ImportContacts", ""},
    {"chanyan.pairing.v1.RecordSheetService", "ImportProblems", ""},
    {"chanyan.pairing.v1.RecordSheetService", "ImportOutcomes", ""},
    {"chanyan.pairing.v1.RecordSheetService", "ImportAgreements", ""},
    {"chanyan.pairing.v1.RecordSheetService", "ImportProgress", ""},
    {"chanyan.pairing.v1.CoverageService", "ImportContactAttempts", ""},
    {"chanyan.pairing.v1.CoverageService", "ImportOutreach", ""},
    {"chanyan.pairing.v1.CooperationService", "ImportFrameAgreements", ""},
    {"chanyan.pairing.v1.CooperationService", "ImportConferences", ""},
    {"chanyan.pairing.v1.CooperationService", "ImportFollowUps", ""},
    {"chanyan.pairing.v1.CooperationService", "ImportCoBuiltBases", ""},
};

}  // namespace chanyan::pairing
