// What owners of items of work meetings are told, from the journal of the service that keeps the
// records (TRI-10, CYC-9): that they have one, that its last day is near, that it is over; each
// once, of an item and an owner. One notice of a record for each owner, with all that is still to
// do; a later one takes the place of the one before. Pure.
#pragma once

#include <string>
#include <vector>

#include "chanyan/journal/v1/journal.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

bool IsOfMeeting(const journal::v1::Entry& entry);

// To each owner of whom an item is new, or has come near its last day or past it, by the entry.
std::vector<Notice> MeetingNoticesOf(const journal::v1::Entry& entry);

// Owners for whom what they were told of the record is no more: nothing waits for them, or they are
// told anew.
std::vector<std::string> SettledOwnersOf(const journal::v1::Entry& entry);

}  // namespace chanyan::cycle
