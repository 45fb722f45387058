// Who fills in a part is told of it, once, and not any more once it is done (CYC-9).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "common/db/database.h"

namespace chanyan::cycle {

enum class PartNews { kIssued, kReturned };

// What those who fill in the parts of a form are told is about.
std::string PartsSubject(absl::string_view form);

// SQL over platform_part: the part is with its platform, which is to submit it.
inline constexpr absl::string_view kStillToSubmit = "state IN ('DRAFT', 'RETURNED')";

// Whether a platform manager of the university fills it in: one of its managers, or it has none.
bool IsManagedBy(const v1::PlatformPart& part, absl::string_view account);

// One notification to each platform manager of the university who fills in some of `parts`, and is
// not one of those `told` already.
absl::Status TellManagers(db::Session& session, absl::Time now, const v1::Form& form,
                          const std::vector<v1::PlatformPart>& parts, PartNews news,
                          const std::set<std::string>& told = {});

// Settles what was told of a form's parts to those of whose parts none is to be filled in any more;
// what others were told of them, under the form's name, once none is at all.
absl::Status SettleManagers(db::Session& session, absl::Time now, absl::string_view form);

}  // namespace chanyan::cycle
