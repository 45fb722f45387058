// Life cycle of a filing (CON-6). All but "renew" follow its dossier.
#pragma once

#include "absl/types/span.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "common/policy/life.h"

namespace chanyan::consortium {

// What has expired is renewed and stays expired.
inline absl::Span<const policy::Transition<v1::FilingState>> FilingLife() {
  using policy::Bits;
  static constexpr uint32_t kValid = Bits(v1::FILING_STATE_VALID);
  static constexpr policy::Transition<v1::FilingState> kLife[] = {
      {"expire", "期满", kValid, v1::FILING_STATE_EXPIRED},
      {"cancel", "取消", kValid, v1::FILING_STATE_CANCELLED},
      {"dissolve", "解散", kValid, v1::FILING_STATE_DISSOLVED},
      {"renew", "续期", kValid, v1::FILING_STATE_RENEWED},
      {"renew", "续期", Bits(v1::FILING_STATE_EXPIRED), v1::FILING_STATE_EXPIRED},
  };
  return kLife;
}

inline bool IsRenewable(v1::FilingState state) {
  return policy::Next(FilingLife(), state, "renew").ok();
}

}  // namespace chanyan::consortium
