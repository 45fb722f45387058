// What experts who review innovation consortia are told, each alone, and what the office is told of
// them (CON-4). Nobody else of an expert's employer, which may be an applicant, learns of it. Pure.
#pragma once

#include <vector>

#include "chanyan/journal/v1/journal.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

bool IsOfReviewer(const journal::v1::Entry& entry);

// Who is drawn is asked to review; that a score which had been handed in was struck out for a
// conflict of interest is told to the office that reviews and to the expert whose score it was.
std::vector<Notice> ReviewerNoticesOf(const journal::v1::Entry& entry);

// Whether nothing is asked of the expert any more.
bool IsReviewerSettled(const journal::v1::Entry& entry);

}  // namespace chanyan::cycle
