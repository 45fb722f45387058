// The records of results follow them: each carries whose result it is (parties.h), and gets what
// has changed of that in the transaction that changes the result. In few statements, however many
// they are.
#pragma once

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/rpc/mutate.h"
#include "services/triage/escalation_book.h"

namespace chanyan::triage {

// The results are locked, each given once.
absl::Status FollowResults(rpc::Change& change, const EscalationBook& escalations,
                           absl::Span<const v1::Result* const> results);

}  // namespace chanyan::triage
