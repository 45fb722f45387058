// Life cycle of a platform's part of a form (CYC-5; S0 二, first week).
#pragma once

#include "absl/types/span.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "common/policy/life.h"

namespace chanyan::cycle {

inline absl::Span<const policy::Transition<v1::PartState>> PartLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::PartState> kLife[] = {
      {"issue", "发至平台填报", Bits(v1::PART_STATE_UNSPECIFIED, v1::PART_STATE_KEPT),
       v1::PART_STATE_DRAFT},
      {"import", "导入", Bits(v1::PART_STATE_DRAFT), v1::PART_STATE_DRAFT},
      {"import", "导入", Bits(v1::PART_STATE_RETURNED), v1::PART_STATE_RETURNED},
      {"submit", "报送", Bits(v1::PART_STATE_DRAFT, v1::PART_STATE_RETURNED),
       v1::PART_STATE_SUBMITTED},
      {"accept", "接收", Bits(v1::PART_STATE_SUBMITTED), v1::PART_STATE_ACCEPTED},
      {"return", "退回", Bits(v1::PART_STATE_SUBMITTED, v1::PART_STATE_ACCEPTED),
       v1::PART_STATE_RETURNED},
      {"reclaim", "收回自填",
       Bits(v1::PART_STATE_DRAFT, v1::PART_STATE_SUBMITTED, v1::PART_STATE_RETURNED),
       v1::PART_STATE_KEPT},
  };
  return kLife;
}

}  // namespace chanyan::cycle
