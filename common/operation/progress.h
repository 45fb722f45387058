// What people see of an operation's progress. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chanyan/operation/v1/operation.pb.h"

namespace chanyan::operation {

// What the present run said last (operation_pace).
struct Pace {
  // Number of rpc::Stage; 0 = it has said nothing yet.
  int stage = 0;
  int64_t done = 0;
  int64_t total = 0;
  int64_t beat = 0;
};

inline bool HasEnded(v1::OperationState state) {
  return state == v1::OPERATION_STATE_DONE || state == v1::OPERATION_STATE_FAILED ||
         state == v1::OPERATION_STATE_CANCELLED;
}

// Fills in stage, percentage, estimated end and actions. Of work that counts units the percentage
// is that of the units; of work that is all or nothing the first two fifths are reading, a tenth
// checking, the rest writing. 40 of 100 units after two minutes: 40, and three minutes to go.
void Show(const Pace& pace, absl::Time now, v1::Operation* operation);

// Another one for every change that can be seen.
std::string EventId(const v1::Operation& operation, const Pace& pace);

// Violations of an error that a list of operations and the journal show.
inline constexpr int kFewViolations = 50;

// What the RPC would have answered; the text of a fault of ours stays behind.
v1::OperationError ErrorOf(const absl::Status& status);
void KeepFewViolations(v1::Operation* operation);

}  // namespace chanyan::operation
