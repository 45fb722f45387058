// Who acts on a push: its recipient, or whoever serves the result (TRI-4). Pure.
#pragma once

#include "absl/status/status.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "common/rpc/call.h"

namespace chanyan::triage {

bool IsRecipient(const rpc::Call& call, const v1::Push& push);
// Whoever serves the result, as opposed to whom it was pushed to.
bool IsOwner(const rpc::Call& call, const v1::Push& push);

// PERMISSION_DENIED with who it is that does it.
absl::Status RequireRecipient(const rpc::Call& call, const v1::Push& push);
absl::Status RequireOwner(const rpc::Call& call, const v1::Push& push);
// FAILED_PRECONDITION unless it came back and nobody has dealt with that.
absl::Status RequireReturned(const v1::Push& push);

}  // namespace chanyan::triage
