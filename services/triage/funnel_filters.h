// The filters that list the rows of a funnel's figures (TRI-6). Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/triage/v1/follow_up.pb.h"

namespace chanyan::triage {

// Over Result: the results of a group.
std::string GroupFilter(const v1::QueryFunnelRequest& request, const std::string& key);
// Over Result: those of a group (`group`, its filter) that came to a stage or farther, and those
// that are there now.
std::string ReachedFilter(const std::string& group, v1::FunnelStage stage);
std::string PresentFilter(const std::string& group, v1::FunnelStage stage);
// Over StageEntry: that a stage was entered and left.
std::string StaysFilter(v1::FunnelStage stage);
// Over StageEntry: that a stage was entered from the first day to the last, both included.
std::string EnteredFilter(v1::FunnelStage stage, absl::CivilDay first, absl::CivilDay last);
// Over FollowUp: that count, of one kind.
std::string DealsFilter(absl::string_view kind);

}  // namespace chanyan::triage
