// Life cycles of a public notice and of objections to it (CON-5; S2 五、(六) 予以公示).
#pragma once

#include "absl/types/span.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "common/policy/life.h"

namespace chanyan::consortium {

// "clear" is what time does when no objection stands; "uphold" follows an objection; "end" the
// consortium, where it leaves the notice for another reason.
inline absl::Span<const policy::Transition<v1::PublicNoticeState>> PublicNoticeLife() {
  using policy::Bits;
  static constexpr uint32_t kOpen = Bits(v1::PUBLIC_NOTICE_STATE_OPEN);
  static constexpr policy::Transition<v1::PublicNoticeState> kLife[] = {
      {"clear", "公示期满备案", kOpen, v1::PUBLIC_NOTICE_STATE_CLEARED},
      {"uphold", "认定异议成立", kOpen, v1::PUBLIC_NOTICE_STATE_UPHELD},
      {"end", "终止公示", kOpen, v1::PUBLIC_NOTICE_STATE_ENDED},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::NoticeObjectionState>> NoticeObjectionLife() {
  using policy::Bits;
  static constexpr uint32_t kOpen = Bits(v1::NOTICE_OBJECTION_STATE_OPEN);
  static constexpr policy::Transition<v1::NoticeObjectionState> kLife[] = {
      {"withdraw", "撤回异议", kOpen, v1::NOTICE_OBJECTION_STATE_WITHDRAWN},
      {"uphold", "认定成立", kOpen, v1::NOTICE_OBJECTION_STATE_UPHELD},
      {"reject", "认定不成立", kOpen, v1::NOTICE_OBJECTION_STATE_REJECTED},
  };
  return kLife;
}

}  // namespace chanyan::consortium
