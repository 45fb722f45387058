// Life of an approach in the contact log (PAIR-2). `end` is the project's doing: no RPC has that
// name.
#pragma once

#include "absl/types/span.h"
#include "chanyan/pairing/v1/contact.pb.h"
#include "common/policy/life.h"

namespace chanyan::pairing {

inline absl::Span<const policy::Transition<v1::ContactState>> ContactLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::ContactState> kLife[] = {
      {"answer", "答复", Bits(v1::CONTACT_STATE_AWAITING), v1::CONTACT_STATE_ANSWERED},
      {"withdraw", "撤回", Bits(v1::CONTACT_STATE_AWAITING), v1::CONTACT_STATE_WITHDRAWN},
      {"end", "随项目结束", Bits(v1::CONTACT_STATE_AWAITING), v1::CONTACT_STATE_ENDED},
  };
  return kLife;
}

}  // namespace chanyan::pairing
