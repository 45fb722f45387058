#include "common/db/merged_inserts.h"

#include <cstddef>
#include <iterator>
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
  // Many are alike: each text is looked at once.
  absl::flat_hash_map<absl::string_view, size_t> heads;
  absl::flat_hash_map<absl::string_view, size_t> places;
  // Of each statement: where its rows begin, and which of the merged ones they go to.
  std::vector<std::pair<size_t, size_t>> targets;
  for (const Statement& statement : statements) {
    const auto [known, fresh] = heads.try_emplace(statement.sql, 0);
    if (fresh) known->second = HeadOf(statement.sql);
    const size_t head = known->second;
    if (head == absl::string_view::npos) return statements;
    const auto place =
        places.try_emplace(absl::string_view(statement.sql).substr(0, head), places.size()).first;
    targets.emplace_back(head, place->second);
  }
  std::vector<Statement> merged(places.size());
  for (size_t i = 0; i < statements.size(); ++i) {
    const auto [head, place] = targets[i];
    Statement& all = merged[place];
    if (all.sql.empty()) {
      all = std::move(statements[i]);
      continue;
    }
    absl::StrAppend(&all.sql, ", ", absl::string_view(statements[i].sql).substr(head));
    all.params.insert(all.params.end(), std::make_move_iterator(statements[i].params.begin()),
                      std::make_move_iterator(statements[i].params.end()));
  }
  return merged;
}

}  // namespace chanyan::db
