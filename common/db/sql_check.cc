#include "common/db/sql_check.h"

#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

constexpr absl::string_view kReads[] = {"SELECT", "WITH", "SHOW", "EXPLAIN", "("};
constexpr absl::string_view kChanges[] = {"INSERT", "UPDATE", "DELETE", "REPLACE"};
constexpr absl::string_view kForbidden[] = {"LOCK IN SHARE MODE", " FOR SHARE", "GET_LOCK(",
                                            "GET_LOCK ("};

// Upper case, with every run of white space as one blank.
std::string Normalized(absl::string_view sql) {
  std::string out(absl::StripAsciiWhitespace(sql));
  absl::RemoveExtraAsciiWhitespace(&out);
  absl::AsciiStrToUpper(&out);
  for (char& c : out) {
    c = absl::ascii_isspace(c) ? ' ' : c;
  }
  return out;
}

bool StartsWithAny(absl::string_view sql, absl::Span<const absl::string_view> words) {
  return absl::c_any_of(words, [sql](absl::string_view word) {
    return absl::StartsWith(sql, word) &&
           (word == "(" || sql.size() == word.size() || !absl::ascii_isalnum(sql[word.size()]));
  });
}

}  // namespace

absl::StatusOr<StatementShape> CheckStatement(absl::string_view sql) {
  const std::string normal = Normalized(sql);
  for (const absl::string_view forbidden : kForbidden) {
    if (absl::StrContains(normal, forbidden)) {
      return status::Internal(absl::StrCat("SQL with ", forbidden, " is not allowed: ", sql));
    }
  }
  if (StartsWithAny(normal, kReads)) {
    return StatementShape::kRows;
  }
  if (StartsWithAny(normal, kChanges)) {
    return absl::StrContains(normal, " RETURNING ") ? StatementShape::kRows
                                                    : StatementShape::kCount;
  }
  return status::Internal(absl::StrCat("a session runs queries and changes only, not: ", sql));
}

}  // namespace chanyan::db
