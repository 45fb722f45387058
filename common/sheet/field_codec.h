// One field of a message as one cell, both ways. The table in table.h says how each type looks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/sheet/workbook.h"
#include "common/sheet/writer.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::sheet {

// Made once per column; immutable, so safe to share between threads.
class FieldCodec {
 public:
  // `field` must be supported.
  explicit FieldCodec(const google::protobuf::FieldDescriptor* field);

  // False for types that have no place in a cell.
  static bool Supports(const google::protobuf::FieldDescriptor* field);

  // Sets the field from a cell with a value. Returns what is wrong in Chinese and leaves the field
  // unset, or empty.
  std::string Read(const Cell& cell, google::protobuf::Message& message) const;

  // Writes the next cell.
  void Write(const google::protobuf::Message& message, SheetWriter& sheet) const;

  // What a person may choose from: Chinese labels of an enum, 是 and 否; empty for other types and
  // for repeated fields.
  const std::vector<std::string>& choices() const { return choices_; }

  // Column width in characters that suits the values.
  double width() const;
  // Whether the values are days.
  bool dates() const { return type_ == Type::kDate; }

 private:
  enum class Type : uint8_t { kString, kEnum, kBool, kInteger, kDouble, kDate, kTimestamp, kMoney };

  static bool TypeOf(const google::protobuf::FieldDescriptor* field, Type& type);
  std::string ReadString(const Cell& cell, google::protobuf::Message& message) const;
  std::string ReadInteger(const Cell& cell, google::protobuf::Message& message) const;
  std::string ReadBool(const Cell& cell, google::protobuf::Message& message) const;
  std::string ReadDate(const Cell& cell, google::protobuf::Message& message) const;
  std::string ReadTimestamp(const Cell& cell, google::protobuf::Message& message) const;
  std::string ReadList(const Cell& cell, google::protobuf::Message& message) const;
  std::string ReadEnumLabel(absl::string_view text, int& number) const;
  void WriteInteger(const google::protobuf::Message& message, SheetWriter& sheet) const;
  void WriteMessage(const google::protobuf::Message& value, SheetWriter& sheet) const;
  void WriteList(const google::protobuf::Message& message, SheetWriter& sheet) const;
  std::string EnumLabel(int number) const;

  const google::protobuf::FieldDescriptor* field_;
  Type type_ = Type::kString;
  // Text of several lines, kept to the letter.
  bool long_text_ = false;
  std::vector<std::string> choices_;
  // LabelKey of label, short name and full name → number.
  absl::flat_hash_map<std::string, int> enum_numbers_;
  absl::flat_hash_map<int, std::string> enum_labels_;
};

}  // namespace chanyan::sheet
