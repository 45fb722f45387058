#include "services/registry/import_support.h"

#include "common/status/status.h"

namespace chanyan::registry {

absl::StatusOr<Directory> LoadDirectory(db::Session& session,
                                        const db::Table<v1::Organization>& table) {
  Directory directory;
  CHANYAN_ASSIGN_OR_RETURN(directory.rows, table.Select(session, db::Predicate::Everything()));
  for (const v1::Organization& row : directory.rows) {
    if (!row.unified_social_credit_code().empty()) {
      directory.by_code[row.unified_social_credit_code()] = &row;
    }
    directory.by_title[row.display_name()] = &row;
    directory.by_name[row.name()] = &row;
  }
  return directory;
}

}  // namespace chanyan::registry
