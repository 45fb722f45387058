// Lists of which a caller sees less than the grants reach: an expert the own rows, a party the
// dossiers that the index has for it. rpc::FetchPage has no place for such a condition: what it
// lists is what the grants say.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/scope.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "common/rpc/call.h"

namespace chanyan::consortium {

// A page of what the caller may see and `within` lets through. `request` has filter, order_by,
// page_size and page_token; errors as rpc::FetchPage.
template <class T, class Request>
absl::StatusOr<db::Page<T>> FetchPageWithin(db::Database& database, const rpc::Call& call,
                                            const db::Table<T>& table, const Request& request,
                                            absl::string_view parent, db::Predicate within) {
  const db::ListQuery query = {
      .parent = std::string(parent),
      .filter = request.filter(),
      .order_by = request.order_by(),
      .page_size = request.page_size(),
      .page_token = request.page_token(),
      .scope = db::And(auth::Readable<T>(call.principal), std::move(within))};
  db::Page<T> page;
  CHANYAN_RETURN_IF_ERROR(database.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(page, table.List(session, query));
    return absl::OkStatus();
  }));
  return page;
}

}  // namespace chanyan::consortium
