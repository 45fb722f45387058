// A bound filter as SQL.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/filter.h"
#include "common/db/columns.h"
#include "common/db/predicate.h"

namespace chanyan::db {

// `filter` was bound to the message of `columns`. Every value is a parameter. Each comparison is
// true or false, never NULL, so that NOT means what it says.
Predicate FilterSql(const Columns& columns, const api::Filter& filter);

}  // namespace chanyan::db
