#include "common/operation/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"

namespace chanyan::operation {
namespace {

// Share of the whole at which a stage begins, and the next after it; by number.
constexpr double kBegins[] = {0, 0, 0.4, 0.5, 1};
// Of less nothing can be foretold.
constexpr double kLeastShare = 0.02;
constexpr int kMostUnfinished = 99;

double ShareOf(const v1::Operation& operation, const Pace& pace) {
  if (operation.total_units() > 0) {
    return static_cast<double>(operation.done_units()) / operation.total_units();
  }
  if (pace.stage < v1::OPERATION_STAGE_READING || pace.stage > v1::OPERATION_STAGE_WRITING)
    return 0;
  const double within =
      pace.total > 0 ? static_cast<double>(pace.done) / static_cast<double>(pace.total) : 0;
  const double begin = kBegins[pace.stage];
  return begin + (kBegins[pace.stage + 1] - begin) * std::clamp(within, 0.0, 1.0);
}

}  // namespace

void Show(const Pace& pace, absl::Time now, v1::Operation* operation) {
  const double share = std::clamp(ShareOf(*operation, pace), 0.0, 1.0);
  operation->set_percent(std::min(kMostUnfinished, static_cast<int>(share * 100)));
  if (HasEnded(operation->state())) {
    if (operation->state() == v1::OPERATION_STATE_DONE) operation->set_percent(100);
    return;
  }
  if (!operation->cancel_requested()) operation->add_actions("cancel");
  if (operation->state() != v1::OPERATION_STATE_RUNNING) return;
  operation->set_stage(
      static_cast<v1::OperationStage>(std::clamp<int>(pace.stage, 0, v1::OPERATION_STAGE_WRITING)));
  operation->set_stage_done(static_cast<int32_t>(pace.done));
  operation->set_stage_total(static_cast<int32_t>(pace.total));
  if (share < kLeastShare || !operation->has_start_time()) return;
  const absl::Time start = time::ToTime(operation->start_time());
  if (now <= start) return;
  *operation->mutable_estimated_end_time() = time::ToTimestamp(start + (now - start) / share);
}

std::string EventId(const v1::Operation& operation, const Pace& pace) {
  return absl::StrCat(operation.etag(), "-", HasEnded(operation.state()) ? 0 : pace.beat);
}

v1::OperationError ErrorOf(const absl::Status& status) {
  v1::OperationError error;
  error.set_code(absl::StatusCodeToString(status.code()));
  const status::Reason reason = status::ReasonOf(status);
  if (reason != options::v1::ERROR_REASON_UNSPECIFIED) {
    error.set_reason(
        std::string(absl::StripPrefix(options::v1::ErrorReason_Name(reason), "ERROR_REASON_")));
  }
  // As on the wire: an INTERNAL text becomes a sentence.
  error.set_message(status::ToProto(status).message());
  for (status::Violation& violation : status::ViolationsOf(status)) {
    v1::OperationViolation& one = *error.add_violations();
    one.set_field(std::move(violation.field));
    one.set_description(std::move(violation.description));
  }
  return error;
}

void KeepFewViolations(v1::Operation* operation) {
  auto& violations = *operation->mutable_error()->mutable_violations();
  if (violations.size() > kFewViolations) {
    violations.DeleteSubrange(kFewViolations, violations.size() - kFewViolations);
  }
}

}  // namespace chanyan::operation
