// Rules of projects: what the policy pack asks, and how a quarter's report moves a project. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/policy/pack.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"

namespace chanyan::pairing {

// Whether a project has ended.
bool HasEnded(v1::ProjectState state);
// Whether a project is signed, or was and went on from there.
bool IsSigned(v1::ProjectState state);

// Whether the platform is the enterprise's own: no pair. A merger or a platform that changes hands
// makes one of what was a pair; the record stays, and counts for no coverage.
bool IsOwnPlatform(const v1::Project& project);
// Why nothing is begun of such a pair, with the titles that the project has; empty of any other.
std::string OwnPlatformProblem(const v1::Project& project);

// What the pack says of a new project; `existing` is the open project of the pair, or empty.
policy::v1::Verdicts CreateVerdicts(const policy::Pack& pack, const v1::Project& project,
                                    absl::string_view existing);
// What the pack says of signing; `agreement` is the main agreement, or null where none comes with
// it.
policy::v1::Verdicts SignVerdicts(const policy::Pack& pack, const v1::Project& project,
                                  const v1::Agreement* agreement = nullptr);

// The verbs, in order, that take a project from `present` to `wanted`; none if it is there or
// beyond (a report of an earlier stage does not move a project back). FAILED_PRECONDITION if the
// life cycle has no such way.
absl::StatusOr<std::vector<absl::string_view>> VerbsTowards(v1::ProjectState present,
                                                            v1::ProjectState wanted);

// What a report of `quarter` says of the project from then on: its progress and its problem. An
// older quarter that comes late does not hide a newer one; "no change" leaves the progress that is
// there. False if it is such an older one, and nothing was taken.
bool TakeProgress(absl::string_view quarter, absl::string_view progress, bool no_change,
                  absl::string_view problem, v1::Project* project);

// Kinds of an intent that the pack does not know, as violations of `kinds[i]`.
std::vector<status::Violation> KindViolations(
    const policy::Pack& pack, const google::protobuf::RepeatedPtrField<std::string>& kinds);

// Judges a project that is made (`stored` null) or whose kinds are to be others than those of
// `stored`, by the pack's rules alone, and keeps the verdicts with it (POL-2). Soft rules that are
// not met are set aside by who may, with the reason (POL-3); what was set aside for the stored
// kinds stays so unless a further one does not fit either. Errors as SetAside and RequireSatisfied.
// With the kinds it has nothing happens, whatever the pack says of them today.
absl::Status JudgeKinds(const policy::Pack& pack, const v1::Project* stored,
                        const std::vector<options::v1::Role>& roles, absl::string_view reason,
                        v1::Project* wanted);

}  // namespace chanyan::pairing
