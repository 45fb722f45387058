// Rules of intents (REG-3): how long they run, when their owner is reminded, what may be done with
// them. Pure.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"
#include "common/policy/verdict.h"

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

// What an offer says of its platform, as the registry has it; taken back where that was withdrawn.
void FollowPlatform(const registry::v1::Platform& platform, absl::Time now, v1::Intent* intent);

// What an intent says of its organization. Open ones of a suspended organization are held, with the
// reason, until the suspension ends; their time runs on meanwhile.
void FollowOrganization(const registry::v1::Organization& organization, absl::Time now,
                        v1::Intent* intent);

// Names of a platform's contacts, as its offers bear them.
void SetContacts(const registry::v1::Platform& platform, v1::Intent* intent);

// What the pack says of an intent that runs from `now` until its expiry (POL-2).
policy::v1::Verdicts ExpiryVerdicts(const policy::Pack& pack, const v1::Intent& intent,
                                    absl::Time now);
// Judges the expiry of an intent and keeps the verdicts with it. INVALID_FIELD of `field` if it
// does not lie ahead; RULE_VIOLATED as RequireSatisfied, and the intent keeps the verdicts it had.
absl::Status JudgeExpiry(const policy::Pack& pack, absl::Time now, absl::string_view field,
                         v1::Intent* intent);

}  // namespace chanyan::pairing
