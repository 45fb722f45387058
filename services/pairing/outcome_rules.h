// Rules of outcomes (PAIR-7): kinds and measures of the pack, who declares and who confirms, sums
// of money. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/pairing/v1/outcome.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "google/type/money.pb.h"

namespace chanyan::pairing {

// The pack's outcome kind of that name; null if there is none.
const policy::v1::OutcomeKind* FindOutcomeKindByName(const policy::Pack& pack,
                                                     absl::string_view name);

// What is wrong with an outcome on `today`; fields of Outcome.
std::vector<status::Violation> OutcomeViolations(const policy::Pack& pack,
                                                 const v1::Outcome& outcome, absl::CivilDay today);

// Whether `organization` may do `verb` with an outcome, whatever its state: who declared it updates
// and withdraws, the other side confirms and disputes.
bool MayAct(const v1::Outcome& outcome, absl::string_view verb, absl::string_view organization);

// A DECIMAL of yuan, "1234.500000000", as money; 0 for what is none.
google::type::Money MoneyOf(absl::string_view decimal);

}  // namespace chanyan::pairing
