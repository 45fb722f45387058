// Checks of one text value. Each returns "" if it is well-formed, else what is wrong as the end of
// a Chinese sentence whose subject is the field's label.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "chanyan/options/v1/options.pb.h"

namespace chanyan::api {

// Number of code points, or -1 if it is not UTF-8.
int64_t CodePoints(absl::string_view text);

std::string CheckFormat(options::v1::Format format, absl::string_view text);

}  // namespace chanyan::api
