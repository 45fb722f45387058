// Archives that our own services made, opened again.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::quarter {

// Unpacked bytes of one archive at most.
inline constexpr size_t kMaxUnzippedBytes = size_t{256} << 20;

// Name → content. DATA_LOSS for what is no archive, is damaged (CRC-32) or unpacks to more.
absl::StatusOr<std::map<std::string, std::string>> Unzip(absl::string_view bytes);

}  // namespace chanyan::quarter
