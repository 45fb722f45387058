// Rows of a table by many values of one column, in few statements.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/db/in_chunks.h"
#include "common/db/table.h"

namespace chanyan::pairing {

// Gives `take` each row whose `column` has one of `values` and that holds `where`, ordered by
// `order_by_sql` within one value; repeated values are one. `column` and the SQL are constants.
template <class T, class Take>
absl::Status SelectIn(db::Session& session, const db::Table<T>& table, absl::string_view column,
                      std::vector<std::string> values, const db::Predicate& where,
                      absl::string_view order_by_sql, Take take) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return db::InChunks(values, [&](absl::Span<const std::string> chunk) -> absl::Status {
    const db::Predicate among{absl::StrCat(column, " IN ", db::Marks(chunk.size())),
                              db::Values(chunk.begin(), chunk.end())};
    CHANYAN_ASSIGN_OR_RETURN(std::vector<T> rows,
                             table.Select(session, db::And(among, where), order_by_sql));
    for (T& row : rows) take(std::move(row));
    return absl::OkStatus();
  });
}

}  // namespace chanyan::pairing
