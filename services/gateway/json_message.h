// Proto3 JSON: messages from JSON and back, by reflection.
//
// Written here and not taken from protobuf's JSON utility because that one (3.21) lets through what
// RFC 8259 forbids, coerces types, says nothing of where a fault is, and converts every descriptor
// anew for each call. Reading is strict: the types of the JSON must be those of the fields.
// Thread-safe.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace chanyan::gateway {

// Fills `message`, which must be empty, from an object that ScanJson passed. Field names as in the
// .proto or lowerCamelCase; enums by full or short name; 64-bit integers as number or string;
// Timestamp, Duration and FieldMask as strings; null leaves a field unset. Struct, Value, ListValue
// and Any are refused. Error: INVALID_ARGUMENT with the path of the field.
absl::Status JsonToMessage(absl::string_view json, google::protobuf::Message& message);

// Appends the message: lowerCamelCase names, only fields that are set, int64 as string, enums by
// full name, bytes in base64. Any is opened when its type is linked, else left as {"@type": …}.
void MessageToJson(const google::protobuf::Message& message, std::string& out);

// Appends a JSON string with its quotes. Invalid UTF-8 becomes U+FFFD.
void AppendJsonString(absl::string_view text, std::string& out);

// Sets, or appends to, a field from text, as in paths and queries: numbers in decimal, booleans as
// true/false, enums by full or short name, Timestamp, Duration and FieldMask as in JSON. `path` is
// for the error. False with `error` set if the text does not fit.
bool SetFieldFromText(google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor& field, absl::string_view text,
                      std::string& error);

// By name as in the .proto or lowerCamelCase; null if there is none.
const google::protobuf::FieldDescriptor* FindJsonField(const google::protobuf::Descriptor& type,
                                                       absl::string_view name);

// By full or short name (without the enum's prefix); null if there is none.
const google::protobuf::EnumValueDescriptor* FindEnumValue(
    const google::protobuf::EnumDescriptor& type, absl::string_view name);

}  // namespace chanyan::gateway
