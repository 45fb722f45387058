// What people are told of what is coordinated for innovation consortia (CON-7): the unit that is
// given something, by when; the office, that something is to be given, was answered or is overdue;
// the lead, what came of it. Pure.
#pragma once

#include <vector>

#include "chanyan/journal/v1/journal.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

bool IsOfCoordination(const journal::v1::Entry& entry);

// While a consortium has no lead, the office is told what the lead would be.
std::vector<Notice> CoordinationNoticesOf(const journal::v1::Entry& entry);

// Whether what was told of the item is done: it was given on, answered or closed.
bool IsCoordinationSettled(const journal::v1::Entry& entry);

}  // namespace chanyan::cycle
