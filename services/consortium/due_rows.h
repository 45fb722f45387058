// What jobs have in common: rows that are due, each in a transaction of its own under the job's
// lease. One that fails is reported, tried again at the next run, and keeps no other from being
// done.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

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
  kLateObjection,
  kRecheck,
  kAskReport,
  kRemindReport,
  kLateReport,
  kEndReport,
  kLateCoordination
};
inline constexpr const char* kDueJobs[] = {
    "run_out",          "expire",         "remind",           "expire_bar", "end_notice",
    "remind_objection", "late_objection", "recheck",          "ask_report", "remind_report",
    "late_report",      "end_report",     "late_coordination"};

// Who makes the changes of a job.
journal::Origin JobOrigin(DueJob job);

// Told of each row that failed.
using DueFailed = std::function<void(DueJob, const std::string& name, const absl::Status&)>;

struct DueDeps {
  const rpc::StoreDeps& store;
  // May be null.
  const DueFailed& failed;
};

// A row's work, in its transaction; false if there was nothing to do any more.
using DueWork = absl::FunctionRef<absl::StatusOr<bool>(rpc::Change&, const std::string& name)>;

// `sql` gives names of rows, in the order in which they are done, through an index and without a
// limit: what cannot be done stands before nobody. `work` does one, which somebody may have done
// meanwhile (false). `mend` may deal with a failure: what it returns is the row's result, and by
// default that is the failure. How many were done; an error only if the lease is lost or the
// database is away.
absl::StatusOr<int> ForEachDue(
    const DueDeps& deps, const db::Lease& lease, DueJob job, absl::string_view sql,
    const db::Values& params, DueWork work,
    absl::FunctionRef<absl::Status(const std::string& name, const absl::Status& why)> mend =
        [](const std::string&, const absl::Status& why) { return why; });

// The same of these rows, for each of which `ask` asks others before its transaction, and again
// where that came upon another at the same time. If those who are asked are away, the error is
// UNAVAILABLE and the rest is left to the next run.
absl::StatusOr<int> ForEachAsked(
    const DueDeps& deps, const db::Lease& lease, DueJob job, const std::vector<std::string>& names,
    absl::FunctionRef<absl::Status(const std::string& name)> ask, DueWork work,
    absl::FunctionRef<absl::Status(const std::string& name, const absl::Status& why)> mend =
        [](const std::string&, const absl::Status& why) { return why; });

}  // namespace chanyan::consortium
