// Follow-ups belong to the unit that the newest roster names.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/db/database.h"
#include "common/journal/journal.h"

namespace chanyan::pairing {

// Follow-ups of the roster's enterprises, and their contacts, take over unit and name from it;
// `record` journals those that change.
absl::Status AlignWith(
    db::Session& session, absl::Time now, absl::string_view roster,
    absl::FunctionRef<absl::Status(absl::Span<const journal::Alteration>)> record);

}  // namespace chanyan::pairing
