// When a public notice is open and when it ends (CON-5). Pure.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "common/policy/pack.h"

namespace chanyan::consortium {

// Fills in start, deadline, length and derivation of a notice that is published `now`.
// FAILED_PRECONDITION where the calendar has no data.
absl::Status SetWindow(const policy::Pack& pack, absl::Time now, v1::PublicNotice* notice);

// Until when an objection that comes `now` is answered, and when the office is reminded of it: as
// the last workday but one begins. FAILED_PRECONDITION where the calendar has no data.
absl::Status SetAnswerTerm(const policy::Pack& pack, absl::Time now,
                           v1::NoticeObjection* objection);

// OK while one may object: to the second, the last one included. FAILED_PRECONDITION that says
// until when one could, or how the notice ended.
absl::Status RequireOpen(const v1::PublicNotice& notice, absl::Time now);

// What becomes of a notice at `now`.
enum class NoticeFate {
  // The window is not over, or the notice has ended.
  kNothing,
  // The window is over and an objection is not answered.
  kWaits,
  // The window is over and no objection stands: to be filed.
  kClears,
};
// `standing`: an objection is not answered or was found right.
NoticeFate FateOf(const v1::PublicNotice& notice, bool standing, absl::Time now);

}  // namespace chanyan::consortium
