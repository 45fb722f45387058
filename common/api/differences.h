// What differs between two states of a message, field by field, in the words that people see.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::api {

// Characters of one side of a difference; longer text ends in …
inline constexpr size_t kMaxDifferenceChars = 2000;

struct Difference {
  // Name of the field.
  std::string field;
  // Its label.
  std::string label;
  // As DescribeField; empty = not set.
  std::string before;
  std::string after;
};

// Fields of the resource itself whose values differ, in field order; name, etag, the computed ones
// and the times of creation and change are no content and left out. Both are of one type.
std::vector<Difference> Differences(const google::protobuf::Message& before,
                                    const google::protobuf::Message& after);

// The value of a field as people read it: enum by label, 是 and 否, 2025-03-18, a time in
// Asia/Shanghai, lists joined by 、, messages as “label：value” joined by ，and lists of them by
// ；. Empty if it is not set.
std::string DescribeField(const google::protobuf::Message& message,
                          const google::protobuf::FieldDescriptor* field);

// Whether one field of two messages of one type has the same value.
bool SameField(const google::protobuf::Message& a, const google::protobuf::Message& b,
               const google::protobuf::FieldDescriptor* field);

// Gives `to` the value that the field has in `from`.
void CopyField(const google::protobuf::Message& from,
               const google::protobuf::FieldDescriptor* field, google::protobuf::Message* to);

}  // namespace chanyan::api
