// Life cycles of bars, of appeals against them and of credit entries (CON-8, CON-9).
#pragma once

#include "absl/types/span.h"
#include "chanyan/consortium/v1/bar.pb.h"
#include "common/policy/life.h"

namespace chanyan::consortium {

// A bar holds while it is appealed; what the appeal comes to is "lift" or "uphold".
inline absl::Span<const policy::Transition<v1::BarState>> BarLife() {
  using policy::Bits;
  static constexpr uint32_t kHolds = Bits(v1::BAR_STATE_IN_FORCE);
  static constexpr policy::Transition<v1::BarState> kLife[] = {
      {"appeal", "申诉", kHolds, v1::BAR_STATE_IN_FORCE},
      {"uphold", "维持", kHolds, v1::BAR_STATE_IN_FORCE},
      {"lift", "解除", kHolds, v1::BAR_STATE_LIFTED},
      {"expire", "期满解除", kHolds, v1::BAR_STATE_EXPIRED},
  };
  return kLife;
}

// Of the appeal that a bar carries; one appeals once.
inline absl::Span<const policy::Transition<v1::AppealState>> AppealLife() {
  using policy::Bits;
  static constexpr uint32_t kPending = Bits(v1::APPEAL_STATE_PENDING);
  static constexpr policy::Transition<v1::AppealState> kLife[] = {
      {"appeal", "申诉", Bits(v1::APPEAL_STATE_NONE), v1::APPEAL_STATE_PENDING},
      {"uphold", "决定维持限制", kPending, v1::APPEAL_STATE_UPHELD},
      {"lift", "决定解除限制", kPending, v1::APPEAL_STATE_GRANTED},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::CreditEntryState>> CreditEntryLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::CreditEntryState> kLife[] = {
      {"revoke", "撤销", Bits(v1::CREDIT_ENTRY_STATE_STANDING), v1::CREDIT_ENTRY_STATE_REVOKED},
  };
  return kLife;
}

}  // namespace chanyan::consortium
