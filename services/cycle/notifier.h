// Tells people what is due (CYC-9). Reminders of cycles and digests are the work of a job under a
// lease; what other services find due comes from their journals. What has been done meanwhile is
// settled: of a cycle, whatever is not to be done any more.
// Everything has a name that follows from what it is about and whom it is for, and is written in
// the transaction that moves the lease or the journal's cursor: exactly once, whatever crashes,
// however many replicas look, and whichever way the clock steps.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "services/cycle/cycle_deps.h"
#include "services/cycle/reminder_rules.h"

namespace chanyan::cycle {

// Entries of journals that are older are taken note of and told to nobody: what a service that
// stood still for long, or follows a journal for the first time, has to say is no news.
inline constexpr absl::Duration kOldNews = absl::Hours(72);
// People whose digests are made in one transaction.
inline constexpr int kDigestBatch = 100;

class Notifier {
 public:
  explicit Notifier(CycleDeps deps) : deps_(std::move(deps)) {}

  // In the live cycles what is done is settled and what is due is told; then digests of the day.
  // Rehearsals remind nobody.
  absl::Status Run(const db::Lease& lease);

  // What entries of another service's journal say is due, or done, in their order. Whom they
  // concern is read once.
  absl::Status FollowPeer(db::Session& session, absl::Time now,
                          absl::Span<const journal::v1::Entry* const> entries);

 private:
  absl::Status SettleDone(const db::Lease& lease, const v1::Cycle& cycle);
  absl::Status Remind(const db::Lease& lease, const v1::Cycle& cycle);
  absl::Status RemindOfParts(const db::Lease& lease, const v1::Cycle& cycle,
                             const std::set<std::string>& fired,
                             std::vector<UnplannedStep>* unplanned);
  // Names of units by organization.
  using UnitTitles = std::map<std::string, std::string>;
  // What of `reminder` is still to be done: who is told of it, and in it how many owe it. Nothing
  // if its deadline has been moved since it was looked at: what is right now is seen in the next
  // look.
  using Say = absl::FunctionRef<absl::StatusOr<std::optional<std::vector<v1::Notification>>>(
      db::Session&, const v1::Cycle&, absl::Time now, v1::Reminder& reminder)>;
  absl::Status Fire(const db::Lease& lease, const std::string& cycle, const v1::Reminder& due,
                    Say say);
  absl::Status MakeDigests(const db::Lease& lease);
  // Digests of one batch of people; how many.
  absl::StatusOr<int> DigestBatch(const db::Lease& lease, absl::CivilDay day);
  void Changed() const;

  const CycleDeps deps_;
  const db::Table<v1::Cycle> cycles_;
  const db::Table<v1::Reminder> reminders_;
  const db::Table<v1::Notification> notifications_;
  const db::Table<v1::Digest> digests_;
};

}  // namespace chanyan::cycle
