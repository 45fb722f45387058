// What is checked of platforms' parts (CYC-5): terms to the second, who fills in, what keeps a form
// from being submitted.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "common/auth/principal.h"
#include "common/db/database.h"
#include "common/status/status.h"
#include "services/cycle/people.h"

namespace chanyan::cycle {

// Until when a form may be submitted: the end of step 1, or of its lock exception.
absl::Time FormEnd(const v1::Cycle& cycle, const v1::Form& form);
// The term of parts that are handed out at `now`: as wanted (InfinitePast: the form's own end);
// INVALID_FIELD unless it is after `now` and not after the form's end.
absl::StatusOr<absl::Time> PartDue(const v1::Cycle& cycle, const v1::Form& form, absl::Time now,
                                   absl::Time wanted);

// The form is with its university: rows may be handed out, taken back and put together.
absl::Status RequireWithUniversity(const v1::Form& form, absl::string_view what);

// PERMISSION_DENIED unless the caller is one of the part's managers, where there are any.
absl::Status RequireManager(const auth::Principal& principal, const v1::PlatformPart& part);

// Accounts that are no platform managers of the university, each at its place.
std::vector<status::Violation> ManagerViolations(
    const google::protobuf::RepeatedPtrField<std::string>& managers,
    const std::vector<Person>& people);

// FAILED_PRECONDITION that names the parts of a form that are still with their platforms or wait
// for the university. Locks the parts of the form, which the caller has locked.
absl::Status RequireGathered(db::Session& session, absl::string_view form);

// With what the caller may do now.
v1::PlatformPart WithActions(const auth::Principal& principal, const v1::Cycle& cycle,
                             const v1::Form& form, absl::Time now, v1::PlatformPart part);

}  // namespace chanyan::cycle
