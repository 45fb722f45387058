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

// What a Get does for calls that met. A row that cannot be read is its own caller's fault alone.
template <class Request, class T, class See>
void AnswerGets(db::Database& db, const db::Table<T>& table, const See& see,
                absl::Span<Asked> all) {
  const auto name_of = [](const Asked& asked) -> const std::string& {
    return static_cast<const Request&>(asked.request).name();
  };
  std::vector<std::string> names;
  absl::Time deadline = absl::InfinitePast();
  for (const Asked& asked : all) {
    names.push_back(name_of(asked));
    deadline = std::max(deadline, asked.call.deadline);
  }
  const auto rows = RowsOf(db, deadline, table, names);
  const bool of_one_row =
      !rows.ok() && !absl::IsUnavailable(rows.status()) && !absl::IsDeadlineExceeded(rows.status());
  if (of_one_row && all.size() > 1) {
    for (size_t i = 0; i < all.size(); ++i) {
      AnswerGets<Request>(db, table, see, all.subspan(i, 1));
    }
    return;
  }
  for (Asked& asked : all) {
    if (!rows.ok()) {
      asked.status = rows.status();
      continue;
    }
    const auto found = rows->find(name_of(asked));
    if (found == rows->end() ||
        !auth::Reaches(asked.call.principal, found->second, options::v1::ACCESS_READ)) {
      asked.status = status::NotFound(name_of(asked));
      continue;
    }
    asked.status = SendReply<T>(asked.call, see(asked.call, found->second), asked.reply);
  }
}

// `see` makes what the caller sees of a row; it asks nobody.
template <class Request, class T, class See>
UnaryMethod Get(absl::string_view name, db::Database& db, const db::Table<T>& table, See see) {
  UnaryMethod method;
  method.name = std::string(name);
  method.request_prototype = &Request::default_instance();
  method.reply_type = T::descriptor();
  method.answer_together = [&db, &table, see](absl::Span<Asked> all) {
    AnswerGets<Request>(db, table, see, all);
  };
  method.answer = [&db, &table, see](const Call& call, const google::protobuf::Message& request,
                                     grpc::ByteBuffer* reply) {
    Asked asked{call, request, reply, absl::OkStatus()};
    AnswerGets<Request>(db, table, see, absl::MakeSpan(&asked, 1));
    return asked.status;
  };
  return method;
}

}  // namespace chanyan::rpc
