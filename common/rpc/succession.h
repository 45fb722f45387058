// What changes hands when an organization becomes part of another (REG-1), derived from the
// descriptors, and who is part of whom as a service knows it from the registry's journal.
//
// A service that refers to organizations keeps a table
//
//   organization_succession
//     (organization PRIMARY KEY, successor, successor_title, successor_unit, noted_time)
//
// in which every successor is one that goes on: of A → B → C both A and B have C. The follower
// notes a merger and hands over what is the merged one's in one transaction; whoever writes a
// reference asks in his own (SuccessorOf), so that of a merger and a new reference at once the
// second sees the first and nothing is left behind with an organization that is no more.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/predicate.h"
#include "common/rpc/mutate.h"
#include "common/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::rpc {

// A field that says whose a row is.
struct OwnerField {
  const google::protobuf::Descriptor* resource;
  const google::protobuf::FieldDescriptor* field;
};

// Fields of `package`'s stored resources ("chanyan.pairing.v1") by which a grant lets somebody
// change rows of his own, by message and field. What one's own may only be read stays with the name
// of its time: a successor reads it all the same (auth::Principal::predecessors).
std::vector<OwnerField> OwnerFields(absl::string_view package);

// Rows whose field is `from` and that hold `where` become `to`'s, many in few statements: each is
// locked, changed, written and journalled as `kind`. `edit` may change more of a row; it may be
// null. Returns how many.
absl::StatusOr<int> HandOver(Change& change, absl::string_view kind, const OwnerField& owned,
                             absl::string_view from, absl::string_view to,
                             const db::Predicate& where = db::Predicate::Everything(),
                             const std::function<void(google::protobuf::Message&)>& edit = nullptr);

// An `edit` of HandOver: the title that stands beside the field (`unit` → `unit_title`), where
// there is one, becomes `title`.
std::function<void(google::protobuf::Message&)> Retitled(const OwnerField& owned,
                                                         absl::string_view title);

// Who goes on, as the registry had it last.
struct Successor {
  // Empty = nobody: the organization goes on itself.
  std::string organization;
  std::string title;
  // Its responsible unit, if it has one.
  std::string unit;
};

// Notes that `organization` is part of `successor`, and so is what was part of it. False if that is
// known; name and unit are those of now in any case.
absl::StatusOr<bool> NoteSuccession(db::Session& session, absl::Time now,
                                    absl::string_view organization, const Successor& successor);

// Who goes on for `organization`. Locks the answer, also that there is nobody, until the
// transaction ends: a merger that is noted meanwhile waits.
absl::StatusOr<Successor> SuccessorOf(db::Session& session, absl::string_view organization);
// The same for many, in few statements: those of `organizations` that somebody goes on for. Empty
// names are nobody.
absl::StatusOr<absl::flat_hash_map<std::string, Successor>> SuccessorsOf(
    db::Session& session, std::vector<std::string> organizations);

// ABORTED if one of `organizations` (empty ones are nobody) has become part of another since the
// caller asked the registry; repeated, the call asks anew. Locks as SuccessorOf.
absl::Status RefuseSucceeded(db::Session& session, std::vector<std::string> organizations);

// Who is part of an organization, for auth::Principal::predecessors. Thread-safe. What is asked of
// the database is kept for kPredecessorsLife, so that a merger is seen by then at the latest.
inline constexpr absl::Duration kPredecessorsLife = absl::Seconds(10);
class Predecessors {
 public:
  // `sql` has one `?`, the organization, and answers one name a row; it and `db` outlive this.
  Predecessors(db::Database& db, const time::Clock& clock, absl::string_view sql)
      : db_(db), clock_(clock), sql_(sql) {}

  // Nobody while the database does not answer: then less is seen, never more.
  std::vector<std::string> Of(absl::string_view organization);

 private:
  struct Known {
    std::vector<std::string> names;
    absl::Time until;
  };

  db::Database& db_;
  const time::Clock& clock_;
  const absl::string_view sql_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Known> known_ ABSL_GUARDED_BY(mutex_);
};

// For services with the table above.
inline constexpr char kPredecessorsSql[] =
    "SELECT organization FROM organization_succession WHERE successor = ? ORDER BY organization";

}  // namespace chanyan::rpc
