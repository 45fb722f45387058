// Life cycle of a booking (REG-4). `lapse` and `noshow` are the clock's: no call leads there.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/policy/life.h"

namespace chanyan::registry {

inline absl::Span<const policy::Transition<v1::BookingState>> BookingLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::BookingState> kLife[] = {
      {"approve", "同意", Bits(v1::BOOKING_STATE_REQUESTED), v1::BOOKING_STATE_APPROVED},
      {"decline", "不同意", Bits(v1::BOOKING_STATE_REQUESTED), v1::BOOKING_STATE_DECLINED},
      // What was moved is asked for anew.
      {"reschedule", "改期", Bits(v1::BOOKING_STATE_REQUESTED, v1::BOOKING_STATE_APPROVED),
       v1::BOOKING_STATE_REQUESTED},
      // The clock marks who was not checked in, and the clock was not there.
      {"checkin", "签到", Bits(v1::BOOKING_STATE_APPROVED, v1::BOOKING_STATE_NO_SHOW),
       v1::BOOKING_STATE_CHECKED_IN},
      {"complete", "完成", Bits(v1::BOOKING_STATE_CHECKED_IN), v1::BOOKING_STATE_COMPLETED},
      {"cancel", "取消", Bits(v1::BOOKING_STATE_REQUESTED, v1::BOOKING_STATE_APPROVED),
       v1::BOOKING_STATE_CANCELLED},
      {"lapse", "逾期失效", Bits(v1::BOOKING_STATE_REQUESTED), v1::BOOKING_STATE_DECLINED},
      {"noshow", "记为未到", Bits(v1::BOOKING_STATE_APPROVED), v1::BOOKING_STATE_NO_SHOW},
  };
  return kLife;
}

// Whether the verb is the instrument owner's alone; the others are the requester's, too.
inline bool IsOwnersVerb(absl::string_view verb) {
  return verb == "approve" || verb == "decline" || verb == "checkin" || verb == "complete";
}

// Whether a booking in this state keeps its time from others. One that has ended does: it was used,
// and nobody can book the past.
inline bool HoldsItsTime(v1::BookingState state) {
  return state != v1::BOOKING_STATE_DECLINED && state != v1::BOOKING_STATE_CANCELLED;
}

}  // namespace chanyan::registry
