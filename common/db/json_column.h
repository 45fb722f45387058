// One field as the text of a JSON column: canonical proto JSON with the field names of the .proto,
// so that columns and keys are spelled alike.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::db {

// `field` is repeated, a map, or a message that is set.
absl::StatusOr<std::string> FieldToJson(const google::protobuf::Message& message,
                                        const google::protobuf::FieldDescriptor* field);
absl::Status FieldFromJson(absl::string_view json, const google::protobuf::FieldDescriptor* field,
                           google::protobuf::Message* message);

// `text` as a JSON string, quotes included.
std::string JsonQuoted(absl::string_view text);

}  // namespace chanyan::db
