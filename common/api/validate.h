// Shape of requests and resources, from field_behavior and our field options.
#pragma once

#include <string>
#include <vector>

#include "common/status/status.h"
#include "google/protobuf/message.h"

namespace chanyan::api {

enum class Direction {
  // A request: output-only fields must be empty, required ones set; request_id a UUID if set.
  kInput,
  // A resource about to be stored: output-only fields are ours and not looked at as such.
  kStored,
};

// Every violation, in field order, with paths such as "project.parties[1].name" and Chinese
// descriptions that use the field's label and say what is allowed. Empty = well-formed.
std::vector<status::Violation> Violations(const google::protobuf::Message& message,
                                          Direction direction = Direction::kInput);
// The same as an error.
absl::Status Validate(const google::protobuf::Message& message,
                      Direction direction = Direction::kInput);

// GB 32100-2015 with both check characters.
bool IsUnifiedSocialCreditCode(absl::string_view code);

}  // namespace chanyan::api
