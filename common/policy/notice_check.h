// What the parts of a pack that concern reminders, objections and due days must be. The rest is in
// pack_check.h, which asks this.
#pragma once

#include <vector>

#include "common/policy/pack_source.h"

namespace chanyan::policy {

// Everything wrong with notification_plan, objection_term and action_plan.
std::vector<PackError> CheckNotices(const PackSource& source);

}  // namespace chanyan::policy
