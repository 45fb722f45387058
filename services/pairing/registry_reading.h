// What was read of the registry for a change holds until its journal is followed further: whoever
// follows changes the rows that are there, and a row that comes after it with what was read before
// would keep for good what the registry no longer says. So whoever copies from the registry asks it
// in WithRegistry:
//
//   return WithRegistry<v1::Intent>(deps_.store, call, [&](RegistryReading& reading) ... {
//     CHANYAN_ASSIGN_OR_RETURN(const auto platform, PlatformOf(call, name, &reading));
//     return rpc::Mutate<v1::Intent>(…, [&](rpc::Change& change) … {
//       CHANYAN_RETURN_IF_ERROR(reading.Hold(change.session()));
//       ...
//     });
//   });
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/rpc/call.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"

namespace chanyan::pairing {

// Readings before a change is given up for others that come all the time.
inline constexpr int kMostReadings = 5;

// How far changes of the registry had been followed before something was read of it.
class RegistryReading {
 public:
  static absl::StatusOr<RegistryReading> Begin(db::Database& database, absl::Time deadline);

  // What the change is going to rest on.
  void Note(absl::string_view resource) { read_.emplace_back(resource); }
  // First in the transaction that writes what was read: ABORTED if something of it has changed
  // since. Until the COMMIT no change is followed; others hold as well, and are not waited for.
  absl::Status Hold(db::Session& session);
  // After Hold, for what shows only then to have been used of a whole list: ABORTED if one of them
  // has changed since.
  absl::Status Require(const std::vector<std::string>& resources);
  // Whether one of the two said so: it should be read again.
  bool passed() const { return passed_; }

 private:
  RegistryReading(int64_t slot, int64_t followed) : slot_(slot), followed_(followed) {}

  // What it locks of registry_gate, and what that said in the beginning.
  int64_t slot_;
  int64_t followed_;
  std::vector<std::string> read_;
  // Resources of which the follower has seen a change since.
  absl::flat_hash_set<std::string> changed_;
  bool passed_ = false;
};

// First thing when a change of a resource is followed: waits for those who hold, and keeps others
// from it until the follower's COMMIT.
absl::Status NoteRegistryChange(db::Session& session, absl::string_view resource, int64_t seq);

// What `work` makes of what the registry says: StatusOr<Reply>(RegistryReading&), which asks the
// registry and changes something once it holds. Done again if that changed in between.
template <class Reply, class Work>
absl::StatusOr<Reply> WithRegistry(const rpc::StoreDeps& store, const rpc::Call& call, Work work) {
  for (int readings = 1;; ++readings) {
    CHANYAN_ASSIGN_OR_RETURN(RegistryReading reading,
                             RegistryReading::Begin(store.db, call.deadline));
    absl::StatusOr<Reply> done = work(reading);
    if (done.ok() || !reading.passed() || readings == kMostReadings) return done;
  }
}

}  // namespace chanyan::pairing
