// What a schema would look like: statements of migrations run again, in an empty schema beside it.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/db/database.h"

namespace chanyan::db {

// OK if all that `statement` makes, changes or removes is in the schema of `config` just as if
// `before` and then `statement` had been run on an empty one; rows do not matter. Else
// FAILED_PRECONDITION with what differs, or why it cannot be told, for the operator. Works in the
// schema "{schema}_replay", which is gone afterwards; one of that name that was not made here is
// left alone and nothing is told.
absl::Status ShowsStatement(const Config& config, absl::Span<const std::string> before,
                            absl::string_view statement);

}  // namespace chanyan::db
