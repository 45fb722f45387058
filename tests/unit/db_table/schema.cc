#include "tests/unit/db_table/schema.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/fields.h"
#include "common/api/well_known.h"
#include "common/db/columns.h"

namespace chanyan::db {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using pb::Message;

constexpr int kMaxDepth = 3;

int64_t Between(std::mt19937& random, int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(random);
}

std::string TypeOf(const Column& column) {
  if (column.name == "name") {
    return "VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY";
  }
  switch (column.kind) {
    case ColumnKind::kString:
      return "TEXT";
    case ColumnKind::kBytes:
      return "LONGBLOB";
    case ColumnKind::kBool:
      return "TINYINT";
    case ColumnKind::kInt:
      return "BIGINT";
    case ColumnKind::kDouble:
      return "DOUBLE";
    case ColumnKind::kEnum:
      return "VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin";
    case ColumnKind::kTime:
      return "DATETIME(6)";
    case ColumnKind::kDate:
      return "DATE";
    case ColumnKind::kJson:
      return "JSON";
  }
  return "";
}

const pb::EnumValueDescriptor* AnyValue(std::mt19937& random, const pb::EnumDescriptor* type) {
  return type->value(static_cast<int>(Between(random, 0, type->value_count() - 1)));
}

void FillOne(std::mt19937& random, const FieldDescriptor* field, Message* message, int depth) {
  const pb::Reflection* r = message->GetReflection();
  const bool many = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = HostileText(random);
      return many ? r->AddString(message, field, text) : r->SetString(message, field, text);
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      const bool value = Between(random, 0, 1) == 1;
      return many ? r->AddBool(message, field, value) : r->SetBool(message, field, value);
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      const auto value = static_cast<int32_t>(Between(random, INT32_MIN, INT32_MAX));
      return many ? r->AddInt32(message, field, value) : r->SetInt32(message, field, value);
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      const auto value = static_cast<uint32_t>(Between(random, 0, UINT32_MAX));
      return many ? r->AddUInt32(message, field, value) : r->SetUInt32(message, field, value);
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      const int64_t value = Between(random, INT64_MIN, INT64_MAX);
      return many ? r->AddInt64(message, field, value) : r->SetInt64(message, field, value);
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      const int64_t value = Between(random, 0, INT64_MAX);
      return many ? r->AddUInt64(message, field, value) : r->SetUInt64(message, field, value);
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      const double value = std::ldexp(static_cast<double>(Between(random, -1000000, 1000000)),
                                      static_cast<int>(Between(random, -60, 60)));
      return many ? r->AddDouble(message, field, value) : r->SetDouble(message, field, value);
    }
    case FieldDescriptor::CPPTYPE_FLOAT: {
      const auto value = static_cast<float>(Between(random, -100000, 100000)) / 8;
      return many ? r->AddFloat(message, field, value) : r->SetFloat(message, field, value);
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = AnyValue(random, field->enum_type());
      return many ? r->AddEnum(message, field, value) : r->SetEnum(message, field, value);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillAtRandom(random,
                          many ? r->AddMessage(message, field) : r->MutableMessage(message, field),
                          depth + 1);
  }
}

// True if the type is one whose values are not free.
bool FillKnown(std::mt19937& random, Message* message) {
  const std::string& type = message->GetDescriptor()->full_name();
  if (type == "google.protobuf.Timestamp") {
    api::SetTime(absl::FromUnixMicros(Between(random, -30000000000000000, 200000000000000000)),
                 message);
    return true;
  }
  if (type == "google.type.Date") {
    api::SetDay(absl::CivilDay(1900, 1, 1) + Between(random, 0, 100000), message);
    return true;
  }
  // Any, Struct and masks have a JSON of their own; empty ones are enough here.
  return type == "google.protobuf.FieldMask" || type == "google.protobuf.Duration";
}

}  // namespace

std::string HostileText(std::mt19937& random) {
  static const std::vector<std::string> kTexts = {"",
                                                  "海洋装备",
                                                  "'; DROP TABLE x; --",
                                                  "\\",
                                                  "\\\\",
                                                  "\"",
                                                  "\"]",
                                                  "a\",\"b",
                                                  "`",
                                                  "%_",
                                                  "?",
                                                  "\n\r\t",
                                                  " 尾随空格 ",
                                                  "\u202e",
                                                  "𠮷野家",
                                                  "{\"a\":1}",
                                                  "null",
                                                  "</script>",
                                                  "=1+1",
                                                  std::string(3000, 'x'),
                                                  "é\u0301",
                                                  "0",
                                                  "true"};
  return kTexts[static_cast<size_t>(Between(random, 0, static_cast<int64_t>(kTexts.size()) - 1))];
}

std::string CreateTableSql(const pb::Descriptor* descriptor) {
  const auto& option = descriptor->options().GetExtension(options::v1::resource);
  const Columns columns(descriptor);
  std::string sql = absl::StrCat("CREATE TABLE ", Quoted(option.table()), " (");
  for (const Column& column : columns.all()) {
    const bool key = column.name == "name";
    absl::StrAppend(&sql, Quoted(column.name), " ", TypeOf(column),
                    key ? "" : (column.nullable ? " NULL" : " NOT NULL"), ", ");
  }
  return absl::StrCat(sql,
                      "version BIGINT NOT NULL) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 "
                      "COLLATE utf8mb4_bin");
}

void FillAtRandom(std::mt19937& random, Message* message, int depth) {
  if (FillKnown(random, message)) return;
  const pb::Descriptor* type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (depth == 0 && (field->name() == "name" || field->name() == "etag" ||
                       api::FieldOptions(field).computed())) {
      continue;
    }
    if (depth > kMaxDepth && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int64_t times = field->is_repeated() ? Between(random, 0, 3) : Between(random, 0, 1);
    for (int64_t n = 0; n < times; ++n) FillOne(random, field, message, depth);
  }
}

}  // namespace chanyan::db
