// What is coordinated for a consortium: who may see to it, by when, and what a report makes of it
// (CON-7). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/coordination.pb.h"
#include "chanyan/consortium/v1/party.pb.h"
#include "google/type/date.pb.h"

namespace chanyan::consortium {

// Why an organization cannot see to an item; empty if it can: zones, towns, districts and
// departments.
std::string AssigneeProblem(const v1::Party& party);

// The last second of the day that the office names. INVALID_FIELD (due_date) for one that does not
// exist, or is over on `today`.
absl::StatusOr<absl::Time> CoordinationTerm(const google::type::Date& wanted, absl::CivilDay today);

// Whether an organization may do `verb`, whatever the state: the unit answers, the office all else.
bool MayCoordinate(const v1::CoordinationItem& item, absl::string_view verb,
                   absl::string_view organization);

// What the problem that a report names comes to, of the items that it raised before.
enum class Raising {
  // Nothing: one of them says it.
  kNone,
  // One that is nobody's yet says it in these words: `at`.
  kReword,
  kRaise
};
struct Raised {
  Raising what = Raising::kNone;
  size_t at = 0;
};
Raised WhatIsRaised(const std::vector<v1::CoordinationItem>& known, absl::string_view problem);

}  // namespace chanyan::consortium
