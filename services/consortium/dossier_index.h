// Which dossiers an organization is part of, by an index: JSON in the dossier's row has none, and a
// search that locks would lock every dossier there is.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "common/auth/principal.h"
#include "common/db/database.h"
#include "common/db/predicate.h"

namespace chanyan::consortium {

// Keeps the index with the row: participants and a former lead. `before` is empty for a new one.
// What should be there is written whether `before` had it or not: a program from before the index
// may have written the row.
absl::Status IndexParties(db::Session& session, const v1::Consortium& before,
                          const v1::Consortium& after);

// Brings the index to what the rows say, each dossier in a transaction of its own with its row
// locked; for the start of a program, after one from before the index may have run. How many it
// mended; one that fails keeps no other waiting, and the first failure is returned.
absl::StatusOr<int> MendIndex(db::Database& db);

// What narrows a caller's scope to dossiers that the index has for the caller's organization and
// for those that have become part of it; Everything() for who has a grant that reaches others, too.
db::Predicate IndexedOf(const auth::Principal& principal);

// Names of the dossiers that name an organization, ascending; not locked.
absl::StatusOr<std::vector<std::string>> DossiersNaming(db::Session& session,
                                                        const std::string& organization);
// Of these with an open supplement by which it would join.
absl::StatusOr<std::vector<std::string>> DossiersJoinedBy(db::Session& session,
                                                          const std::string& organization);
// ABORTED if a dossier names the organization, or a supplement would have it join. Locks the
// answer, that there is none. What was committed since the transaction's snapshot is a conflict,
// and the transaction runs again. After the dossiers: who holds one may write these rows.
absl::Status RequireNoneNaming(db::Session& session, const std::string& organization);
// CONFLICT if a dossier names the organization now that the transaction's snapshot does not show:
// to be done again (again.h). Locks and order as RequireNoneNaming.
absl::Status RequireAllSeen(db::Session& session, const std::string& organization);
// The same of open supplements by which it would join.
absl::Status RequireAllJoinedSeen(db::Session& session, const std::string& organization);
// The organization is part of the dossier no more, whatever the dossier says.
absl::Status Unindex(db::Session& session, const std::string& organization,
                     const std::string& consortium);
// Of these the ones that are open (kOpen), and those that are filed (kInForce).
absl::StatusOr<std::vector<std::string>> OpenDossiersOf(db::Session& session,
                                                        const std::string& organization);
absl::StatusOr<std::vector<std::string>> FiledDossiersOf(db::Session& session,
                                                         const std::string& organization);

}  // namespace chanyan::consortium
