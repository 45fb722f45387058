#include "common/rpc/leased_job.h"

#include <utility>

#include "common/status/status.h"

namespace chanyan::rpc {

LeasedJob::LeasedJob(Options options, db::Database& database, log::Logger logger,
                     std::function<absl::Status(const db::Lease&)> work)
    : work_(std::move(work)),
      lease_(database, options.name, db::NewLeaseOwner(), options.lease),
      periodic_(options.name, options.period, logger, [this] { return Tick(); }) {}

void LeasedJob::Stop() {
  periodic_.Stop();
  if (lease_.token() > 0) (void)lease_.Release();
}

absl::Status LeasedJob::Tick() {
  const absl::Status taken = lease_.Acquire();
  if (absl::IsFailedPrecondition(taken)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(taken);
  return work_(lease_);
}

}  // namespace chanyan::rpc
