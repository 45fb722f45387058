// What handlers of supplements share: what is still open, and what the caller may do with it.
#pragma once

#include "absl/status/status.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/rpc/call.h"

namespace chanyan::consortium {

// WRONG_STATE that says what became of it.
absl::Status RequireProposed(const v1::Supplement& supplement);

// With the verbs that the caller may call now.
v1::Supplement ShownSupplement(const rpc::Call& call, v1::Supplement row);

}  // namespace chanyan::consortium
