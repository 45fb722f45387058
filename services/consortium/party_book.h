// What consortium keeps of organizations: one row each, as new as the registry's journal or as the
// answer that a handler got, whichever is the later (CON-2).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/party.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "services/consortium/dossier_rules.h"

namespace chanyan::consortium {

v1::Party PartyOf(const registry::v1::Organization& organization);

// Thread-safe.
class PartyBook {
 public:
  // Before a transaction: those of `names` that are not known yet, from the registry. INVALID_FIELD
  // of `field` with all that it does not have or that do not go on.
  absl::StatusOr<std::vector<registry::v1::Organization>> Ask(db::Database& db, rpc::Peers& peers,
                                                              const rpc::Call& call,
                                                              const std::vector<std::string>& names,
                                                              absl::string_view field) const;
  // Keeps what is news; older than what is known changes nothing. Returns whether it was news.
  absl::StatusOr<bool> Know(rpc::Change& change,
                            const registry::v1::Organization& organization) const;
  absl::StatusOr<Parties> Of(db::Session& session, const std::vector<std::string>& names) const;

 private:
  const db::Table<v1::Party> parties_;
};

}  // namespace chanyan::consortium
