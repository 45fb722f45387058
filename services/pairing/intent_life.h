// Life cycle of an intent (REG-3). Time alone expires it; it is held as long as its organization is
// suspended; one that became a project is done with and takes no verb.
#pragma once

#include "absl/types/span.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/policy/life.h"

namespace chanyan::pairing {

inline absl::Span<const policy::Transition<v1::IntentState>> IntentLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::IntentState> kLife[] = {
      {"update", "修改", Bits(v1::INTENT_STATE_OPEN), v1::INTENT_STATE_OPEN},
      {"renew", "续期", Bits(v1::INTENT_STATE_OPEN, v1::INTENT_STATE_EXPIRED),
       v1::INTENT_STATE_OPEN},
      {"withdraw", "撤回",
       Bits(v1::INTENT_STATE_OPEN, v1::INTENT_STATE_EXPIRED, v1::INTENT_STATE_SUSPENDED),
       v1::INTENT_STATE_WITHDRAWN},
      {"expire", "到期", Bits(v1::INTENT_STATE_OPEN), v1::INTENT_STATE_EXPIRED},
      {"hold", "暂停展示", Bits(v1::INTENT_STATE_OPEN), v1::INTENT_STATE_SUSPENDED},
      {"resume", "恢复展示", Bits(v1::INTENT_STATE_SUSPENDED), v1::INTENT_STATE_OPEN},
      {"pair", "形成项目", Bits(v1::INTENT_STATE_OPEN), v1::INTENT_STATE_PAIRED},
  };
  return kLife;
}

}  // namespace chanyan::pairing
