// Platforms as triage knows them, as a part of the program: an index of this replica over the
// registry's journal.
#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/runtime.h"
#include "common/search/index.h"
#include "services/triage/match_catalogue.h"

namespace chanyan::triage {

// Over an index with platforms and organizations in it, which must outlive it.
PlatformSource PlatformsIn(const search::Index& index);

// Follows the registry's journal in a job of its own.
absl::StatusOr<PlatformSource> HostPlatforms(rpc::Runtime& runtime);

}  // namespace chanyan::triage
