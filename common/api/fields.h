// What a descriptor says of its fields, enums and resources: the options read in one place.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/options/v1/options.pb.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::api {

// The type of files.
inline constexpr char kHttpBody[] = "google.api.HttpBody";

// Our options of a field; the defaults if it has none.
const options::v1::Field& FieldOptions(const google::protobuf::FieldDescriptor* field);
bool HasBehavior(const google::protobuf::FieldDescriptor* field,
                 google::api::FieldBehavior behavior);
// Chinese label, or the field's name if it has none.
std::string LabelOf(const google::protobuf::FieldDescriptor* field);

// Whether a message says it: presence, or one item.
bool IsSet(const google::protobuf::Message& message,
           const google::protobuf::FieldDescriptor* field);

bool IsTimestamp(const google::protobuf::FieldDescriptor* field);
bool IsDate(const google::protobuf::FieldDescriptor* field);

// ENTERPRISE for ORGANIZATION_KIND_ENTERPRISE; "" for the zero value. The prefix is that of the
// enum's zero value (ORGANIZATION_KIND_UNSPECIFIED).
absl::string_view ShortName(const google::protobuf::EnumValueDescriptor* value);
// By short name, full name, "" or UNSPECIFIED; null if there is none.
const google::protobuf::EnumValueDescriptor* EnumByName(
    const google::protobuf::EnumDescriptor* type, absl::string_view name);

// Every message of the program with a (google.api.resource) option, ordered by full name.
const std::vector<const google::protobuf::Descriptor*>& LinkedResources();
// Patterns of a resource type such as "chanyan/Project"; empty if it is not linked.
const std::vector<std::string>& PatternsOfType(absl::string_view type);

// project_party for ProjectParty.
std::string SnakeCase(absl::string_view camel);

}  // namespace chanyan::api
