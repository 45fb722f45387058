#include "services/triage/repeated_failures.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

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

RepeatedFailures::News RepeatedFailures::Note(const absl::Status& run) {
  if (run.ok()) {
    const bool failed = !said_.empty();
    said_.clear();
    return failed ? News::kWorksAgain : News::kNone;
  }
  // A failure without words is one all the same.
  std::string says = run.message().empty() ? "?" : std::string(run.message());
  if (says == said_) return News::kNone;
  said_ = std::move(says);
  return News::kFails;
}

}  // namespace chanyan::triage
