// The files of a pack as they lie on disk.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/policy/pack.h"

namespace chanyan::policy {

// What Pack::LoadCity reads: `root`/`city`/*.textproto, then those of `root`/calendar and
// `root`/national, where they exist, each folder in the order of its names. Their paths are
// relative to `root`. A folder or file that cannot be read is INVALID_ARGUMENT (INVALID_FILE).
absl::StatusOr<std::vector<PackFile>> ReadCityFiles(const std::string& root,
                                                    const std::string& city);

// The files of one folder.
absl::StatusOr<std::vector<PackFile>> ReadPackFolder(const std::string& folder);

}  // namespace chanyan::policy
