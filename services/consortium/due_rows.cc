#include "services/consortium/due_rows.h"

#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/consortium/again.h"

namespace chanyan::consortium {

journal::Origin JobOrigin(DueJob job) {
  return {.method = absl::StrCat("chanyan.consortium.Jobs/", kDueJobs[static_cast<size_t>(job)]),
          .actor = "services/consortium"};
}

absl::StatusOr<int> ForEachDue(
    const DueDeps& deps, const db::Lease& lease, DueJob job, absl::string_view sql,
    const db::Values& params, DueWork work,
    absl::FunctionRef<absl::Status(const std::string& name, const absl::Status& why)> mend) {
  std::vector<std::string> due;
  CHANYAN_RETURN_IF_ERROR(deps.store.db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, params));
    due.clear();
    for (const db::Values& row : rows.rows) due.push_back(std::get<std::string>(row.at(0)));
    return absl::OkStatus();
  }));
  return ForEachAsked(
      deps, lease, job, due, [](const std::string&) { return absl::OkStatus(); }, work, mend);
}

absl::StatusOr<int> ForEachAsked(
    const DueDeps& deps, const db::Lease& lease, DueJob job, const std::vector<std::string>& names,
    absl::FunctionRef<absl::Status(const std::string& name)> ask, DueWork work,
    absl::FunctionRef<absl::Status(const std::string& name, const absl::Status& why)> mend) {
  const journal::Origin origin = JobOrigin(job);
  int done = 0;
  absl::Status stopped = absl::OkStatus();
  for (const std::string& name : names) {
    // Whose it is the fence says; a run that took long stops by itself.
    if (&name != &names.front() && !lease.Held()) break;
    bool here = false;
    // Only a transaction finds out that the lease is another's.
    bool ours = true;
    const auto attempt = [&](db::Session& session) -> absl::Status {
      here = false;
      ours = false;
      CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
      ours = true;
      rpc::Change change(session, deps.store.clock.Now(), origin);
      CHANYAN_ASSIGN_OR_RETURN(here, work(change, name));
      return absl::OkStatus();
    };
    const absl::Status one = AgainOnConflict([&]() -> absl::Status {
      ours = true;
      CHANYAN_RETURN_IF_ERROR(ask(name));
      ours = false;
      return deps.store.db.Transact(attempt);
    });
    if (one.ok()) {
      done += here ? 1 : 0;
      continue;
    }
    if (!ours || absl::IsUnavailable(one)) {
      stopped = one;
      break;
    }
    const absl::Status mended = mend(name, one);
    if (!mended.ok() && deps.failed) deps.failed(job, name, mended);
  }
  if (done > 0 && deps.store.changed) deps.store.changed();
  if (!stopped.ok()) return stopped;
  return done;
}

}  // namespace chanyan::consortium
