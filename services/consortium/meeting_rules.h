// What the record of a site visit or a defence must be (CON-4). Pure.
#pragma once

#include <vector>

#include "chanyan/consortium/v1/review_meeting.pb.h"
#include "chanyan/policy/v1/consortium_review.pb.h"
#include "common/status/status.h"

namespace chanyan::consortium {

// What is wrong, by path within the request: items that the checklist does not have or that come
// twice, required ones that are missing, PASSED with a required one that is not satisfied.
std::vector<status::Violation> RecordViolations(const policy::v1::MeetingChecklist& checklist,
                                                const v1::RecordReviewMeetingRequest& record);

}  // namespace chanyan::consortium
