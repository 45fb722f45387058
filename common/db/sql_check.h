// What SQL a Session accepts, decided once when a statement is prepared.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::db {

enum class StatementShape {
  kRows,   // SELECT and its kin, or a change with RETURNING
  kCount,  // INSERT, UPDATE, DELETE, REPLACE
};

// INTERNAL for what would break the wrapper's promises or the cluster: transaction control, DDL
// (commits implicitly), SET, locks that stall Galera (LOCK IN SHARE MODE, FOR SHARE) or hold on one
// node only (GET_LOCK, LOCK TABLES).
absl::StatusOr<StatementShape> CheckStatement(absl::string_view sql);

}  // namespace chanyan::db
