// Life cycles of a matter on the ladder and of what follows from its decision (TRI-10).
#pragma once

#include "absl/types/span.h"
#include "chanyan/triage/v1/escalation.pb.h"
#include "common/policy/life.h"

namespace chanyan::triage {

inline absl::Span<const policy::Transition<v1::EscalationState>> EscalationLife() {
  using policy::Bits;
  static constexpr uint32_t kRaised = Bits(v1::ESCALATION_STATE_RAISED);
  static constexpr policy::Transition<v1::EscalationState> kLife[] = {
      {"pass", "逐级上报", kRaised, v1::ESCALATION_STATE_RAISED},
      {"decide", "批示", kRaised, v1::ESCALATION_STATE_DECIDED},
      {"receive", "签收批示", Bits(v1::ESCALATION_STATE_DECIDED), v1::ESCALATION_STATE_IN_PROGRESS},
      {"close", "办结", Bits(v1::ESCALATION_STATE_IN_PROGRESS), v1::ESCALATION_STATE_CLOSED},
      {"withdraw", "撤回", kRaised, v1::ESCALATION_STATE_WITHDRAWN},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::EscalationTaskState>> EscalationTaskLife() {
  using policy::Bits;
  static constexpr uint32_t kOpen = Bits(v1::ESCALATION_TASK_STATE_OPEN);
  static constexpr policy::Transition<v1::EscalationTaskState> kLife[] = {
      {"complete", "报告完成", kOpen, v1::ESCALATION_TASK_STATE_DONE},
      {"cancel", "取消", kOpen, v1::ESCALATION_TASK_STATE_CANCELLED},
  };
  return kLife;
}

}  // namespace chanyan::triage
