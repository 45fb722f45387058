// Life cycles of a form and of a hand-over (CYC-4, CYC-5).
#pragma once

#include "absl/types/span.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/policy/life.h"

namespace chanyan::cycle {

inline absl::Span<const policy::Transition<v1::FormState>> FormLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::FormState> kLife[] = {
      {"import", "导入", Bits(v1::FORM_STATE_DRAFT), v1::FORM_STATE_DRAFT},
      {"import", "导入", Bits(v1::FORM_STATE_RETURNED), v1::FORM_STATE_RETURNED},
      {"submit", "报送", Bits(v1::FORM_STATE_DRAFT, v1::FORM_STATE_RETURNED),
       v1::FORM_STATE_SUBMITTED},
      {"accept", "接收", Bits(v1::FORM_STATE_SUBMITTED), v1::FORM_STATE_ACCEPTED},
      {"return", "退回", Bits(v1::FORM_STATE_SUBMITTED), v1::FORM_STATE_RETURNED},
      {"grantLockException", "许可逾期补报", Bits(v1::FORM_STATE_DRAFT), v1::FORM_STATE_DRAFT},
      {"grantLockException", "许可逾期补报", Bits(v1::FORM_STATE_RETURNED),
       v1::FORM_STATE_RETURNED},
      {"issueParts", "发至科创平台填报", Bits(v1::FORM_STATE_DRAFT), v1::FORM_STATE_DRAFT},
      {"issueParts", "发至科创平台填报", Bits(v1::FORM_STATE_RETURNED), v1::FORM_STATE_RETURNED},
      {"deliverToPlatforms", "发至科创平台", Bits(v1::FORM_STATE_ACCEPTED),
       v1::FORM_STATE_ACCEPTED},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::HandoverState>> HandoverLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::HandoverState> kLife[] = {
      {"receive", "签收", Bits(v1::HANDOVER_STATE_SENT), v1::HANDOVER_STATE_RECEIVED},
      {"refuse", "退回", Bits(v1::HANDOVER_STATE_SENT), v1::HANDOVER_STATE_REFUSED},
  };
  return kLife;
}

}  // namespace chanyan::cycle
