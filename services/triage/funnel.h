// The funnel as its RPC and reports count it (TRI-6, TRI-8), so that their figures are the same.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "common/db/database.h"
#include "common/db/predicate.h"

namespace chanyan::triage {

// Both days belong to it.
struct FunnelPeriod {
  absl::CivilDay first;
  absl::CivilDay last;
};

// What is counted: results, and of them the entries of their stages and of their logs that the
// caller sees.
struct FunnelScope {
  db::Predicate results = db::Predicate::Everything();
  db::Predicate stays = db::Predicate::Everything();
  db::Predicate deals = db::Predicate::Everything();
  // Entries of stages that fell in it are counted besides; none: they are not. A stage that was
  // passed over was not entered.
  std::optional<FunnelPeriod> period;
};

// Groups of the results of `scope` that are not merged, as the snapshot of `session` has them, one
// answer for each of `requests`, in their order, from one reading; the database counts, so that
// what is read grows with the groups and not with the library. `as_of` is the caller's.
// request.filter is what the groups' filters repeat: it must be part of scope.results. The period
// is that of `scope`.
absl::StatusOr<std::vector<v1::QueryFunnelResponse>> CountFunnel(
    db::Session& session, const FunnelScope& scope,
    absl::Span<const v1::QueryFunnelRequest> requests);

}  // namespace chanyan::triage
