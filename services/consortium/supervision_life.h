// Life cycles after the filing: projects that are held, supplements, evaluations (CON-7, CON-8).
#pragma once

#include "absl/types/span.h"
#include "chanyan/consortium/v1/evaluation.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/policy/life.h"

namespace chanyan::consortium {

// "transfer" follows the filing that renews.
inline absl::Span<const policy::Transition<v1::HeldProjectState>> HeldProjectLife() {
  using policy::Bits;
  static constexpr uint32_t kHeld = Bits(v1::HELD_PROJECT_STATE_OPEN);
  static constexpr policy::Transition<v1::HeldProjectState> kLife[] = {
      {"close", "结题", kHeld, v1::HELD_PROJECT_STATE_CLOSED},
      {"transfer", "转入续期备案", kHeld, v1::HELD_PROJECT_STATE_TRANSFERRED},
  };
  return kLife;
}

// "effective" follows the last signature or what sets a rule aside, "lapse" the filing and its
// parties.
inline absl::Span<const policy::Transition<v1::SupplementState>> SupplementLife() {
  using policy::Bits;
  static constexpr uint32_t kProposed = Bits(v1::SUPPLEMENT_STATE_PROPOSED);
  static constexpr policy::Transition<v1::SupplementState> kLife[] = {
      {"sign", "签署", kProposed, v1::SUPPLEMENT_STATE_PROPOSED},
      {"overrideRule", "例外处理", kProposed, v1::SUPPLEMENT_STATE_PROPOSED},
      {"effective", "生效", kProposed, v1::SUPPLEMENT_STATE_EFFECTIVE},
      {"cancel", "撤销", kProposed, v1::SUPPLEMENT_STATE_CANCELLED},
      {"lapse", "失效", kProposed, v1::SUPPLEMENT_STATE_LAPSED},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::EvaluationState>> EvaluationLife() {
  using policy::Bits;
  static constexpr uint32_t kOpenYet = Bits(v1::EVALUATION_STATE_OPEN);
  static constexpr policy::Transition<v1::EvaluationState> kLife[] = {
      {"update", "修改评价", kOpenYet, v1::EVALUATION_STATE_OPEN},
      {"conclude", "确定评价结果", kOpenYet, v1::EVALUATION_STATE_CONCLUDED},
  };
  return kLife;
}

}  // namespace chanyan::consortium
