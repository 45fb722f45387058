// Who fills in a part is told of it, once, and not any more once it is done (CYC-9).
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "common/db/database.h"

namespace chanyan::cycle {

enum class PartNews { kIssued, kReturned };

// One notification to each platform manager of the university whom some of `parts` concern: those
// whose manager he is, and those that have none.
absl::Status TellManagers(db::Session& session, absl::Time now, const v1::Form& form,
                          const std::vector<v1::PlatformPart>& parts, PartNews news);

// Settles what was told of a form's parts to those of whose parts none is to be filled in any more.
absl::Status SettleManagers(db::Session& session, absl::Time now, absl::string_view form);

}  // namespace chanyan::cycle
