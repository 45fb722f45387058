// The one way a handler changes something: the handler's own work, journal and remembered reply in
// one transaction, and for a request that was answered before that reply (ARCHITECTURE "The way of
// a request", RELIABILITY §4.1).
//
//   return rpc::Mutate<Project>(deps_, call, request, [&](rpc::Change& change) ->
//   absl::StatusOr<Project> {
//     CHANYAN_ASSIGN_OR_RETURN(Project project, projects_.GetForUpdate(change.session(), name,
//     scope)); const Project before = project;
//     ... rule, transition ...
//     CHANYAN_RETURN_IF_ERROR(projects_.Update(change.session(), change.now(), &project));
//     CHANYAN_RETURN_IF_ERROR(change.Record("sign", &before, &project));
//     return project;
//   });
#pragma once

#include <functional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/db/database.h"
#include "common/journal/journal.h"
#include "common/rpc/call.h"
#include "common/time/clock.h"
#include "google/protobuf/message.h"

namespace chanyan::rpc {

// What every mutating service has.
struct StoreDeps {
  db::Database& db;
  const time::Clock& clock;
  // Rings the doorbell after a commit; may be null.
  std::function<void()> changed;
};

// One run of a change. The closure may run again, so it must not leave traces outside.
class Change {
 public:
  Change(db::Session& session, absl::Time now, const journal::Origin& origin)
      : session_(session), now_(now), origin_(origin) {}

  db::Session& session() { return session_; }
  // One instant for the whole transaction.
  absl::Time now() const { return now_; }
  // Who makes it, for code that appends to the journal itself.
  const journal::Origin& origin() const { return origin_; }
  absl::Status Record(absl::string_view kind, const google::protobuf::Message* before,
                      const google::protobuf::Message* after) {
    return journal::Append(session_, now_, origin_, kind, before, after);
  }
  // Many at once, of one kind.
  absl::Status RecordAll(absl::string_view kind, absl::Span<const journal::Alteration> all) {
    return journal::AppendAll(session_, now_, origin_, kind, all);
  }

 private:
  db::Session& session_;
  absl::Time now_;
  const journal::Origin& origin_;
};

// Untyped core. `request` must have a field `request_id` (empty: one is made, and the reply is not
// remembered). A request id that was used with another request of the same actor and method is
// INVALID_ARGUMENT (REQUEST_ID_REUSED); with the same one, the remembered reply is returned and
// nothing of what `work` did stays. Refusals of `work` roll everything back and are not remembered.
absl::Status MutateInto(const StoreDeps& deps, const Call& call,
                        const google::protobuf::Message& request,
                        absl::FunctionRef<absl::Status(Change&)> work,
                        google::protobuf::Message* reply);

// `validate_only` is the handler's: it returns before the write. Such a request is not remembered.
template <class Reply>
absl::StatusOr<Reply> Mutate(const StoreDeps& deps, const Call& call,
                             const google::protobuf::Message& request,
                             absl::FunctionRef<absl::StatusOr<Reply>(Change&)> work) {
  Reply reply;
  absl::Status status = MutateInto(
      deps, call, request,
      [&](Change& change) -> absl::Status {
        absl::StatusOr<Reply> result = work(change);
        if (!result.ok()) return result.status();
        reply = *std::move(result);
        return absl::OkStatus();
      },
      &reply);
  if (!status.ok()) return status;
  return reply;
}

// One of several changes that came at the same time.
struct Mutation {
  const Call& call;
  const google::protobuf::Message& request;
  std::function<absl::Status(Change&)> work;
  google::protobuf::Message* reply;
  // Set by MutateTogether: how it ended, or that nothing of it happened and it must be done by
  // itself.
  absl::Status status;
  bool alone = false;
};

// As MutateInto for each, with as few transactions as they fit (db::TransactTogether). What asks
// the database anything, is refused or shared a transaction with what was refused is left `alone`.
void MutateTogether(const StoreDeps& deps, absl::Span<Mutation> all);

}  // namespace chanyan::rpc
