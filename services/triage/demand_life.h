// Life cycle of a demand (TRI-1). It expires with time, and is published again with a later day.
#pragma once

#include "absl/types/span.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "common/policy/life.h"

namespace chanyan::triage {

inline absl::Span<const policy::Transition<v1::DemandState>> DemandLife() {
  using policy::Bits;
  static constexpr uint32_t kAlive =
      Bits(v1::DEMAND_STATE_DRAFT, v1::DEMAND_STATE_PUBLISHED, v1::DEMAND_STATE_EXPIRED);
  static constexpr policy::Transition<v1::DemandState> kLife[] = {
      {"publish", "发布入库", Bits(v1::DEMAND_STATE_DRAFT, v1::DEMAND_STATE_EXPIRED),
       v1::DEMAND_STATE_PUBLISHED},
      {"meet", "办结", Bits(v1::DEMAND_STATE_PUBLISHED), v1::DEMAND_STATE_MET},
      {"withdraw", "撤回", kAlive, v1::DEMAND_STATE_WITHDRAWN},
      {"merge", "合并", kAlive, v1::DEMAND_STATE_MERGED},
  };
  return kLife;
}

inline bool IsOpen(v1::DemandState state) {
  return state == v1::DEMAND_STATE_DRAFT || state == v1::DEMAND_STATE_PUBLISHED ||
         state == v1::DEMAND_STATE_EXPIRED;
}

}  // namespace chanyan::triage
