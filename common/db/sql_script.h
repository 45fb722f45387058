// A file of SQL statements, taken apart.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::db {

struct ScriptStatement {
  // Without the semicolon and without what stands before its first word.
  std::string text;
  // Of its first word, from 1.
  int line = 0;
};

// Splits at semicolons outside of strings, quoted names and comments (--, #, /* */). An unfinished
// string, name or comment is INVALID_ARGUMENT with its line; so is DELIMITER, which is the client
// program's and not SQL.
absl::StatusOr<std::vector<ScriptStatement>> SplitScript(absl::string_view script);

}  // namespace chanyan::db
