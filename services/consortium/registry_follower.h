// What consortium keeps of organizations follows the registry's journal: names and facts, by which
// open dossiers are judged anew (CON-2), and what a merger does (REG-1).
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/database.h"
#include "common/rpc/mutate.h"
#include "services/consortium/bar_book.h"
#include "services/consortium/consortium_book.h"

namespace chanyan::consortium {

// Thread-safe.
class RegistryFollower {
 public:
  explicit RegistryFollower(const ConsortiumBook& book) : book_(book), bars_(book) {}

  // The effect of one entry, in the transaction that moves the cursor.
  absl::Status Follow(db::Session& session, absl::Time now, const journal::v1::Entry& entry) const;

 private:
  absl::Status TakeOver(rpc::Change& change, const std::string& from,
                        const registry::v1::Organization& survivor) const;
  absl::Status TakeOverDossiers(rpc::Change& change, const std::string& from,
                                const registry::v1::Organization& survivor) const;
  // Names of those in force; open ones are settled by being judged.
  absl::Status Rename(rpc::Change& change, const registry::v1::Organization& organization) const;

  const ConsortiumBook& book_;
  const BarBook bars_;
  const MembershipBook memberships_;
};

}  // namespace chanyan::consortium
