#include "services/pairing/project_records.h"

#include <vector>

#include "common/db/predicate.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/agreement_book.h"
#include "services/pairing/alarms.h"
#include "services/pairing/contact_life.h"
#include "services/pairing/parties.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

template <class Record>
absl::Status FollowAll(db::Session& session, absl::Time now, const journal::Origin& origin,
                       const v1::Project& project, const db::Table<Record>& table) {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<Record> rows,
                           table.Select(session, OfProject(project.name()), db::kByNameLocked));
  for (Record& row : rows) {
    const Record before = row;
    CopyParties(project, &row);
    if (google::protobuf::util::MessageDifferencer::Equals(before, row)) continue;
    CHANYAN_RETURN_IF_ERROR(table.Update(session, now, &row));
    CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, "followed", &before, &row));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ProjectRecords::EndApproaches(db::Session& session, absl::Time now,
                                           const journal::Origin& origin,
                                           const v1::Project& project) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Contact> waiting,
      contacts_.Select(session, db::And(OfProject(project.name()), {"state = 'AWAITING'", {}}),
                       db::kByNameLocked));
  for (v1::Contact& contact : waiting) {
    const v1::Contact before = contact;
    CHANYAN_ASSIGN_OR_RETURN(const v1::ContactState next,
                             policy::Next(ContactLife(), contact.state(), "end"));
    contact.set_state(next);
    CHANYAN_RETURN_IF_ERROR(contacts_.Update(session, now, &contact));
    CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, "end", &before, &contact));
    CHANYAN_RETURN_IF_ERROR(ClearAlarms(session, contact.name()));
  }
  return absl::OkStatus();
}

absl::Status ProjectRecords::Follow(db::Session& session, absl::Time now,
                                    const journal::Origin& origin, const v1::Project& before,
                                    const v1::Project& after) const {
  if (!SameParties(before, after)) {
    CHANYAN_RETURN_IF_ERROR(FollowAll(session, now, origin, after, contacts_));
    CHANYAN_RETURN_IF_ERROR(FollowAll(session, now, origin, after, agreements_));
    CHANYAN_RETURN_IF_ERROR(FollowAll(session, now, origin, after, versions_));
    CHANYAN_RETURN_IF_ERROR(FollowAll(session, now, origin, after, problems_));
    CHANYAN_RETURN_IF_ERROR(FollowAll(session, now, origin, after, outcomes_));
    CHANYAN_RETURN_IF_ERROR(FollowAll(session, now, origin, after, files_));
  }
  if (after.state() == v1::PROJECT_STATE_TERMINATED && before.state() != after.state()) {
    CHANYAN_RETURN_IF_ERROR(
        EndEarlierReminders(session, now, origin, after.name(), kAllAgreements, "ended"));
  }
  if (HasEnded(after.state()) && !HasEnded(before.state())) {
    return EndApproaches(session, now, origin, after);
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
