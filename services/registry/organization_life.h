// Life cycle of an organization (REG-1).
#pragma once

#include "absl/types/span.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/life.h"

namespace chanyan::registry {

// A split with a successor is split and merge in one.
inline absl::Span<const policy::Transition<v1::OrganizationState>> OrganizationLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::OrganizationState> kLife[] = {
      {"suspend", "停用", Bits(v1::ORGANIZATION_STATE_ACTIVE), v1::ORGANIZATION_STATE_SUSPENDED},
      {"resume", "恢复", Bits(v1::ORGANIZATION_STATE_SUSPENDED), v1::ORGANIZATION_STATE_ACTIVE},
      {"merge", "并入其他单位",
       Bits(v1::ORGANIZATION_STATE_ACTIVE, v1::ORGANIZATION_STATE_SUSPENDED),
       v1::ORGANIZATION_STATE_MERGED},
      {"split", "分立", Bits(v1::ORGANIZATION_STATE_ACTIVE), v1::ORGANIZATION_STATE_ACTIVE},
  };
  return kLife;
}

}  // namespace chanyan::registry
