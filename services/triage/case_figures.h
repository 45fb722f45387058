// What came of the results that typical cases are about, counted from their logs (TRI-6, TRI-8):
// the same entries that the funnel counts.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/triage/v1/case.pb.h"
#include "common/db/database.h"

namespace chanyan::triage {

struct CaseFigures {
  int64_t contracts = 0;
  int64_t contract_yuan = 0;
  int64_t registrations = 0;
  int64_t companies = 0;
  int64_t financing_yuan = 0;
};

// By result; those of which nothing counts are not there.
absl::StatusOr<std::map<std::string, CaseFigures>> FiguresOfResults(
    db::Session& session, const std::vector<std::string>& results);

// "签订技术合同2项、120万元，登记1项，成立企业1家，获得融资500万元"; 对接推进中 if there is
// nothing.
std::string OutcomeText(const CaseFigures& figures);

// The figures of `row`, as one line too, and the filter that lists what they are of.
void WriteFigures(const CaseFigures& figures, v1::TypicalCase* row);

}  // namespace chanyan::triage
