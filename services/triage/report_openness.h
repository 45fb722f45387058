// Reports that go to others than leaders: what they may hold (TRI-8).
#pragma once

#include "absl/status/status.h"
#include "chanyan/triage/v1/report.pb.h"
#include "common/db/database.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

// Whether only rows about what is open to everybody belong into it: unless every recipient is a
// leader, who reads everything.
bool IsOpenOnly(const policy::v1::ReportKind& kind, const TriagePack& pack);

// FAILED_PRECONDITION, naming the first of them, if rows are about results that are not published
// and open to everybody. The results stay as they are until the transaction of `session` ends.
absl::Status CheckOpen(db::Session& session, const v1::ReportContent& content);

}  // namespace chanyan::triage
