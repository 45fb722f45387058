// Figures and tables of a report from live data (TRI-8), as one snapshot has them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/triage/v1/report.pb.h"
#include "common/db/database.h"
#include "services/triage/issue_rules.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

// Rows of one table; the total says how many there are besides.
inline constexpr int kMaxReportRows = 200;

// The parts of a kind, in its order. Everything is read in the transaction of `session`, so that
// the figures agree with one another; the funnel is counted as its RPC counts it.
absl::StatusOr<v1::ReportContent> ReadContent(db::Session& session, const TriagePack& pack,
                                              const policy::v1::ReportKind& kind,
                                              const Period& period, absl::Time now);

// 12,345,600 yuan is "1234.56" (万元), exactly.
std::string TenThousands(int64_t yuan);

}  // namespace chanyan::triage
