#include "common/db/filter_sql.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/fields.h"
#include "common/api/json.h"
#include "common/api/well_known.h"

namespace chanyan::db {
namespace {

using api::Filter;
using api::FilterOp;

absl::string_view Sign(FilterOp op) {
  switch (op) {
    case FilterOp::kEq:
    case FilterOp::kHas:
      return " = ?";
    case FilterOp::kNe:
      return " <> ?";
    case FilterOp::kLt:
      return " < ?";
    case FilterOp::kLe:
      return " <= ?";
    case FilterOp::kGt:
      return " > ?";
    case FilterOp::kGe:
      return " >= ?";
  }
  return "";
}

Predicate IsSet(const Column& column) {
  const std::string name = Quoted(column.name);
  if (column.nullable) return {absl::StrCat(name, " IS NOT NULL"), {}};
  switch (column.kind) {
    case ColumnKind::kJson:
      return {absl::StrCat("JSON_LENGTH(", name, ") > 0"), {}};
    case ColumnKind::kString:
    case ColumnKind::kEnum:
      return {absl::StrCat(name, " <> ''"), {}};
    default:
      return {absl::StrCat(name, " <> 0"), {}};
  }
}

Value ToValue(const Filter& filter) {
  struct Visitor {
    Value operator()(std::monostate) const { return Value(); }
    Value operator()(bool value) const { return int64_t{value}; }
    Value operator()(int64_t value) const { return value; }
    Value operator()(double value) const { return value; }
    Value operator()(const std::string& value) const { return value; }
    Value operator()(absl::Time value) const { return value; }
    Value operator()(absl::CivilDay value) const { return api::DayText(value); }
    Value operator()(const google::protobuf::EnumValueDescriptor* value) const {
      return std::string(api::ShortName(value));
    }
  };
  return std::visit(Visitor(), filter.operand);
}

// Item of a JSON list: enums stand there by their full names.
Predicate HasItem(const Column& column, const Filter& filter) {
  const auto* value = std::get_if<const google::protobuf::EnumValueDescriptor*>(&filter.operand);
  const std::string& item =
      value != nullptr ? (*value)->name() : std::get<std::string>(filter.operand);
  return {absl::StrCat("JSON_CONTAINS(", Quoted(column.name), ", ?)"), {api::JsonString(item)}};
}

Predicate Compare(const Column& column, const Filter& filter) {
  if (std::holds_alternative<std::monostate>(filter.operand)) return IsSet(column);
  if (column.kind == ColumnKind::kJson) return HasItem(column, filter);
  const std::string name = Quoted(column.name);
  Predicate out;
  if (filter.op == FilterOp::kHas && column.kind == ColumnKind::kString) {
    // Not LIKE: there is no wildcard to escape.
    out.sql = absl::StrCat("INSTR(", name, ", ?) > 0");
  } else {
    out.sql = absl::StrCat(name, Sign(filter.op));
  }
  if (column.nullable && filter.op == FilterOp::kNe) {
    out.sql = absl::StrCat(name, " IS NULL OR ", out.sql);
  } else if (column.nullable) {
    // NULL AND FALSE is FALSE; and an index still serves.
    out.sql = absl::StrCat(name, " IS NOT NULL AND ", out.sql);
  }
  out.params.push_back(ToValue(filter));
  return out;
}

}  // namespace

Predicate FilterSql(const Columns& columns, const Filter& filter) {
  switch (filter.kind) {
    case Filter::Kind::kAll:
      return Predicate::Everything();
    case Filter::Kind::kCompare:
      return Compare(*columns.Find(filter.field_name), filter);
    case Filter::Kind::kNot: {
      Predicate inner = FilterSql(columns, filter.children[0]);
      inner.sql = absl::StrCat("NOT (", inner.sql, ")");
      return inner;
    }
    case Filter::Kind::kAnd:
    case Filter::Kind::kOr:
      break;
  }
  Predicate out;
  for (const Filter& child : filter.children) {
    Predicate part = FilterSql(columns, child);
    absl::string_view word = filter.kind == Filter::Kind::kAnd ? " AND " : " OR ";
    absl::StrAppend(&out.sql, out.sql.empty() ? "" : word, "(", part.sql, ")");
    out.params.insert(out.params.end(), part.params.begin(), part.params.end());
  }
  return out;
}

}  // namespace chanyan::db
