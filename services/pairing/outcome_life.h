// Life of an outcome (PAIR-7): one side declares, the other confirms.
#pragma once

#include "absl/types/span.h"
#include "chanyan/pairing/v1/outcome.pb.h"
#include "common/policy/life.h"

namespace chanyan::pairing {

inline absl::Span<const policy::Transition<v1::OutcomeState>> OutcomeLife() {
  using policy::Bits;
  static constexpr uint32_t kPending = Bits(v1::OUTCOME_STATE_DECLARED, v1::OUTCOME_STATE_DISPUTED);
  static constexpr policy::Transition<v1::OutcomeState> kLife[] = {
      {"update", "修改", kPending, v1::OUTCOME_STATE_DECLARED},
      {"confirm", "确认", kPending, v1::OUTCOME_STATE_CONFIRMED},
      {"dispute", "提出异议", Bits(v1::OUTCOME_STATE_DECLARED, v1::OUTCOME_STATE_CONFIRMED),
       v1::OUTCOME_STATE_DISPUTED},
      {"withdraw", "撤回", kPending, v1::OUTCOME_STATE_WITHDRAWN},
  };
  return kLife;
}

}  // namespace chanyan::pairing
