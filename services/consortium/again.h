// Changes that came upon another at the same time.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/status.h"

namespace chanyan::consortium {

inline const absl::Status& StatusIn(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusIn(const absl::StatusOr<T>& answer) {
  return answer.status();
}

// Runs `work`, which answers Status or StatusOr, again from its beginning where it is a CONFLICT:
// what its transaction's snapshot did not show is there the next time. Of a request nothing is
// remembered then. The last of a few is the answer.
template <class Work>
auto AgainOnConflict(Work work) -> decltype(work()) {
  constexpr int kMostRuns = 4;
  for (int run = 1;; ++run) {
    auto answer = work();
    const bool conflict = status::ReasonOf(StatusIn(answer)) == options::v1::ERROR_REASON_CONFLICT;
    if (!conflict || run == kMostRuns) return answer;
  }
}

}  // namespace chanyan::consortium
