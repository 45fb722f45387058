// What jobs do with rows whose time has come: under the job's lease, a bounded number of rows in
// one transaction, each written and journalled. Two replicas cannot do it twice: the fence makes
// one of them fail, and each row says itself what was done with it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/journal/journal.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::pairing {

// Rows of one transaction.
inline constexpr int kDueRows = 200;

// Rows whose column `until` (an instant) lies ahead and near enough for a reminder that their
// column `reminded_days` does not yet tell of. `days` as in DueReminder.
inline db::Predicate ReminderDue(absl::string_view until,
                                 const google::protobuf::RepeatedField<uint32_t>& days,
                                 absl::Time now) {
  db::Predicate due = db::Predicate::Nothing();
  for (const uint32_t before : days) {
    due = db::Or(std::move(due),
                 {absl::StrCat(until, " <= ? AND (reminded_days = 0 OR reminded_days > ?)"),
                  {now + before * absl::Hours(24), int64_t{before}}});
  }
  return db::And({absl::StrCat(until, " > ?"), {now}}, due);
}

// Rows that hold `due`, in the order of `order_sql`, as `mark` changes them, journalled as `kind`.
// How many were found; as many as kDueRows: call again. FAILED_PRECONDITION if the lease is not
// ours.
template <class T>
absl::StatusOr<int> MarkDue(const rpc::StoreDeps& store, const db::Lease& lease,
                            const db::Table<T>& table, const db::Predicate& due,
                            absl::string_view order_sql, absl::string_view kind,
                            absl::FunctionRef<void(absl::Time, T&)> mark) {
  const journal::Origin origin{.method = absl::StrCat("chanyan.pairing.Jobs/", kind),
                               .actor = "services/pairing"};
  int found = 0;
  const absl::Status done = store.db.Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    const absl::Time now = store.clock.Now();
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<T> rows,
        table.Select(session, due, absl::StrCat(order_sql, " LIMIT ", kDueRows, " FOR UPDATE")));
    for (T& row : rows) {
      const T before = row;
      mark(now, row);
      if (google::protobuf::util::MessageDifferencer::Equals(before, row)) continue;
      CHANYAN_RETURN_IF_ERROR(table.Update(session, now, &row));
      CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, kind, &before, &row));
    }
    found = static_cast<int>(rows.size());
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  if (found > 0 && store.changed) store.changed();
  return found;
}

}  // namespace chanyan::pairing
