// Descriptor against schema.
#include <algorithm>
#include <initializer_list>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/fields.h"
#include "common/db/table_impl.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

constexpr absl::string_view kColumnsSql =
    "SELECT column_name, data_type, is_nullable, character_maximum_length, datetime_precision, "
    "extra FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?";

struct Actual {
  std::string type;
  bool nullable;
  int64_t length;     // characters; 0 for other than text
  int64_t precision;  // digits of a second
  bool generated;
  bool seen = false;
};
using ActualColumns = absl::flat_hash_map<std::string, Actual>;

std::string Text(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : absl::AsciiStrToLower(*text);
}

int64_t Integer(const Value& value) {
  const auto* integer = std::get_if<int64_t>(&value);
  return integer == nullptr ? 0 : *integer;
}

std::vector<absl::string_view> TypesFor(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kString:
      return {"varchar", "char", "text", "mediumtext", "longtext"};
    case ColumnKind::kEnum:
      return {"varchar", "char"};
    case ColumnKind::kBytes:
      return {"varbinary", "binary", "blob", "mediumblob", "longblob"};
    case ColumnKind::kBool:
      return {"tinyint"};
    case ColumnKind::kInt:
      return {"bigint"};
    case ColumnKind::kDouble:
      return {"double"};
    case ColumnKind::kTime:
      return {"datetime"};
    case ColumnKind::kDate:
      return {"date"};
    case ColumnKind::kJson:
      return {"longtext", "json"};
  }
  return {};
}

// Characters that a value may have.
int64_t LengthNeeded(const Column& column) {
  if (column.kind == ColumnKind::kString) return api::FieldOptions(column.field).max_length();
  int64_t longest = 0;
  if (column.kind == ColumnKind::kEnum) {
    const auto* type = column.field->enum_type();
    for (int i = 0; i < type->value_count(); ++i) {
      longest = std::max<int64_t>(longest, api::ShortName(type->value(i)).size());
    }
  }
  return longest;
}

void Compare(absl::string_view table, const Column& column, const Actual& actual,
             std::vector<std::string>* out) {
  const std::string place = absl::StrCat("表 ", table, " 的列 ", column.name);
  const auto types = TypesFor(column.kind);
  if (std::find(types.begin(), types.end(), actual.type) == types.end()) {
    out->push_back(
        absl::StrCat(place, " 的类型是 ", actual.type, "，应为 ", absl::StrJoin(types, " 或 ")));
    return;
  }
  const bool required_time = column.name == "create_time" || column.name == "update_time";
  if (column.nullable && !actual.nullable && !required_time &&
      !api::HasBehavior(column.field, google::api::REQUIRED)) {
    out->push_back(absl::StrCat(place, " 应允许 NULL：没有值时存 NULL"));
  } else if (!column.nullable && actual.nullable) {
    out->push_back(absl::StrCat(place, " 应为 NOT NULL"));
  }
  if (column.kind == ColumnKind::kTime && actual.precision != 6) {
    out->push_back(absl::StrCat(place, " 应为 DATETIME(6)"));
  }
  const int64_t needed = LengthNeeded(column);
  if (actual.length > 0 && actual.length < needed) {
    out->push_back(absl::StrCat(place, " 只能存 ", actual.length, " 个字符，描述允许 ", needed));
  }
}

}  // namespace

absl::StatusOr<std::vector<std::string>> TableCore::CheckTable(Session& session) const {
  CHANYAN_ASSIGN_OR_RETURN(const Rows found, session.Query(kColumnsSql, {impl_->table}));
  std::vector<std::string> out;
  if (found.rows.empty()) {
    out.push_back(absl::StrCat("缺少表 ", impl_->table));
    return out;
  }
  ActualColumns actual;
  for (const Values& row : found.rows) {
    actual[Text(row[0])] = {Text(row[1]), Text(row[2]) == "yes", Integer(row[3]), Integer(row[4]),
                            absl::StrContains(Text(row[5]), "generated")};
  }
  for (const Column& column : impl_->columns.all()) {
    const auto it = actual.find(column.name);
    if (it == actual.end()) {
      out.push_back(absl::StrCat("表 ", impl_->table, " 缺少列 ", column.name));
      continue;
    }
    it->second.seen = true;
    Compare(impl_->table, column, it->second, &out);
  }
  const auto version = actual.find("version");
  if (version == actual.end() || version->second.type != "bigint") {
    out.push_back(absl::StrCat("表 ", impl_->table, " 缺少列 version BIGINT NOT NULL"));
  } else {
    version->second.seen = true;
  }
  std::vector<std::string> extra;
  for (const auto& [name, column] : actual) {
    // A generated column only serves an index.
    if (!column.seen && !column.generated) extra.push_back(name);
  }
  std::sort(extra.begin(), extra.end());
  for (const std::string& name : extra) {
    out.push_back(absl::StrCat("表 ", impl_->table, " 的列 ", name, " 不在描述中"));
  }
  return out;
}

}  // namespace chanyan::db
