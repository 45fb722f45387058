// Life cycle of a typical case (TRI-8). Who may do which is CaseService's to say.
#pragma once

#include "absl/types/span.h"
#include "chanyan/triage/v1/case.pb.h"
#include "common/policy/life.h"

namespace chanyan::triage {

inline absl::Span<const policy::Transition<v1::TypicalCaseState>> TypicalCaseLife() {
  using policy::Bits;
  static constexpr uint32_t kDraft = Bits(v1::TYPICAL_CASE_STATE_DRAFT);
  static constexpr uint32_t kPublished = Bits(v1::TYPICAL_CASE_STATE_PUBLISHED);
  static constexpr policy::Transition<v1::TypicalCaseState> kLife[] = {
      {"update", "修改", kDraft, v1::TYPICAL_CASE_STATE_DRAFT},
      {"update", "修改", kPublished, v1::TYPICAL_CASE_STATE_PUBLISHED},
      {"publish", "发布", kDraft, v1::TYPICAL_CASE_STATE_PUBLISHED},
      {"withdraw", "撤回", kDraft | kPublished, v1::TYPICAL_CASE_STATE_WITHDRAWN},
  };
  return kLife;
}

}  // namespace chanyan::triage
