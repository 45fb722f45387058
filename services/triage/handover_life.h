// Life cycle of a hand-over (TRI-5). One that is not answered in its time lapses.
#pragma once

#include "absl/types/span.h"
#include "chanyan/triage/v1/first_contact.pb.h"
#include "common/policy/life.h"

namespace chanyan::triage {

inline absl::Span<const policy::Transition<v1::HandoverState>> HandoverLife() {
  using policy::Bits;
  static constexpr uint32_t kOffered = Bits(v1::HANDOVER_STATE_OFFERED);
  static constexpr policy::Transition<v1::HandoverState> kLife[] = {
      {"accept", "接收", kOffered, v1::HANDOVER_STATE_ACCEPTED},
      {"decline", "拒绝接收", kOffered, v1::HANDOVER_STATE_DECLINED},
      {"cancel", "取消移交", kOffered, v1::HANDOVER_STATE_CANCELLED},
      {"lapse", "逾期失效", kOffered, v1::HANDOVER_STATE_LAPSED},
  };
  return kLife;
}

}  // namespace chanyan::triage
