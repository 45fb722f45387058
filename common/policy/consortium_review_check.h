// What the parts of a pack that concern the review of consortia and their public notice must be:
// categories, conflict checks, sheets with their panels, checklists, the notice's window.
#pragma once

#include <vector>

#include "common/policy/pack_source.h"

namespace chanyan::policy {

// Everything wrong with consortium.review and consortium.notice; nothing if the pack has no
// consortium.
std::vector<PackError> CheckConsortiumReview(const PackSource& source);

}  // namespace chanyan::policy
