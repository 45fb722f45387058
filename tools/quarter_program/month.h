// A month of triage (S1 三), done by the actors' own accounts as plan/triage.tsv lists it:
// collected, disposed, dispatched, answered, followed up. What there is then is read back from the
// suite.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "tools/quarter_program/accounts.h"
#include "tools/quarter_program/plan.h"
#include "tools/quarter_program/records.h"

namespace chanyan::quarter {

class Month {
 public:
  // `plan` must outlive it. What was done is kept in `done_path`, as Records does.
  Month(const Plan& plan, Accounts& accounts, std::string done_path)
      : plan_(plan),
        accounts_(accounts),
        records_(plan, plan.triage, accounts, std::move(done_path)) {}

  // `played` as of Records::Run.
  absl::Status Run(bool played);

  // Figures and where to look, a few lines; empty without a plan.
  const std::string& InWords() const { return words_; }

 private:
  absl::Status Count();

  const Plan& plan_;
  Accounts& accounts_;
  Records records_;
  std::string words_;
};

}  // namespace chanyan::quarter
