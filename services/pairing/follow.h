// How rows of pairing follow the registry.
#pragma once

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/db/table.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::pairing {

// What else a row that followed takes along.
template <class T>
using Followed =
    absl::FunctionRef<absl::Status(const journal::Origin&, const T& before, const T& after)>;

// Who changes what follows an entry of the registry's journal.
inline journal::Origin FollowOrigin(const journal::v1::Entry& entry) {
  return {.method = "chanyan.pairing.FollowRegistry",
          .actor = "services/pairing",
          .request_id = entry.request_id(),
          .trace_id = entry.trace_id()};
}

// Changes `rows` of the table as `follow` says, each that becomes another journalled as `followed`;
// `followed` is called after each.
template <class T>
absl::Status FollowInto(
    db::Session& session, absl::Time now, const journal::v1::Entry& entry,
    const db::Table<T>& table, const db::Predicate& rows, absl::FunctionRef<void(T&)> follow,
    Followed<T> followed = [](const journal::Origin&, const T&, const T&) {
      return absl::OkStatus();
    }) {
  const journal::Origin origin = FollowOrigin(entry);
  CHANYAN_ASSIGN_OR_RETURN(std::vector<T> found, table.Select(session, rows, "name FOR UPDATE"));
  for (T& row : found) {
    const T before = row;
    follow(row);
    if (google::protobuf::util::MessageDifferencer::Equals(before, row)) continue;
    CHANYAN_RETURN_IF_ERROR(table.Update(session, now, &row));
    CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, "followed", &before, &row));
    CHANYAN_RETURN_IF_ERROR(followed(origin, before, row));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
