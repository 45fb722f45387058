// Rules of the contact log: who is asked, by when, and who may do what. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/contact.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"

namespace chanyan::pairing {

// Who owes the answer to an approach of `organization`: the other side of the project; what
// `wanted` names where a unit asks, which must be one of the two sides. Empty if that is nobody.
std::string RespondentOf(const v1::Project& project, absl::string_view organization,
                         absl::string_view wanted);

// What is wrong with an entry that `organization` is about to write at `now`; fields of Contact.
// `contact_time` is the entry's own, already read.
std::vector<status::Violation> ContactViolations(const v1::Project& project,
                                                 const v1::Contact& contact,
                                                 absl::string_view organization,
                                                 absl::Time contact_time, absl::Time now);

// By when an approach of that day is to be answered, by the pack. FAILED_PRECONDITION if the pack
// has no such term, or the calendar no such year.
absl::StatusOr<policy::Term> AnswerTermOf(const policy::Pack& pack, absl::CivilDay day);

// Whether `organization` may do `verb` ("answer", "withdraw") with an approach in whatever state.
bool MayAct(const v1::Contact& contact, absl::string_view verb, absl::string_view organization);

}  // namespace chanyan::pairing
