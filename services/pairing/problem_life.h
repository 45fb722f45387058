// Life of a problem (PAIR-5).
#pragma once

#include "absl/types/span.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "common/policy/life.h"

namespace chanyan::pairing {

inline absl::Span<const policy::Transition<v1::ProblemState>> ProblemLife() {
  using policy::Bits;
  static constexpr uint32_t kUnsolved =
      Bits(v1::PROBLEM_STATE_OPEN, v1::PROBLEM_STATE_ASSIGNED, v1::PROBLEM_STATE_ESCALATED);
  static constexpr policy::Transition<v1::ProblemState> kLife[] = {
      {"assign", "交办", kUnsolved, v1::PROBLEM_STATE_ASSIGNED},
      {"decline", "退回交办", Bits(v1::PROBLEM_STATE_ASSIGNED), v1::PROBLEM_STATE_OPEN},
      {"resolve", "解决", Bits(v1::PROBLEM_STATE_ASSIGNED, v1::PROBLEM_STATE_ESCALATED),
       v1::PROBLEM_STATE_RESOLVED},
      {"confirm", "确认办结", Bits(v1::PROBLEM_STATE_RESOLVED), v1::PROBLEM_STATE_CLOSED},
      {"reopen", "退回未解决的问题", Bits(v1::PROBLEM_STATE_RESOLVED), v1::PROBLEM_STATE_OPEN},
      {"escalate", "提级", kUnsolved, v1::PROBLEM_STATE_ESCALATED},
      {"withdraw", "撤回", kUnsolved, v1::PROBLEM_STATE_WITHDRAWN},
  };
  return kLife;
}

}  // namespace chanyan::pairing
