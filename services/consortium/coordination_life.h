// Life cycle of what is coordinated for a consortium (CON-7; S2 七(一) 协调困难问题).
#pragma once

#include <cstdint>

#include "absl/types/span.h"
#include "chanyan/consortium/v1/coordination.pb.h"
#include "common/policy/life.h"

namespace chanyan::consortium {

// "assign" is also how the office gives an item to another, or back to whom the answer is wanted
// of.
inline absl::Span<const policy::Transition<v1::CoordinationState>> CoordinationLife() {
  using policy::Bits;
  static constexpr uint32_t kUnsettled =
      Bits(v1::COORDINATION_STATE_OPEN, v1::COORDINATION_STATE_ASSIGNED,
           v1::COORDINATION_STATE_ANSWERED);
  static constexpr policy::Transition<v1::CoordinationState> kLife[] = {
      {"assign", "交办", kUnsettled, v1::COORDINATION_STATE_ASSIGNED},
      {"answer", "答复", Bits(v1::COORDINATION_STATE_ASSIGNED), v1::COORDINATION_STATE_ANSWERED},
      {"conclude", "办结", kUnsettled, v1::COORDINATION_STATE_DONE},
  };
  return kLife;
}

}  // namespace chanyan::consortium
