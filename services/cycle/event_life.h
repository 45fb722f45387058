// Life cycles of an exchange event and of an organization's part in it (CYC-7).
#pragma once

#include "absl/types/span.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/event.pb.h"
#include "common/policy/life.h"

namespace chanyan::cycle {

inline absl::Span<const policy::Transition<v1::EventState>> EventLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::EventState> kLife[] = {
      {"update", "修改", Bits(v1::EVENT_STATE_PLANNED), v1::EVENT_STATE_PLANNED},
      {"postpone", "改期", Bits(v1::EVENT_STATE_PLANNED), v1::EVENT_STATE_PLANNED},
      {"cancel", "取消", Bits(v1::EVENT_STATE_PLANNED), v1::EVENT_STATE_CANCELLED},
      {"hold", "办结", Bits(v1::EVENT_STATE_PLANNED), v1::EVENT_STATE_HELD},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::ParticipantState>> ParticipantLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::ParticipantState> kLife[] = {
      {"signUp", "报名",
       Bits(v1::PARTICIPANT_STATE_UNSPECIFIED, v1::PARTICIPANT_STATE_INVITED,
            v1::PARTICIPANT_STATE_SIGNED_UP, v1::PARTICIPANT_STATE_DECLINED),
       v1::PARTICIPANT_STATE_SIGNED_UP},
      {"decline", "谢绝",
       Bits(v1::PARTICIPANT_STATE_INVITED, v1::PARTICIPANT_STATE_SIGNED_UP,
            v1::PARTICIPANT_STATE_DECLINED),
       v1::PARTICIPANT_STATE_DECLINED},
      // Who came, came: also without having signed up, and after a first record that was wrong.
      {"attend", "登记到会",
       Bits(v1::PARTICIPANT_STATE_UNSPECIFIED, v1::PARTICIPANT_STATE_INVITED,
            v1::PARTICIPANT_STATE_SIGNED_UP, v1::PARTICIPANT_STATE_DECLINED,
            v1::PARTICIPANT_STATE_ATTENDED, v1::PARTICIPANT_STATE_ABSENT),
       v1::PARTICIPANT_STATE_ATTENDED},
      // Who had said so beforehand is not absent.
      {"miss", "登记未到会",
       Bits(v1::PARTICIPANT_STATE_INVITED, v1::PARTICIPANT_STATE_SIGNED_UP,
            v1::PARTICIPANT_STATE_ATTENDED, v1::PARTICIPANT_STATE_ABSENT),
       v1::PARTICIPANT_STATE_ABSENT},
  };
  return kLife;
}

}  // namespace chanyan::cycle
