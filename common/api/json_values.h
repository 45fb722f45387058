// Single values of fields from their JSON text. Internal to common/api/json_*.cc.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::api {

// Timestamp, Duration and FieldMask, which JSON writes as a string.
bool IsTextMessage(const google::protobuf::Descriptor& type);
// google.protobuf.Int32Value and its like, which JSON writes as their value.
bool IsWrapper(const google::protobuf::Descriptor& type);

// The field's message, or a new one at the end of a repeated field.
google::protobuf::Message& Child(google::protobuf::Message& message,
                                 const google::protobuf::FieldDescriptor& field);

// Each sets the field, or appends to it; false with `error` set if the text does not fit.
bool ReadTextMessage(absl::string_view text, google::protobuf::Message& message,
                     std::string& error);
bool StoreNumber(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                 absl::string_view text, std::string& error);
bool StoreString(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                 std::string text, std::string& error);
bool StoreEnum(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
               absl::string_view text, std::string& error);
bool StoreBool(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
               bool value);

}  // namespace chanyan::api
