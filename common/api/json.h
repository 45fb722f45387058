// protobuf's canonical JSON, as in google/protobuf/util/json_util.h, at a fraction of its cost:
// that builds the description of each message type it meets anew in every call, with the options of
// all fields, which are most of our protos. Here descriptions are made once and without options.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"

namespace chanyan::api {

// Both are for messages of the generated pool, and thread-safe. INVALID_ARGUMENT with protobuf's
// own words, which are for the log, not for people.
absl::Status MessageToJson(const google::protobuf::Message& message,
                           const google::protobuf::util::JsonPrintOptions& options,
                           std::string* json);
// `message` is empty before; fields that the JSON does not have stay unset.
absl::Status JsonToMessage(absl::string_view json,
                           const google::protobuf::util::JsonParseOptions& options,
                           google::protobuf::Message* message);

}  // namespace chanyan::api
