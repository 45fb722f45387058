// What people are told of bookings of instruments, from the registry's journal (REG-4). Pure.
#pragma once

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// To the owner what waits for its decision or was given back; to the requester what was decided,
// and its reminder before the time; of a move that is agreed to at once to who did not make it; of
// an instrument that cannot be used then why, what becomes of the booking, and whom to ask.
// Nothing for an entry that nobody waits for.
std::optional<Notice> BookingNoticeOf(const registry::v1::Booking& booking, absl::string_view kind);
// And of one that is cancelled for such an instrument to the owner, too, who need ask nobody.
std::vector<Notice> BookingNoticesOf(const registry::v1::Booking& booking, absl::string_view kind);

// Whether nobody need do any more what was told of the booking before an entry of `kind`.
bool IsBookingSettled(const registry::v1::Booking& booking, absl::string_view kind);

}  // namespace chanyan::cycle
