#include "services/pairing/jobs.h"

#include "absl/functional/function_ref.h"
#include "common/status/status.h"
#include "services/pairing/due_rows.h"

namespace chanyan::pairing {
namespace {

// Transactions of one kind in one look; what is left is the next one's.
constexpr int kMostTransactions = 100;

absl::Status WorkOff(absl::FunctionRef<absl::StatusOr<int>()> once) {
  for (int i = 0; i < kMostTransactions; ++i) {
    CHANYAN_ASSIGN_OR_RETURN(const int done, once());
    if (done < kDueRows) break;
  }
  return absl::OkStatus();
}

}  // namespace

Jobs::Jobs(Deps deps)
    : deps_(deps), lease_(deps_.db, "pairing-jobs", db::NewLeaseOwner(), kJobLease) {}

absl::Status Jobs::Run() {
  const absl::Status taken = lease_.Acquire();
  if (absl::IsFailedPrecondition(taken)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(taken);
  absl::Status first;
  // One that fails keeps no other waiting.
  const auto work = [&](absl::FunctionRef<absl::StatusOr<int>()> once) {
    first.Update(WorkOff(once));
  };
  work([&] { return deps_.pairing.ExpireIntents(lease_); });
  work([&] { return deps_.pairing.RemindIntents(lease_); });
  work([&] { return deps_.pairing.RemindAgreements(lease_); });
  work([&] { return deps_.cooperation.ExpireAgreements(lease_); });
  work([&] { return deps_.cooperation.RemindAgreements(lease_); });
  work([&] { return deps_.cooperation.NoteOverdue(lease_); });
  work([&] { return deps_.cooperation.RemindFollowUps(lease_); });
  first.Update(deps_.coverage.AlignOutreaches(lease_));
  // Last: what a registry that hangs keeps waiting is this alone.
  if (!aligned_) {
    const absl::Status aligned = deps_.pairing.AlignIntents(lease_);
    first.Update(aligned);
    aligned_ = aligned.ok();
  }
  return first;
}

void Jobs::Release() { (void)lease_.Release(); }

}  // namespace chanyan::pairing
