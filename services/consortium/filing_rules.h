// Term, number and reminders of a filing (CON-6). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "services/consortium/pack_rules.h"

namespace chanyan::consortium {

// Last day of a term of months that begins on `first`: the day before the anniversary, or the last
// of the month where that month has no such day. 36 months from 2025-03-06 end on 2028-03-05.
absl::CivilDay LastDayOf(absl::CivilDay first, int months);

// Months for which what was announced with `wanted` is filed: those, at most the pack's; the pack's
// where none were named (0).
int MonthsFor(const policy::v1::ConsortiumFilingTerm& term, int wanted);

// INVALID_FIELD (valid_months) for more than the pack has, with its clause.
absl::Status CheckMonths(const policy::v1::ConsortiumFilingTerm& term, int wanted);

// As printed: the pack's format with year and number.
std::string FilingNumber(const policy::v1::ConsortiumFilingTerm& term, int year, int number);

// Steps of the pack that are due on `day` for a filing that ends on `last`, in descending order;
// none after the last day.
std::vector<int> RemindersDue(const policy::v1::ConsortiumFilingTerm& term, absl::CivilDay last,
                              absl::CivilDay day);

}  // namespace chanyan::consortium
