#include "services/triage/repeated_failures.h"

#include "absl/algorithm/container.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/time/civil.h"

namespace chanyan::triage {

void Failures::Add(const absl::Status& status) {
  if (status.ok() || absl::c_linear_search(messages_, status.message())) return;
  first_.Update(status);
  messages_.emplace_back(status.message());
}

absl::Status Failures::All() const {
  absl::Status all(first_.code(), absl::StrJoin(messages_, "；"));
  first_.ForEachPayload(
      [&all](absl::string_view type, const absl::Cord& payload) { all.SetPayload(type, payload); });
  return all;
}

absl::Status RepeatedFailures::Filter(const absl::Status& run, absl::Time now) {
  if (run.ok()) {
    said_.clear();
    return run;
  }
  const absl::CivilDay today = time::DayOf(now);
  absl::erase_if(said_, [today](const auto& one) { return one.second != today; });
  if (said_.try_emplace(std::string(run.message()), today).second) return run;
  return absl::OkStatus();
}

}  // namespace chanyan::triage
