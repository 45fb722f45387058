// Terms of parts that are with their platforms: who is reminded of one, and asked once it has
// passed (CYC-9).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "common/db/database.h"
#include "services/cycle/people.h"
#include "services/cycle/reminder_rules.h"

namespace chanyan::cycle {

// A part that is still to be filled in and submitted, and the form that it is part of.
struct OpenPart {
  v1::PlatformPart part;
  v1::Form form;
  // By when: its own term, or the form's end if that has come before it.
  absl::Time term;
};

// All of a cycle, by name. `lock` locks them, so that none is submitted before the transaction
// ends.
absl::StatusOr<std::vector<OpenPart>> LoadOpenParts(db::Session& session, const v1::Cycle& cycle,
                                                    bool lock);

// Each term of `parts` once, with the moment at which the first of its parts was handed out.
std::vector<PartTerm> TermsOf(const std::vector<OpenPart>& parts);

// Those that a reminder is about: of its term, and handed out before it was to fire, for whom a
// part is handed out to is told of it then.
std::vector<OpenPart> ConcernedBy(const v1::Reminder& reminder, std::vector<OpenPart> parts);

// Everybody who is told at `now` when `reminder` fires and `parts` are still to be submitted, once
// for each form:
//   before and after: the platform managers whom the parts concern;
//   escalation: the leaders of the university.
// Of what would fall to nobody the research office is told, and without one the secretariat; the
// university's name goes to `unreachable` then.
std::vector<v1::Notification> PartTellings(const v1::Cycle& cycle, const v1::Reminder& reminder,
                                           const std::vector<OpenPart>& parts, const People& people,
                                           absl::Time now, std::vector<std::string>* unreachable);

}  // namespace chanyan::cycle
