// Judges a ledger against what the databases hold once everything is up again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/fault/under_load/ledger.h"
#include "tests/fault/under_load/load.h"
#include "tests/support/suite/suite.h"

namespace chanyan::fault {

struct Verdict {
  int64_t ok = 0;
  int64_t fail = 0;
  int64_t unknown = 0;
  // Of the unknown, those whose effect was there before they were sent again.
  int64_t unknown_present = 0;
  // Rows looked at.
  int64_t records = 0;

  // What must be empty, one line each.
  std::vector<std::string> acknowledged_missing;
  std::vector<std::string> failed_present;
  std::vector<std::string> duplicates;
  std::vector<std::string> unresolved;
  std::vector<std::string> versions;
  std::vector<std::string> chain;
  std::vector<std::string> followers;
  // Bookings that overlap, sums that are wrong, and whatever else may never come to be.
  std::vector<std::string> rules;
};

// Sends what is unknown again, with the same request id, and then looks. The load has stopped and
// all services are ready.
Verdict Judge(testing::Suite& suite, const Load& load, Ledger& ledger);

}  // namespace chanyan::fault
