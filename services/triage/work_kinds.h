// Work of triage that may be done as operations (work.proto): what touches as many rows as there
// are. Each is one transaction.
#pragma once

#include "common/operation/kind.h"

namespace chanyan::triage {

inline constexpr char kWorkService[] = "chanyan.triage.v1.TriageWorkService";
inline constexpr operation::KindRow kWorkKinds[] = {
    {"chanyan.triage.v1.ResultService", "ImportResults", ""},
    {"chanyan.triage.v1.DemandService", "ImportDemands", ""},
    {"chanyan.triage.v1.FirstContactService", "OfferHandovers", ""},
    {"chanyan.triage.v1.FirstContactService", "AcceptHandovers", ""},
    {"chanyan.triage.v1.FirstContactService", "DeclineHandovers", ""},
    {"chanyan.triage.v1.FirstContactService", "CancelHandovers", ""},
    {"chanyan.triage.v1.TeamService", "UpdateServiceTeam", ""},
    {"chanyan.triage.v1.TeamService", "DissolveServiceTeam", ""},
    {"chanyan.triage.v1.TeamService", "LeaveBroker", ""},
    {"chanyan.triage.v1.GuideService", "PublishProjectGuide", ""},
    {"chanyan.triage.v1.GuideService", "WithdrawProjectGuide", ""},
};

}  // namespace chanyan::triage
