// What an enterprise, or its unit for it, may do with what it gives back (CYC-4, CYC-5). Pure. The
// calls decide by these, and so does what is offered (`actions`).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"

namespace chanyan::cycle {

// What is known of one enterprise in a cycle.
struct ReturnDesk {
  // Until when it may give back though its steps have ended.
  std::optional<absl::Time> exception;
  // It holds rows, or some wait for it to be received.
  bool has_rows = false;
  // It gave something back before.
  bool gave_before = false;
};

// SubmitReturns: from step 2 to the end of step 4 or of its exception; WRONG_STATE if it never had
// anything to give.
absl::Status CheckSubmitReturns(const v1::Cycle& cycle, const ReturnDesk& desk, absl::Time now,
                                absl::string_view enterprise_title);
// A form of which an enterprise holds rows that it has not filled in.
struct UnfilledForm {
  std::string university_title;
  int rows = 0;
};
// SubmitReturns: nothing is given back that is not filled in, form by form; RULE_VIOLATED names
// each.
absl::Status CheckFilledIn(absl::string_view enterprise_title,
                           const std::vector<UnfilledForm>& unfilled);
// ImportReturn: from step 2 to the end of step 3 or of its exception.
absl::Status CheckImportReturn(const v1::Cycle& cycle, std::optional<absl::Time> exception,
                               absl::Time now);
// ReturnToEnterprise: as ImportReturn, for what goes back can be filled in again.
absl::Status CheckReturnToEnterprise(const v1::Cycle& cycle, std::optional<absl::Time> exception,
                                     absl::Time now);

// Why rows of one form are given back once more: what is said now, or why some of them were sent
// back, or that something came later.
std::string WhyGivenAgain(const std::string& said, const std::vector<std::string>& sent_back_for);
// The same of a package that is handed in once more; empty of the first.
std::string WhyPackedAgain(const v1::Package& before, const std::string& said);

// Of form_row: what an enterprise gave back is with its unit; the one value is the unit.
inline constexpr absl::string_view kGivenRows = "holder = ? AND in_transit = '' AND delivered = 1";

// What is offered on the forms of a cycle.
struct ReturnOffers {
  bool import = false;
  // Names of the forms of which something may go back to an enterprise.
  std::set<std::string> send_back;
};

}  // namespace chanyan::cycle
