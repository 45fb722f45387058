// One field of a message in the words that people read.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::api {

// Chinese label of an enum's value; its short name where it has none, the number where it is
// unknown.
std::string EnumLabel(const google::protobuf::EnumDescriptor* type, int number);

// Text as it is, enums by their labels, 是 or 否, days as 2025-04-01, instants as 2025-04-01 09:00
// in China, money as 1234.50元, lists joined by 、; "" where the field is absent, and for messages
// that have no words. At most `max_chars` characters, the last of which is … if it was longer.
std::string FieldText(const google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor* field, size_t max_chars);

}  // namespace chanyan::api
