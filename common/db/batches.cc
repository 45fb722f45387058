#include "common/db/batches.h"

#include "common/status/status.h"

namespace chanyan::db {

absl::StatusOr<int64_t> DeleteInBatches(Database& database, const Lease& lease, const OldRows& old,
                                        int* batches) {
  Values params = old.params;
  params.push_back(kDeleteBatch);
  int64_t deleted = 0;
  for (int64_t gone = kDeleteBatch; gone == kDeleteBatch && *batches > 0 && lease.Held();
       --*batches) {
    CHANYAN_RETURN_IF_ERROR(database.Transact([&](Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
      CHANYAN_ASSIGN_OR_RETURN(gone, session.Execute(old.sql, params));
      return absl::OkStatus();
    }));
    deleted += gone;
  }
  return deleted;
}

}  // namespace chanyan::db
