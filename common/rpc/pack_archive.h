// Policy packs of the past, in the service's own schema (POL-2): whatever the city decides later, a
// decision can be taken again by the pack of its day.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/policy/v1/verdict.pb.h"
#include "common/db/database.h"
#include "common/policy/pack.h"

namespace chanyan::rpc {

// Keeps the pack unless the last that was kept of its id has the same content; whether it was news.
// A version whose content changed is kept beside what it was. Idempotent.
absl::StatusOr<bool> KeepPack(db::Session& session, absl::Time now, const policy::Pack& pack);

// The pack of that id and version as it was at `then`: the last that was kept until then, or the
// first one, for what was decided before packs were kept. NOT_FOUND if none was kept; INVALID_FILE
// if this program cannot read it any more.
absl::StatusOr<std::unique_ptr<const policy::Pack>> PackOfDay(db::Session& session,
                                                              const std::string& pack,
                                                              const std::string& version,
                                                              absl::Time then);

// The verdicts of a decision that was taken at `then`, taken again by the pack of that day: the
// same bytes (policy::Replay).
absl::StatusOr<policy::v1::Verdicts> ReplayVerdicts(db::Session& session,
                                                    const policy::v1::Verdicts& stored,
                                                    absl::Time then);

}  // namespace chanyan::rpc
