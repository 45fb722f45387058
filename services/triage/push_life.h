// Life cycle of a push (TRI-4).
#pragma once

#include "absl/types/span.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "common/policy/life.h"

namespace chanyan::triage {

inline absl::Span<const policy::Transition<v1::PushState>> PushLife() {
  using policy::Bits;
  static constexpr uint32_t kUnderWay =
      Bits(v1::PUSH_STATE_SENT, v1::PUSH_STATE_RECEIVED, v1::PUSH_STATE_ACCEPTED);
  static constexpr policy::Transition<v1::PushState> kLife[] = {
      {"receive", "签收", Bits(v1::PUSH_STATE_SENT), v1::PUSH_STATE_RECEIVED},
      {"accept", "承接", Bits(v1::PUSH_STATE_SENT, v1::PUSH_STATE_RECEIVED),
       v1::PUSH_STATE_ACCEPTED},
      {"decline", "退回", kUnderWay, v1::PUSH_STATE_DECLINED},
      {"answer", "答复", Bits(v1::PUSH_STATE_RECEIVED, v1::PUSH_STATE_ACCEPTED),
       v1::PUSH_STATE_ANSWERED},
      {"end", "终止", kUnderWay, v1::PUSH_STATE_ENDED},
      {"resend", "重新推送", Bits(v1::PUSH_STATE_ENDED), v1::PUSH_STATE_SENT},
  };
  return kLife;
}

inline bool IsUnderWay(v1::PushState state) {
  return state == v1::PUSH_STATE_SENT || state == v1::PUSH_STATE_RECEIVED ||
         state == v1::PUSH_STATE_ACCEPTED;
}

}  // namespace chanyan::triage
