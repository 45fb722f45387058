// Signing keys: PEM files in a directory, never in the database. The newest (greatest file name)
// signs, all verify. Replicas share the directory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/auth/key.h"
#include "common/time/clock.h"

namespace chanyan::identity {

// The directory is looked at again at most this often.
inline constexpr absl::Duration kKeyReload = absl::Minutes(1);

// Thread-safe.
class KeyStore {
 public:
  // Makes a first key if the directory holds none. FAILED_PRECONDITION for a file that is no key or
  // that others may read.
  static absl::StatusOr<std::unique_ptr<KeyStore>> Open(std::string dir, const time::Clock& clock);

  // The keys in force, the one that signs last. A directory that cannot be read leaves the keys as
  // they were.
  std::vector<auth::Key> Keys();

 private:
  KeyStore(std::string dir, const time::Clock& clock) : dir_(std::move(dir)), clock_(clock) {}
  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string dir_;
  const time::Clock& clock_;
  absl::Mutex mutex_;
  std::vector<auth::Key> keys_ ABSL_GUARDED_BY(mutex_);
  absl::Time loaded_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace chanyan::identity
