#include "services/consortium/filing_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/status/status.h"

namespace chanyan::consortium {

absl::CivilDay LastDayOf(absl::CivilDay first, int months) {
  const absl::CivilMonth month = absl::CivilMonth(first) + months;
  const absl::CivilDay anniversary(month.year(), month.month(), first.day());
  // A day that the month does not have runs over into the next one.
  if (absl::CivilMonth(anniversary) != month) return absl::CivilDay(month + 1) - 1;
  return anniversary - 1;
}

int MonthsFor(const policy::v1::ConsortiumFilingTerm& term, int wanted) {
  const int most = static_cast<int>(term.max_months());
  return wanted > 0 ? std::min(wanted, most) : most;
}

absl::Status CheckMonths(const policy::v1::ConsortiumFilingTerm& term, int wanted) {
  if (wanted <= static_cast<int>(term.max_months())) return absl::OkStatus();
  return status::InvalidField(
      "valid_months",
      absl::StrCat("备案有效期最长", term.max_months(), "个月（", term.clause().document(),
                   term.clause().article(), "：", term.clause().text(), "）"));
}

std::string FilingNumber(const policy::v1::ConsortiumFilingTerm& term, int year, int number) {
  return absl::StrReplaceAll(
      term.number_format(),
      {{"{year}", absl::StrCat(year)},
       {"{number}", absl::StrFormat("%0*d", static_cast<int>(term.number_digits()), number)}});
}

std::vector<int> RemindersDue(const policy::v1::ConsortiumFilingTerm& term, absl::CivilDay last,
                              absl::CivilDay day) {
  std::vector<int> due;
  for (const uint32_t days : term.reminder_days()) {
    if (day <= last && last - day <= static_cast<int64_t>(days)) {
      due.push_back(static_cast<int>(days));
    }
  }
  return due;
}

}  // namespace chanyan::consortium
