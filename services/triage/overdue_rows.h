// What has run past its term, or is near it, goes on record, once for each term, so that people are
// told of it (TRI-4, TRI-10): under the job's lease, one row a transaction, and that row locked
// alone.
#pragma once

#include <string>
#include <utility>
#include <variant>
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

namespace chanyan::triage {

// Rows that one question finds at most.
inline constexpr int kOverduePage = 200;

// Journals as `kind` each row that `due` finds and that `note` changes; `note` looks at the row as
// it is now and answers whether it did. How many were noted.
template <class T>
absl::StatusOr<int> NoteOverdueRows(const rpc::StoreDeps& store, const db::Lease& lease,
                                    const db::Table<T>& table, const db::Predicate& due,
                                    absl::FunctionRef<bool(absl::Time, T&)> note,
                                    absl::string_view kind = "overdue") {
  const journal::Origin origin{.method = "chanyan.triage.Jobs/overdue", .actor = "services/triage"};
  const std::string sql = absl::StrCat("SELECT name FROM ", table.core().table(), " WHERE ",
                                       due.sql, " LIMIT ", kOverduePage);
  int noted = 0;
  bool more = true;
  while (more && lease.Held()) {
    std::vector<std::string> names;
    CHANYAN_RETURN_IF_ERROR(store.db.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, due.params));
      names.clear();
      for (const db::Values& row : rows.rows) names.push_back(std::get<std::string>(row[0]));
      return absl::OkStatus();
    }));
    const int noted_before = noted;
    for (const std::string& name : names) {
      bool changed = false;
      CHANYAN_RETURN_IF_ERROR(store.db.Transact([&](db::Session& session) -> absl::Status {
        changed = false;
        CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
        const absl::Time now = store.clock.Now();
        CHANYAN_ASSIGN_OR_RETURN(T row, table.GetForUpdate(session, name));
        const T before = row;
        // Done, or given another term, since it was looked for.
        if (!note(now, row)) return absl::OkStatus();
        CHANYAN_RETURN_IF_ERROR(table.Update(session, now, &row));
        changed = true;
        return journal::Append(session, now, origin, kind, &before, &row);
      }));
      if (changed) ++noted;
    }
    more = static_cast<int>(names.size()) == kOverduePage && noted > noted_before;
  }
  if (noted > 0 && store.changed) store.changed();
  return noted;
}

}  // namespace chanyan::triage
