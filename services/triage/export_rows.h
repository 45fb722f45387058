// Rows of an export, within what one answer may cost.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/db/table.h"
#include "common/status/status.h"

namespace chanyan::triage {

// More are exported in parts, by filter.
inline constexpr int kMaxExportRows = 20'000;

// All rows that hold `where`; FAILED_PRECONDITION (FILE_TOO_LARGE) if they are more than `most`,
// and then no more than that are read.
template <class T>
absl::StatusOr<std::vector<T>> ExportRows(db::Session& session, const db::Table<T>& table,
                                          const db::Predicate& where,
                                          absl::string_view order_by_sql = "name",
                                          int most = kMaxExportRows) {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<T> rows,
      table.Select(session, where, absl::StrCat(order_by_sql, " LIMIT ", most + 1)));
  if (rows.size() > static_cast<size_t>(most)) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_FILE_TOO_LARGE,
        absl::StrCat("符合条件的记录超过", most, "条，请加筛选条件（filter）分批导出"));
  }
  return rows;
}

}  // namespace chanyan::triage
