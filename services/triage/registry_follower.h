// What triage keeps of organizations follows the registry's journal: names, and what a merger does
// (REG-1): results, demands, pushes and responsibilities of one that has become part of another are
// the other's from then on, once, whatever crashes.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/database.h"
#include "common/rpc/mutate.h"
#include "services/triage/result_book.h"

namespace chanyan::triage {

// Thread-safe.
class RegistryFollower {
 public:
  explicit RegistryFollower(const TriagePack& pack) : pack_(pack), book_(pack) {}

  // The effect of one entry, in the transaction that moves the cursor.
  absl::Status Follow(db::Session& session, absl::Time now, const journal::v1::Entry& entry) const;

 private:
  absl::Status Rename(rpc::Change& change, const registry::v1::Organization& organization) const;
  absl::Status TakeOver(rpc::Change& change, const std::string& from, const std::string& from_title,
                        const registry::v1::Organization& survivor) const;
  absl::Status TakeOverResults(rpc::Change& change, const std::string& from,
                               const std::string& from_title,
                               const registry::v1::Organization& survivor) const;
  absl::Status TakeOverDemands(rpc::Change& change, const std::string& from,
                               const std::string& from_title,
                               const registry::v1::Organization& survivor) const;
  absl::Status TakeOverPushes(rpc::Change& change, const std::string& from,
                              const registry::v1::Organization& survivor) const;
  // Open items of meetings, which are the survivor's to do now; done ones stay with who did them.
  absl::Status TakeOverMeetings(rpc::Change& change, const std::string& from,
                                const registry::v1::Organization& survivor) const;

  const TriagePack& pack_;
  const ResultBook book_;
};

}  // namespace chanyan::triage
