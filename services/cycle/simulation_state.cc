#include "services/cycle/simulation_state.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/ids.h"

namespace chanyan::cycle {
namespace {

// Begins the ids of the hand-overs of step 4.
constexpr absl::string_view kOfReturnStep = "/handovers/4-";

const Sends& NoSends() {
  static const auto* const none = new Sends();
  return *none;
}

}  // namespace

void Sends::Add(absl::Time time) { times_.push_back(time); }

void Sends::Settle() { std::sort(times_.begin(), times_.end()); }

absl::Time Sends::DoneAt(absl::Time end) const {
  absl::Time at = times_.front();
  for (const absl::Time time : times_) {
    if (!time::IsPastDeadline(time, end)) at = time;
  }
  return at;
}

Legs::Legs(const std::vector<v1::Handover>& handovers) {
  for (const v1::Handover& one : handovers) {
    if (one.sent_back() || one.state() == v1::HANDOVER_STATE_REFUSED) continue;
    const absl::Time sent = time::ToTime(one.send_time());
    legs_[{one.step(), one.sender(), one.receiver()}].Add(sent);
    legs_[{one.step(), one.sender(), ""}].Add(sent);
  }
  for (auto& [leg, sends] : legs_) sends.Settle();
}

const Sends& Legs::Between(int step, const std::string& sender, const std::string& receiver) const {
  const auto found = legs_.find({step, sender, receiver});
  return found == legs_.end() ? NoSends() : found->second;
}

const Sends& Legs::From(int step, const std::string& sender) const {
  return Between(step, sender, "");
}

bool IsGiven(const v1::Row& row) {
  const bool at_home = row.holder() == row.enterprise() && row.in_transit().empty();
  return row.confirmed() && !row.enterprise().empty() && !at_home;
}

bool IsPacked(const v1::Row& row) {
  const bool with_unit = row.holder() == row.unit() && row.in_transit().empty();
  return IsGiven(row) && !row.sent_back() && row.holder() != row.enterprise() && !with_unit;
}

bool IsReturned(const v1::Row& row) {
  return IsGiven(row) && (row.holder() == row.university() || IsPlatform(row.holder()) ||
                          absl::StrContains(row.in_transit(), kOfReturnStep));
}

}  // namespace chanyan::cycle
