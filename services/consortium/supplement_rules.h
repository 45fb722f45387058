// What a supplementary agreement may change, who signs it, and what comes of it (CON-8). Pure.
#pragma once

#include <string>
#include <vector>

#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/status/status.h"

namespace chanyan::consortium {

// Everything wrong with a proposal for a dossier as it stands: nothing changed, strangers that
// leave, members that join, a lead that leaves, a new lead where there is one or that neither stays
// nor joins. Whether somebody is barred is not asked here: bars end (BarBook).
std::vector<status::Violation> SupplementViolations(const v1::Consortium& row,
                                                    const v1::Supplement& supplement);

// Whose signatures it needs: all who belong to the consortium as it stands (also those that leave),
// and those that join; in ascending order.
std::vector<std::string> RequiredOf(const v1::Consortium& row, const v1::Supplement& supplement);

// Whether it has them all. Of this day: who has left since it was proposed need not sign, who has
// come must.
bool AllHaveSigned(const v1::Consortium& row, const v1::Supplement& supplement);

// The dossier once it is in effect: members, lead and participants.
v1::Consortium AfterSupplement(const v1::Consortium& row, const v1::Supplement& supplement);

}  // namespace chanyan::consortium
