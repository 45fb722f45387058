// What the services of a project's records are made of, and the handlers that are the same in each.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "google/api/httpbody.pb.h"
#include "services/pairing/parties.h"
#include "services/pairing/record_rows.h"

namespace chanyan::pairing {

struct RecordDeps {
  rpc::StoreDeps store;
  const policy::Pack& pack;
  rpc::Peers& peers;
};

// A page of `table`'s rows that the caller may see and that hold `where`.
template <class T, class Request>
absl::StatusOr<db::Page<T>> PageWhere(db::Database& db, const rpc::Call& call,
                                      const db::Table<T>& table, const Request& request,
                                      const db::Predicate& where, absl::string_view order_by) {
  db::ListQuery query;
  query.filter = request.filter();
  query.order_by = std::string(order_by);
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.scope = db::And(auth::Readable<T>(call.principal), where);
  db::Page<T> page;
  CHANYAN_RETURN_IF_ERROR(db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(page, table.List(session, query));
    return absl::OkStatus();
  }));
  return page;
}

// The rows that the caller may see and that hold `where` and `filter`, as one sheet of Row (RowOf)
// in `order`.
template <class Row, class T>
absl::StatusOr<google::api::HttpBody> ExportWhere(const rpc::StoreDeps& store,
                                                  const rpc::Call& call, const db::Table<T>& table,
                                                  const db::Predicate& where,
                                                  absl::string_view filter, absl::string_view order,
                                                  const std::string& title) {
  std::vector<T> rows;
  CHANYAN_RETURN_IF_ERROR(store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted, table.core().Where(filter));
    wanted = db::And(std::move(wanted), where);
    CHANYAN_ASSIGN_OR_RETURN(
        rows, table.Select(session, db::And(auth::Readable<T>(call.principal), wanted), order));
    return absl::OkStatus();
  }));
  std::vector<Row> shown;
  shown.reserve(rows.size());
  for (const T& row : rows) shown.push_back(RowOf(row));
  return rpc::ExportSheet<Row>(title, store.clock.Now(), shown);
}

// The rows below `parent`, in the order of their names.
template <class Row, class T>
absl::StatusOr<google::api::HttpBody> ExportRecords(
    const rpc::StoreDeps& store, const rpc::Call& call, const db::Table<T>& table,
    absl::string_view parent, absl::string_view filter, const std::string& title) {
  return ExportWhere<Row>(store, call, table, Below(parent), filter, "name", title);
}

// Violations of a message's own fields, as those of the request's field that holds it.
inline absl::Status Refuse(std::vector<status::Violation> violations, absl::string_view within) {
  if (violations.empty()) return absl::OkStatus();
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat(within, ".", violation.field);
  }
  return status::InvalidFields(std::move(violations));
}

}  // namespace chanyan::pairing
