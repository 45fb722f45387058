// Life cycle of a project (PAIR-2).
#pragma once

#include "absl/types/span.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/policy/life.h"

namespace chanyan::pairing {

inline absl::Span<const policy::Transition<v1::ProjectState>> ProjectLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::ProjectState> kLife[] = {
      {"negotiate", "开始洽谈", Bits(v1::PROJECT_STATE_INTENT), v1::PROJECT_STATE_NEGOTIATING},
      {"sign", "签约", Bits(v1::PROJECT_STATE_INTENT, v1::PROJECT_STATE_NEGOTIATING),
       v1::PROJECT_STATE_SIGNED},
      {"start", "开工建设", Bits(v1::PROJECT_STATE_SIGNED), v1::PROJECT_STATE_BUILDING},
      {"complete", "建成", Bits(v1::PROJECT_STATE_BUILDING), v1::PROJECT_STATE_COMPLETED},
      {"terminate", "终止",
       Bits(v1::PROJECT_STATE_INTENT, v1::PROJECT_STATE_NEGOTIATING, v1::PROJECT_STATE_SIGNED,
            v1::PROJECT_STATE_BUILDING),
       v1::PROJECT_STATE_TERMINATED},
  };
  return kLife;
}

}  // namespace chanyan::pairing
