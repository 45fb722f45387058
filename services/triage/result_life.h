// Life cycle of a result (TRI-1).
#pragma once

#include "absl/types/span.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/policy/life.h"

namespace chanyan::triage {

inline absl::Span<const policy::Transition<v1::ResultState>> ResultLife() {
  using policy::Bits;
  static constexpr uint32_t kAlive = Bits(v1::RESULT_STATE_DRAFT, v1::RESULT_STATE_SUBMITTED,
                                          v1::RESULT_STATE_RETURNED, v1::RESULT_STATE_PUBLISHED);
  static constexpr policy::Transition<v1::ResultState> kLife[] = {
      {"submit", "提交审核", Bits(v1::RESULT_STATE_DRAFT, v1::RESULT_STATE_RETURNED),
       v1::RESULT_STATE_SUBMITTED},
      {"publish", "审核入库", Bits(v1::RESULT_STATE_DRAFT, v1::RESULT_STATE_SUBMITTED),
       v1::RESULT_STATE_PUBLISHED},
      {"return", "退回", Bits(v1::RESULT_STATE_SUBMITTED), v1::RESULT_STATE_RETURNED},
      {"withdraw", "撤回", kAlive, v1::RESULT_STATE_WITHDRAWN},
      {"merge", "合并", kAlive, v1::RESULT_STATE_MERGED},
  };
  return kLife;
}

// Somebody is responsible for it.
inline bool IsOpen(v1::ResultState state) {
  return state != v1::RESULT_STATE_WITHDRAWN && state != v1::RESULT_STATE_MERGED;
}

}  // namespace chanyan::triage
