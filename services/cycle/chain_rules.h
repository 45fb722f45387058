// The chain calendar and the task list: what the pack says of them, and what must hold (CYC-7; S3
// annexes 1 and 2). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "chanyan/cycle/v1/chain.pb.h"
#include "common/policy/life.h"
#include "common/policy/pack.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace chanyan::cycle {

inline absl::Span<const policy::Transition<v1::CampaignState>> CampaignLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::CampaignState> kLife[] = {
      {"postpone", "延期", Bits(v1::CAMPAIGN_STATE_PLANNED), v1::CAMPAIGN_STATE_PLANNED},
      {"hold", "登记举办", Bits(v1::CAMPAIGN_STATE_PLANNED), v1::CAMPAIGN_STATE_HELD},
  };
  return kLife;
}

// Campaigns and tasks of the pack as they begin, in its order.
std::vector<v1::ChainCampaign> CampaignsOf(const policy::Pack& pack);
std::vector<v1::ActionTask> TasksOf(const policy::Pack& pack);

// What `stored` becomes when the pack says `said`: what is printed comes from the pack, what became
// of it stays. A campaign that was postponed keeps its window, a task its own day.
v1::ChainCampaign Aligned(v1::ChainCampaign stored, const v1::ChainCampaign& said);
v1::ActionTask Aligned(v1::ActionTask stored, const v1::ActionTask& said);

bool IsOverdue(const v1::ChainCampaign& campaign, absl::CivilDay today);
bool IsOverdue(const v1::ActionTask& task, absl::CivilDay today);

// Moves the window of a campaign to a later one and keeps where it stood.
absl::Status PostponeCampaign(absl::CivilDay first, absl::CivilDay last, absl::string_view reason,
                              absl::Time now, absl::string_view account,
                              v1::ChainCampaign* campaign);
// Records the typical cases that were chosen of a campaign, in place of those before; WRONG_STATE
// before it was held.
absl::Status SetCases(const google::protobuf::RepeatedPtrField<std::string>& cases,
                      v1::ChainCampaign* campaign);
// Adds a report to a task; one that is done needs evidence.
absl::Status AddReport(v1::ActionReport report, v1::ActionTask* task);

}  // namespace chanyan::cycle
