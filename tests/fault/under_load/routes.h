// Which methods a call of a drill reaches, by the paths that the protos give them.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::fault {

// Of `target` ("/v1/organizations?pageSize=5"), the most literal path first: that is the one which
// the gateway calls. Thread-safe.
std::vector<const google::protobuf::MethodDescriptor*> MethodsOf(absl::string_view http_method,
                                                                 absl::string_view target);

}  // namespace chanyan::fault
