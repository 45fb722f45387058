// Hand-written SQL, numbered, applied once and in order. A component is a folder of files
// NNNN_name.sql, counted from 0001 without a gap; a schema may hold several components.
//
// MariaDB commits at each DDL statement, so a migration is not one transaction: each statement is
// noted in schema_migration.begun before it and counted in .done after it, in one transaction with
// the statement where that is possible, and a run that was cut short is resumed at the statement
// where it stopped. If that was begun, did not fail and finds what it makes there already, it
// counts as done if the schema shows just what it would have made, else the run is refused. One
// runner at a time works on a schema, by the lease "migrate".
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/database.h"

namespace chanyan::db {

struct Component {
  std::string name;
  std::string dir;

  // "registry:services/registry/migrations".
  static absl::StatusOr<Component> Parse(absl::string_view text);
};

struct Migration {
  int version = 0;
  // "0001_common.sql".
  std::string file;
  std::string sql;
  // Hexadecimal SHA-256 of the file.
  std::string sha256;
};

// In order. INVALID_ARGUMENT for a foreign file name, a gap, a double or a folder that cannot be
// read. A folder without .sql files is empty.
absl::StatusOr<std::vector<Migration>> LoadMigrations(const Component& component);

struct MigrateOptions {
  // Make the schema if it is absent.
  bool create = false;
  // How long another runner is waited for.
  absl::Duration wait = absl::Minutes(5);
};

struct Applied {
  std::string component;
  std::string file;
  // Statements of it that this run executed.
  int statements = 0;
};

// Applies what is missing of each component, in the order given. FAILED_PRECONDITION if a file that
// was applied has changed or is gone; nothing is applied then. What a failed run did stays and is
// listed by the next one's resuming; the error says file, line and the server's words.
absl::StatusOr<std::vector<Applied>> Migrate(const Config& config,
                                             const std::vector<Component>& components,
                                             const MigrateOptions& options);

// For a service's start: FAILED_PRECONDITION unless the component's version is in [min, max] and no
// migration stopped half way.
absl::Status CheckSchema(Session& session, absl::string_view component, int min, int max);

}  // namespace chanyan::db
