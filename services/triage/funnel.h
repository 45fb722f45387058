// The funnel as its RPC and reports count it (TRI-6, TRI-8), so that their figures are the same.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "common/db/database.h"
#include "common/db/predicate.h"

namespace chanyan::triage {

// Groups of the results that hold `where` and are not merged, as the snapshot of `session` has
// them, one answer for each of `requests`, in their order, from one reading of the rows; `as_of` is
// the caller's. request.filter is what the groups' filters repeat: it must be part of `where`.
absl::StatusOr<std::vector<v1::QueryFunnelResponse>> CountFunnel(
    db::Session& session, const db::Predicate& where,
    absl::Span<const v1::QueryFunnelRequest> requests);

}  // namespace chanyan::triage
