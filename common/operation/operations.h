// Operations as they are stored (common/db/migrations/0002_operation.sql).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/operation/v1/operation.pb.h"
#include "common/auth/principal.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/operation/kind.h"
#include "common/operation/progress.h"
#include "common/rpc/mutate.h"
#include "google/protobuf/message.h"

namespace chanyan::operation {

using OperationTable = db::Table<v1::Operation>;

// services/{service}.
std::string ParentOf(absl::string_view service);
// Of the lease whose holder works on it.
std::string LeaseOf(absl::string_view operation);

// What a run needs.
struct Input {
  std::unique_ptr<google::protobuf::Message> request;
  auth::Principal principal;
  // Of the call that began it.
  std::string traceparent;
  std::string tracestate;
};

// Writes a new operation in the transaction of the RPC that begins it. ALREADY_EXISTS if the same
// is under way for the same organization.
absl::StatusOr<v1::Operation> Insert(rpc::Change& change, const OperationTable& table,
                                     const std::string& service, const Kind& kind,
                                     const rpc::Call& call,
                                     const google::protobuf::Message& request);

absl::StatusOr<Input> LoadInput(db::Session& session, const v1::Operation& operation,
                                const Kind& kind);

// Names of operations that nobody works on, the oldest first.
absl::StatusOr<std::vector<std::string>> Waiting(db::Session& session, absl::Span<const Kind> kinds,
                                                 absl::Time now, int most);

// PENDING or RUNNING → RUNNING, once more taken up. Under the lease.
absl::StatusOr<v1::Operation> TakeUp(db::Session& session, const OperationTable& table,
                                     absl::Time now, absl::string_view name);
// One time less: it was put down again, and nothing went wrong.
absl::Status PutDown(db::Session& session, absl::string_view name);
// → `ended.state()`, with its error and result. Under the lease; nothing happens if it has ended.
absl::Status End(rpc::Change& change, const OperationTable& table, const v1::Operation& ended);

// Moves on what is done, with its effect.
absl::Status AddDone(db::Session& session, absl::Time now, absl::string_view name, int64_t units);
// Units in all: `left` besides those that are done.
absl::Status SetLeft(db::Session& session, absl::Time now, absl::string_view name, int64_t left);
absl::StatusOr<bool> CancelRequested(db::Session& session, absl::string_view name);

absl::Status WritePace(db::Session& session, absl::string_view name, const Pace& pace);
absl::StatusOr<Pace> ReadPace(db::Session& session, absl::string_view name);

// Removes what ended before `before`, and what is left of leases; how many operations.
absl::StatusOr<int64_t> Clear(db::Session& session, absl::Time before);

}  // namespace chanyan::operation
