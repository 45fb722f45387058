// Life cycle of a revision of a published platform (REG-2).
#pragma once

#include "absl/types/span.h"
#include "chanyan/registry/v1/platform_revision.pb.h"
#include "common/policy/life.h"

namespace chanyan::registry {

inline absl::Span<const policy::Transition<v1::PlatformRevisionState>> PlatformRevisionLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::PlatformRevisionState> kLife[] = {
      {"submit", "提交修订",
       Bits(v1::PLATFORM_REVISION_STATE_DRAFT, v1::PLATFORM_REVISION_STATE_RETURNED),
       v1::PLATFORM_REVISION_STATE_IN_REVIEW},
      {"publish", "发布修订", Bits(v1::PLATFORM_REVISION_STATE_IN_REVIEW),
       v1::PLATFORM_REVISION_STATE_PUBLISHED},
      {"return", "退回修订", Bits(v1::PLATFORM_REVISION_STATE_IN_REVIEW),
       v1::PLATFORM_REVISION_STATE_RETURNED},
      {"withdraw", "撤回修订",
       Bits(v1::PLATFORM_REVISION_STATE_DRAFT, v1::PLATFORM_REVISION_STATE_IN_REVIEW,
            v1::PLATFORM_REVISION_STATE_RETURNED),
       v1::PLATFORM_REVISION_STATE_WITHDRAWN},
  };
  return kLife;
}

// Its content may be changed: not while somebody reviews it, and not once it is over.
inline bool MayEdit(v1::PlatformRevisionState state) {
  return state == v1::PLATFORM_REVISION_STATE_DRAFT ||
         state == v1::PLATFORM_REVISION_STATE_RETURNED;
}

}  // namespace chanyan::registry
