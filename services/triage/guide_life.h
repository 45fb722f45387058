// Life cycle of a project guide (TRI-4). That its time is over is its last day, no state.
#pragma once

#include "absl/types/span.h"
#include "chanyan/triage/v1/guide.pb.h"
#include "common/policy/life.h"

namespace chanyan::triage {

inline absl::Span<const policy::Transition<v1::ProjectGuideState>> ProjectGuideLife() {
  using policy::Bits;
  static constexpr uint32_t kDraft = Bits(v1::PROJECT_GUIDE_STATE_DRAFT);
  static constexpr uint32_t kNotOver =
      Bits(v1::PROJECT_GUIDE_STATE_DRAFT, v1::PROJECT_GUIDE_STATE_PUBLISHED);
  static constexpr policy::Transition<v1::ProjectGuideState> kLife[] = {
      {"publish", "发布", kDraft, v1::PROJECT_GUIDE_STATE_PUBLISHED},
      {"withdraw", "撤回", kNotOver, v1::PROJECT_GUIDE_STATE_WITHDRAWN},
  };
  return kLife;
}

}  // namespace chanyan::triage
