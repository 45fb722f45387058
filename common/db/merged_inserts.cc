#include "common/db/merged_inserts.h"

#include <cstddef>
#include <iterator>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace chanyan::db {
namespace {

constexpr absl::string_view kInsert = "INSERT INTO ";
constexpr absl::string_view kValues = ") VALUES (";
// "INSERT INTO t (a) VALUES " and its rows.
constexpr size_t kBeforeRows = kValues.size() - 1;

// Nothing but rows of placeholders and constants.
bool IsRows(absl::string_view text) {
  bool quoted = false;
  for (const char c : text) {
    if (c == '\'') quoted = !quoted;
    if (!quoted && !absl::StrContains("(?), 0123456789'", c)) return false;
  }
  return !quoted;
}

// Length of everything before the first row; npos for what is not such an INSERT.
size_t HeadOf(absl::string_view sql) {
  if (!absl::StartsWith(sql, kInsert) || !absl::EndsWith(sql, ")")) return absl::string_view::npos;
  const size_t values = sql.find(kValues);
  if (values == absl::string_view::npos) return values;
  return IsRows(sql.substr(values + kBeforeRows)) ? values + kBeforeRows : absl::string_view::npos;
}

}  // namespace

std::vector<Statement> MergedInserts(std::vector<Statement> statements) {
  for (const Statement& statement : statements) {
    if (HeadOf(statement.sql) == absl::string_view::npos) return statements;
  }
  std::vector<Statement> merged;
  absl::flat_hash_map<std::string, size_t> places;
  for (Statement& statement : statements) {
    const size_t head = HeadOf(statement.sql);
    const auto [place, fresh] = places.try_emplace(statement.sql.substr(0, head), merged.size());
    if (fresh) {
      merged.push_back(std::move(statement));
      continue;
    }
    Statement& all = merged[place->second];
    absl::StrAppend(&all.sql, ", ", absl::string_view(statement.sql).substr(head));
    all.params.insert(all.params.end(), std::make_move_iterator(statement.params.begin()),
                      std::make_move_iterator(statement.params.end()));
  }
  return merged;
}

}  // namespace chanyan::db
