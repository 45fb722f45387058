// What people are told of reports of progress of innovation consortia (CON-7): the lead, that one
// is due, returned or accepted; the office, that one came or is overdue. Pure.
#pragma once

#include <vector>

#include "chanyan/journal/v1/journal.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

bool IsOfConstruction(const journal::v1::Entry& entry);

// While a consortium has no lead, what is the lead's to do is told to the office.
std::vector<Notice> ConstructionNoticesOf(const journal::v1::Entry& entry);

// Whether what was told of the report is done: it was handed in, decided, or is asked for no more.
bool IsConstructionSettled(const journal::v1::Entry& entry);

}  // namespace chanyan::cycle
