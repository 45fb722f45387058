// What instruments show of their platform follows it.
#pragma once

#include "absl/status/status.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"

namespace chanyan::registry {

// Whether the public may see it, and with it its open instruments.
inline bool IsPublished(const v1::Platform& platform) {
  return platform.state() == v1::PLATFORM_STATE_PUBLISHED;
}

// Tells the platform's instruments whether it is published, each journalled as `followed`. In the
// transaction that changes the platform.
absl::Status FollowPlatform(rpc::Change& change, const db::Table<v1::Instrument>& instruments,
                            const v1::Platform& platform);

}  // namespace chanyan::registry
