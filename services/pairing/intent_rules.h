// Rules of intents (REG-3): how long they run, when their owner is reminded, what may be done with
// them. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"

namespace chanyan::pairing {

// OPEN becomes EXPIRED at the instant, whether or not the job has marked it yet.
v1::IntentState StateAt(const v1::Intent& intent, absl::Time now);

// The state after `verb`; FAILED_PRECONDITION (WRONG_STATE) if the state at `now` does not allow
// it, or the intent has become a project.
absl::StatusOr<v1::IntentState> NextOf(const v1::Intent& intent, absl::string_view verb,
                                       absl::Time now);

// FAILED_PRECONDITION (WRONG_STATE) if the organization is suspended: it begins nothing.
absl::Status RequireMayPublish(const registry::v1::Organization& organization);

// An offer goes with its platform: takes it back at `now`, with that reason, unless it was taken
// back before or has become a project.
void WithdrawWithPlatform(absl::string_view platform_title, absl::Time now, v1::Intent* intent);

// Why an intent may not run until `expire_time`; empty if it may.
std::string ExpiryProblem(const policy::Pack& pack, absl::Time expire_time, absl::Time now);

}  // namespace chanyan::pairing
