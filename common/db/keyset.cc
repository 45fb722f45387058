#include "common/db/keyset.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/api/text.h"

namespace chanyan::db {
namespace {

bool IsNull(const Value& value) { return std::holds_alternative<std::monostate>(value); }

// Strictly behind the value in the key's own order.
Predicate Behind(const SortKey& key, const Value& value) {
  const std::string name = Quoted(key.column->name);
  if (IsNull(value)) {
    return key.descending ? Predicate::Nothing() : Predicate{name + " IS NOT NULL", {}};
  }
  if (!key.descending) return {name + " > ?", {value}};
  if (!key.column->nullable) return {name + " < ?", {value}};
  return {absl::StrCat(name, " < ? OR ", name, " IS NULL"), {value}};
}

Predicate Same(const SortKey& key, const Value& value) {
  const std::string name = Quoted(key.column->name);
  if (IsNull(value)) return {name + " IS NULL", {}};
  return {name + " = ?", {value}};
}

// At or behind the value, in one range, so that the optimizer can enter an index by it.
Predicate NotBefore(const SortKey& key, const Value& value) {
  const std::string name = Quoted(key.column->name);
  if (IsNull(value)) {
    return key.descending ? Predicate{name + " IS NULL", {}} : Predicate::Everything();
  }
  if (!key.descending) return {name + " >= ?", {value}};
  if (!key.column->nullable) return {name + " <= ?", {value}};
  return {absl::StrCat(name, " <= ? OR ", name, " IS NULL"), {value}};
}

bool IsDatabaseTime(absl::Time time) {
  static const absl::Time kFirst = absl::FromCivil(absl::CivilYear(1), absl::UTCTimeZone());
  static const absl::Time kEnd = absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone());
  return time >= kFirst && time < kEnd;
}

bool Fits(const Column& column, const Value& value) {
  if (IsNull(value)) return column.nullable;
  switch (column.kind) {
    case ColumnKind::kBool:
    case ColumnKind::kInt:
      return std::holds_alternative<int64_t>(value);
    case ColumnKind::kDouble:
      return std::holds_alternative<double>(value);
    case ColumnKind::kTime: {
      const auto* time = std::get_if<absl::Time>(&value);
      return time != nullptr && IsDatabaseTime(*time);
    }
    default: {
      const auto* text = std::get_if<std::string>(&value);
      return text != nullptr && api::CodePoints(*text) >= 0;
    }
  }
}

}  // namespace

std::string OrderSql(const std::vector<SortKey>& keys) {
  std::string out;
  for (const SortKey& key : keys) {
    absl::StrAppend(&out, out.empty() ? "" : ", ", Quoted(key.column->name),
                    key.descending ? " DESC" : "");
  }
  return out;
}

Predicate AfterSql(const std::vector<SortKey>& keys, const Values& last) {
  // a > ?, or a = ? and what follows of the other keys; from the last key outwards.
  Predicate after = Behind(keys.back(), last.back());
  for (size_t i = keys.size() - 1; i-- > 0;) {
    after = Or(Behind(keys[i], last[i]), And(Same(keys[i], last[i]), after));
  }
  return And(NotBefore(keys.front(), last.front()), after);
}

bool ValuesFit(const std::vector<SortKey>& keys, const Values& values) {
  if (values.size() != keys.size()) return false;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!Fits(*keys[i].column, values[i])) return false;
  }
  return true;
}

}  // namespace chanyan::db
