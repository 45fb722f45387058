// Life cycle of a platform (REG-2).
#pragma once

#include "absl/types/span.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/life.h"

namespace chanyan::registry {

inline absl::Span<const policy::Transition<v1::PlatformState>> PlatformLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::PlatformState> kLife[] = {
      {"submit", "提交审核", Bits(v1::PLATFORM_STATE_DRAFT, v1::PLATFORM_STATE_RETURNED),
       v1::PLATFORM_STATE_IN_REVIEW},
      {"publish", "审核发布", Bits(v1::PLATFORM_STATE_IN_REVIEW), v1::PLATFORM_STATE_PUBLISHED},
      {"return", "退回", Bits(v1::PLATFORM_STATE_IN_REVIEW), v1::PLATFORM_STATE_RETURNED},
      {"confirm", "确认信息有效", Bits(v1::PLATFORM_STATE_PUBLISHED), v1::PLATFORM_STATE_PUBLISHED},
      {"withdraw", "撤回", Bits(v1::PLATFORM_STATE_PUBLISHED), v1::PLATFORM_STATE_WITHDRAWN},
  };
  return kLife;
}

}  // namespace chanyan::registry
