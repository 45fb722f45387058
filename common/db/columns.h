// Columns of a message type, and values of one message ↔ cells of one row (see table.h).
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/value.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::db {

enum class ColumnKind { kString, kBytes, kBool, kInt, kDouble, kEnum, kTime, kDate, kJson };

struct Column {
  const google::protobuf::FieldDescriptor* field;
  // Of the column and of the field.
  std::string name;
  ColumnKind kind;
  // NULL stands for an absent value; without presence the default is stored.
  bool nullable;
};

// Immutable, thread-safe.
class Columns {
 public:
  // Every field but `etag` and the computed ones, in field order.
  explicit Columns(const google::protobuf::Descriptor* descriptor);

  const std::vector<Column>& all() const { return columns_; }
  // Null if there is no such column.
  const Column* Find(absl::string_view name) const;
  size_t IndexOf(absl::string_view name) const;

  // Appends one value for each column. INVALID_ARGUMENT for a value that no column can hold: a date
  // that does not exist, a number that is not finite.
  absl::Status Encode(const google::protobuf::Message& message, Values* out) const;
  // From as many cells as columns. INTERNAL if a cell cannot be of the column.
  absl::Status Decode(const Value* cells, google::protobuf::Message* message) const;
  // The cell of one column.
  static absl::StatusOr<Value> EncodeOne(const google::protobuf::Message& message,
                                         const Column& column);

 private:
  std::vector<Column> columns_;
  absl::flat_hash_map<std::string, size_t> by_name_;
};

// `name` in backquotes.
std::string Quoted(absl::string_view name);

}  // namespace chanyan::db
