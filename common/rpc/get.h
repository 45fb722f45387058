// The standard Get: one resource by its name, within the rows that the caller's roles reach. Calls
// that meet are answered by one query, so that a busy service asks its database less, not more.
//
//   rpc::Get<v1::GetPlatformRequest>("GetPlatform", deps_.store.db, platforms_,
//                                    [this](const rpc::Call& call, v1::Platform row) {…}),
//
// Every answer is as fresh as a query of its own would make it: the query begins after the call
// came.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/auth/scope.h"
#include "common/db/table.h"
#include "common/rpc/method.h"
#include "common/status/status.h"

namespace chanyan::rpc {

// Rows by their names, whoever may see them.
template <class T>
absl::StatusOr<absl::flat_hash_map<std::string, T>> RowsOf(db::Database& db, absl::Time deadline,
                                                           const db::Table<T>& table,
                                                           const std::vector<std::string>& names) {
  absl::flat_hash_map<std::string, T> rows;
  CHANYAN_RETURN_IF_ERROR(db.Read(deadline, [&](db::Session& session) -> absl::Status {
    rows.clear();
    CHANYAN_ASSIGN_OR_RETURN(std::vector<T> found, table.GetAll(session, names));
    for (T& row : found) {
      std::string name = row.name();
      rows.emplace(std::move(name), std::move(row));
    }
    return absl::OkStatus();
  }));
  return rows;
}

// `see` makes what the caller sees of a row; it asks nobody.
template <class Request, class T, class See>
UnaryMethod Get(absl::string_view name, db::Database& db, const db::Table<T>& table, See see) {
  const auto name_of = [](const Asked& asked) -> const std::string& {
    return static_cast<const Request&>(asked.request).name();
  };
  const auto answer_one = [see](const T& row, Asked& asked) {
    if (!auth::Reaches(asked.call.principal, row, options::v1::ACCESS_READ)) {
      return status::NotFound(row.name());
    }
    return SendReply<T>(asked.call, see(asked.call, row), asked.reply);
  };
  const auto together = [&db, &table, name_of, answer_one](absl::Span<Asked> all) {
    std::vector<std::string> names;
    absl::Time deadline = absl::InfinitePast();
    for (const Asked& asked : all) {
      names.push_back(name_of(asked));
      deadline = std::max(deadline, asked.call.deadline);
    }
    const auto rows = RowsOf(db, deadline, table, names);
    for (Asked& asked : all) {
      if (!rows.ok()) {
        asked.status = rows.status();
        continue;
      }
      const auto found = rows->find(name_of(asked));
      asked.status = found == rows->end() ? status::NotFound(name_of(asked))
                                          : answer_one(found->second, asked);
    }
  };
  UnaryMethod method;
  method.name = std::string(name);
  method.request_prototype = &Request::default_instance();
  method.reply_type = T::descriptor();
  method.answer_together = together;
  method.answer = [together](const Call& call, const google::protobuf::Message& request,
                             grpc::ByteBuffer* reply) {
    Asked asked{call, request, reply, absl::OkStatus()};
    together(absl::MakeSpan(&asked, 1));
    return asked.status;
  };
  return method;
}

// The caller sees the row as it is stored.
template <class Request, class T>
UnaryMethod Get(absl::string_view name, db::Database& db, const db::Table<T>& table) {
  return Get<Request>(name, db, table, [](const Call&, const T& row) { return row; });
}

}  // namespace chanyan::rpc
