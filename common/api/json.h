// Proto3 JSON: messages and single fields from JSON and back, by reflection.
//
// Written here and not taken from protobuf's JSON utility because that one (3.21) lets through what
// RFC 8259 forbids, coerces types, says nothing of where a fault is, and converts every descriptor
// anew for each call. Thread-safe.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace chanyan::api {

enum class JsonNames {
  // displayName: what clients write and read.
  kLowerCamel,
  // display_name: what is stored.
  kProto,
};

enum class JsonSource {
  // A client: what is not known is a mistake.
  kClient,
  // Our own storage: fields and enum values of a newer version are passed over.
  kStored,
};

// Levels of objects and arrays.
inline constexpr int kMaxJsonDepth = 32;

// Fills `message`, which must be empty, from an object. Field names as in the .proto or
// lowerCamelCase; enums by full or short name; 64-bit integers as number or string; Timestamp,
// Duration and FieldMask as strings; null leaves a field unset. Struct, Value, ListValue and Any
// are refused. The types of the JSON must be those of the fields; that it is strict JSON besides
// (duplicate keys, UTF-8, what follows) is ScanJson's to say. Error: INVALID_ARGUMENT with the path
// of the field.
absl::Status JsonToMessage(absl::string_view json, google::protobuf::Message& message,
                           JsonSource source = JsonSource::kClient);

// As JsonToMessage for the value of one field, which must be empty.
absl::Status JsonToField(absl::string_view json, const google::protobuf::FieldDescriptor& field,
                         google::protobuf::Message& message,
                         JsonSource source = JsonSource::kClient);

// Appends the message: only fields that are set, in the order of their numbers, int64 as string,
// enums by full name, bytes in base64, maps by key. Any is opened when its type is linked, else
// left as {"@type": …}. Same message, same bytes.
void MessageToJson(const google::protobuf::Message& message, std::string& out,
                   JsonNames names = JsonNames::kLowerCamel);

// Appends the value of one field, [] or {} for an empty list or map. False if something in it could
// not be read again: a time outside the years 1 to 9999, a number that is not finite.
bool FieldToJson(const google::protobuf::Message& message,
                 const google::protobuf::FieldDescriptor& field, std::string& out,
                 JsonNames names = JsonNames::kLowerCamel);

// Appends a JSON string with its quotes. Invalid UTF-8 becomes U+FFFD.
void AppendJsonString(absl::string_view text, std::string& out);
// The same alone.
std::string JsonString(absl::string_view text);

// Sets, or appends to, a field from text, as in paths and queries: numbers in decimal, booleans as
// true/false, enums by full or short name, Timestamp, Duration and FieldMask as in JSON. False with
// `error` set if the text does not fit.
bool SetFieldFromText(google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor& field, absl::string_view text,
                      std::string& error);

// By name as in the .proto or lowerCamelCase; null if there is none.
const google::protobuf::FieldDescriptor* FindJsonField(const google::protobuf::Descriptor& type,
                                                       absl::string_view name);

// By full or short name (without the enum's prefix); null if there is none.
const google::protobuf::EnumValueDescriptor* FindEnumValue(
    const google::protobuf::EnumDescriptor& type, absl::string_view name);

}  // namespace chanyan::api
