// Life cycles of frame cooperation (PAIR-8): agreement, conference, follow-up and base.
#pragma once

#include "absl/types/span.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "common/policy/life.h"

namespace chanyan::pairing {

// Time alone expires an agreement.
inline absl::Span<const policy::Transition<v1::FrameAgreementState>> FrameAgreementLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::FrameAgreementState> kLife[] = {
      {"sign", "签署", Bits(v1::FRAME_AGREEMENT_STATE_DRAFT), v1::FRAME_AGREEMENT_STATE_IN_FORCE},
      {"renew", "续签", Bits(v1::FRAME_AGREEMENT_STATE_IN_FORCE, v1::FRAME_AGREEMENT_STATE_EXPIRED),
       v1::FRAME_AGREEMENT_STATE_IN_FORCE},
      {"terminate", "终止", Bits(v1::FRAME_AGREEMENT_STATE_IN_FORCE),
       v1::FRAME_AGREEMENT_STATE_TERMINATED},
      {"discard", "作废", Bits(v1::FRAME_AGREEMENT_STATE_DRAFT),
       v1::FRAME_AGREEMENT_STATE_DISCARDED},
      {"expire", "到期", Bits(v1::FRAME_AGREEMENT_STATE_IN_FORCE),
       v1::FRAME_AGREEMENT_STATE_EXPIRED},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::ConferenceState>> ConferenceLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::ConferenceState> kLife[] = {
      {"convene", "通知", Bits(v1::CONFERENCE_STATE_PLANNED), v1::CONFERENCE_STATE_CONVENED},
      // A conference that was put off is called again, if it was called before.
      {"postpone", "延期", Bits(v1::CONFERENCE_STATE_PLANNED), v1::CONFERENCE_STATE_PLANNED},
      {"postpone", "延期", Bits(v1::CONFERENCE_STATE_CONVENED), v1::CONFERENCE_STATE_CONVENED},
      {"hold", "登记召开", Bits(v1::CONFERENCE_STATE_CONVENED), v1::CONFERENCE_STATE_HELD},
      {"issue", "印发纪要", Bits(v1::CONFERENCE_STATE_HELD), v1::CONFERENCE_STATE_ISSUED},
      {"cancel", "取消", Bits(v1::CONFERENCE_STATE_PLANNED, v1::CONFERENCE_STATE_CONVENED),
       v1::CONFERENCE_STATE_CANCELLED},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::FollowUpState>> FollowUpLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::FollowUpState> kLife[] = {
      {"report", "报告进展", Bits(v1::FOLLOW_UP_STATE_ASSIGNED, v1::FOLLOW_UP_STATE_IN_PROGRESS),
       v1::FOLLOW_UP_STATE_IN_PROGRESS},
      {"submit", "报送办结", Bits(v1::FOLLOW_UP_STATE_ASSIGNED, v1::FOLLOW_UP_STATE_IN_PROGRESS),
       v1::FOLLOW_UP_STATE_SUBMITTED},
      {"confirm", "确认办结", Bits(v1::FOLLOW_UP_STATE_SUBMITTED), v1::FOLLOW_UP_STATE_DONE},
      {"return", "退回", Bits(v1::FOLLOW_UP_STATE_SUBMITTED), v1::FOLLOW_UP_STATE_IN_PROGRESS},
      {"extend", "延期", Bits(v1::FOLLOW_UP_STATE_ASSIGNED), v1::FOLLOW_UP_STATE_ASSIGNED},
      {"extend", "延期", Bits(v1::FOLLOW_UP_STATE_IN_PROGRESS), v1::FOLLOW_UP_STATE_IN_PROGRESS},
      {"cancel", "撤销",
       Bits(v1::FOLLOW_UP_STATE_ASSIGNED, v1::FOLLOW_UP_STATE_IN_PROGRESS,
            v1::FOLLOW_UP_STATE_SUBMITTED),
       v1::FOLLOW_UP_STATE_CANCELLED},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::CoBuiltBaseState>> CoBuiltBaseLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::CoBuiltBaseState> kLife[] = {
      {"start", "开工", Bits(v1::CO_BUILT_BASE_STATE_PLANNED), v1::CO_BUILT_BASE_STATE_BUILDING},
      {"open", "投入运行", Bits(v1::CO_BUILT_BASE_STATE_PLANNED, v1::CO_BUILT_BASE_STATE_BUILDING),
       v1::CO_BUILT_BASE_STATE_OPERATING},
      {"close", "关闭",
       Bits(v1::CO_BUILT_BASE_STATE_PLANNED, v1::CO_BUILT_BASE_STATE_BUILDING,
            v1::CO_BUILT_BASE_STATE_OPERATING),
       v1::CO_BUILT_BASE_STATE_CLOSED},
  };
  return kLife;
}

}  // namespace chanyan::pairing
