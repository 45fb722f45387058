// What may be done with a step of a cycle (CYC-2). A step's state is not stored: it follows from
// its window and the cycle's clock (cycle_rules.h).
#pragma once

#include "absl/types/span.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/policy/life.h"

namespace chanyan::cycle {

inline absl::Span<const policy::Transition<v1::StepState>> StepLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::StepState> kLife[] = {
      {"closeStep", "提前结束", Bits(v1::STEP_STATE_OPEN), v1::STEP_STATE_CLOSED},
      {"extendStep", "延期", Bits(v1::STEP_STATE_PENDING), v1::STEP_STATE_PENDING},
      {"extendStep", "延期", Bits(v1::STEP_STATE_OPEN), v1::STEP_STATE_OPEN},
  };
  return kLife;
}

}  // namespace chanyan::cycle
