// The second of two people who edit the same thing is told what the first one changed: as it is
// refused, or as it happens.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/journal/v1/changes.pb.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/db/database.h"
#include "common/rpc/call.h"
#include "google/protobuf/message.h"

namespace chanyan::rpc {

// Changes of a resource that are looked through for the caller's version.
inline constexpr int kMaxChangesLooked = 50;
// Fields of the detail, and characters of a value in it.
inline constexpr size_t kMaxChangedFields = 40;
inline constexpr size_t kMaxChangedValueChars = 200;

// ABORTED (STALE_ETAG) with journal.v1.Changes: the fields of `present` that differ from the
// version that `etag` names, with the last change of each, worked out from the journal. `present`
// is a row within the caller's write scope. Told is only what the caller could have read: nothing
// if the caller's grants did not reach the row as it was then, no personal data, no values where
// the method does not answer with the resource, and no account of another organization. Where
// nothing can be told it is the plain error.
absl::Status StaleEdit(db::Session& session, const Call& call, absl::string_view etag,
                       const google::protobuf::Message& present);

// What that detail says, for who follows a resource: `present` is a row that the caller may read.
// Nothing where nothing can be told; no values where the method's answer is more than the resource,
// for whoever follows it has them in `present`.
std::optional<journal::v1::Changes> ChangesSince(db::Session& session, const Call& call,
                                                 absl::string_view etag,
                                                 const google::protobuf::Message& present);

// The same for a handler that has both states at hand, such as a version that another one overtook:
// `fields` of them that differ, all changed by `by` (actor, organization, kind and time count). The
// caller may read both.
absl::Status StaleAgainst(const Call& call, const google::protobuf::Message& before,
                          const google::protobuf::Message& after,
                          absl::Span<const absl::string_view> fields, const journal::v1::Entry& by);

}  // namespace chanyan::rpc
