// What jobs have in common: rows that are due, each in a transaction of its own under the job's
// lease. One that fails is reported, tried again at the next run, and keeps no other from being
// done.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/lease.h"
#include "common/rpc/mutate.h"

namespace chanyan::consortium {

// In the order of kDueJobs.
enum class DueJob : size_t {
  kRunOut,
  kExpire,
  kRemind,
  kExpireBar,
  kEndNotice,
  kRemindObjection,
  kLateObjection
};
inline constexpr const char* kDueJobs[] = {"run_out",       "expire",     "remind",
                                           "expire_bar",    "end_notice", "remind_objection",
                                           "late_objection"};

// Who makes the changes of a job.
journal::Origin JobOrigin(DueJob job);

// Told of each row that failed.
using DueFailed = std::function<void(DueJob, const std::string& name, const absl::Status&)>;

struct DueDeps {
  const rpc::StoreDeps& store;
  // May be null.
  const DueFailed& failed;
};

// `sql` gives names of rows, in the order in which they are done, through an index and without a
// limit: what cannot be done stands before nobody. `work` does one, which somebody may have done
// meanwhile (false). `mend` may deal with a failure: what it returns is the row's result, and by
// default that is the failure. How many were done; an error only if the lease is lost or the
// database is away.
absl::StatusOr<int> ForEachDue(
    const DueDeps& deps, const db::Lease& lease, DueJob job, absl::string_view sql,
    const db::Values& params,
    absl::FunctionRef<absl::StatusOr<bool>(rpc::Change&, const std::string& name)> work,
    absl::FunctionRef<absl::Status(const std::string& name, const absl::Status& why)> mend =
        [](const std::string&, const absl::Status& why) { return why; });

}  // namespace chanyan::consortium
