// Field masks of updates (AIP-134, AIP-161). protobuf accepts malformed masks ("a..b,,"), so they
// are checked here.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace chanyan::api {

// Greatest number of paths in a mask.
inline constexpr int kMaxMaskPaths = 200;
// Greatest number of segments of one path.
inline constexpr int kMaxMaskDepth = 8;

// What is wrong with the paths themselves: malformed, unknown, into a repeated field, output-only.
// The field of each violation is `field` ("update_mask").
std::vector<status::Violation> MaskViolations(const google::protobuf::Descriptor* resource,
                                              const google::protobuf::FieldMask& mask,
                                              absl::string_view field = "update_mask");

// Writes the masked fields of `update` into `row`, the resource as stored. An empty mask stands for
// every set field of `update` that a caller may write; "*" for every such field, set or not. `name`
// and `etag` are never written. INVALID_ARGUMENT with all violations, also for an immutable field
// that would change; ABORTED (StaleEtag) if `update` carries an etag other than the row's. Then
// `row` is as before.
absl::Status ApplyMask(const google::protobuf::FieldMask& mask,
                       const google::protobuf::Message& update, google::protobuf::Message* row);

// ABORTED if `given` is set and not the row's etag.
absl::Status CheckEtag(absl::string_view given, absl::string_view current, absl::string_view name);

}  // namespace chanyan::api
