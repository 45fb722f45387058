// What people are told of innovation consortia, from the journal of the service that keeps them
// (CON-3, CON-5 to CON-8). Pure.
#pragma once

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// Nothing for an entry that nobody waits for; of entries that concern one only.
std::optional<Notice> ConsortiumNoticeOf(const journal::v1::Entry& entry);
// Of all, those about experts who review (reviewer_notices.h), about reports of progress
// (construction_notices.h) and about what is coordinated (coordination_notices.h) too.
std::vector<Notice> ConsortiumNoticesOf(const journal::v1::Entry& entry);

// Whether entries of a type may be told of, or settle what was told.
bool IsConsortiumType(absl::string_view type);

// Whether nobody need do any more what was told of the entry's resource.
bool IsConsortiumSettled(const journal::v1::Entry& entry);

}  // namespace chanyan::cycle
