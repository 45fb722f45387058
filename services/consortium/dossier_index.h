// Which dossiers an organization is part of, by an index: JSON in the dossier's row has none, and a
// search that locks would lock every dossier there is.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "common/db/database.h"

namespace chanyan::consortium {

// Keeps the index with the row: participants and a former lead. `before` is empty for a new one.
absl::Status IndexParties(db::Session& session, const v1::Consortium& before,
                          const v1::Consortium& after);

// Names of the dossiers that name an organization, ascending; not locked.
absl::StatusOr<std::vector<std::string>> DossiersNaming(db::Session& session,
                                                        const std::string& organization);
// Of these the ones that are open (kOpen), and those that are filed (kInForce).
absl::StatusOr<std::vector<std::string>> OpenDossiersOf(db::Session& session,
                                                        const std::string& organization);
absl::StatusOr<std::vector<std::string>> FiledDossiersOf(db::Session& session,
                                                         const std::string& organization);

}  // namespace chanyan::consortium
