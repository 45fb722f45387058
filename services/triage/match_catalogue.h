// The board of what can be matched now (TRI-9), of this replica: made of the libraries as the
// database has them and of platforms as this replica knows them, and brought up to date by what
// changed since.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "services/triage/match_board.h"

namespace chanyan::triage {

// Published platforms as one replica knows them. Each function may say UNAVAILABLE: none is known
// yet.
struct PlatformSource {
  // Changes whenever a platform does, or where an organization is.
  std::function<absl::StatusOr<std::string>()> version;
  std::function<absl::Status(absl::FunctionRef<void(const registry::v1::Platform&)>)> each;
  // NOT_FOUND if it is not published.
  std::function<absl::StatusOr<registry::v1::Platform>(const std::string& name)> get;
  // Changes up to this instant are known.
  std::function<absl::Time()> as_of;
  // One that owns platforms or has demands, to say where it is; null = nobody knows.
  std::function<absl::StatusOr<registry::v1::Organization>(const std::string& name)> organization =
      nullptr;
};

// Thread-safe.
class MatchCatalogue {
 public:
  // A board that takes longer to bring up to date than this is not kept up by calls: the job does
  // it, and at most a tenth of the time.
  static constexpr absl::Duration kAtOnce = absl::Milliseconds(50);
  // Most entries that a call takes in by itself when there is no board yet.
  static constexpr size_t kMostAtOnce = 5000;

  // Both must outlive it.
  MatchCatalogue(const MatchWeights& weights, db::Database& db, PlatformSource platforms,
                 absl::Duration at_once = kAtOnce)
      : weights_(weights), db_(db), platforms_(std::move(platforms)), at_once_(at_once) {}

  // For a call: up to date if that is quick and nobody is at it, else as it was last made. An error
  // only while there is none: UNAVAILABLE while a large one is made for the first time.
  absl::StatusOr<std::shared_ptr<const MatchBoard>> Board();
  // For the job.
  absl::Status Refresh();

  const PlatformSource& platforms() const { return platforms_; }
  // With where its organization is, as far as that is known now.
  Matchable Placed(Matchable one) const;

 private:
  struct Held {
    int64_t version = 0;
    std::shared_ptr<const BoardItem> item;
    // Its disclosure lets everybody see it.
    bool open = false;
  };
  using Library = absl::flat_hash_map<std::string, Held>;

  absl::Status RefreshLocked(size_t most) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether anything changed.
  absl::StatusOr<bool> ReadLibraries(size_t most) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<bool> ReadPlatforms() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  template <class T>
  absl::StatusOr<bool> ReadLibrary(const db::Table<T>& table, absl::string_view versions_sql,
                                   size_t most, Library* library)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<bool> ReadListed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Held Hold(const v1::Result& row) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Held Hold(const v1::Demand& row) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  using Where = std::shared_ptr<const policy::Whereabouts>;
  Where WhereOf(const std::string& organization) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsSlow() const;

  const MatchWeights& weights_;
  db::Database& db_;
  const PlatformSource platforms_;
  const absl::Duration at_once_;
  const db::Table<v1::Result> results_table_;
  const db::Table<v1::Demand> demands_table_;
  TermBook book_;

  // The job makes the first board.
  std::atomic<bool> first_ = false;
  // Held while a board is made.
  absl::Mutex mutex_;
  Library results_ ABSL_GUARDED_BY(mutex_);
  Library demands_ ABSL_GUARDED_BY(mutex_);
  // Results whose listing is to be seen; sorted.
  std::vector<std::string> listed_ ABSL_GUARDED_BY(mutex_);
  std::vector<Shown> known_platforms_ ABSL_GUARDED_BY(mutex_);
  std::string platforms_version_ ABSL_GUARDED_BY(mutex_);
  // By organization, as of platforms_version_.
  absl::flat_hash_map<std::string, Where> places_ ABSL_GUARDED_BY(mutex_);

  mutable absl::Mutex present_mutex_;
  std::shared_ptr<const MatchBoard> present_ ABSL_GUARDED_BY(present_mutex_);
  absl::Duration took_ ABSL_GUARDED_BY(present_mutex_);
  // When the libraries were last read, whether or not anything had changed.
  absl::Time looked_ ABSL_GUARDED_BY(present_mutex_) = absl::InfinitePast();
};

}  // namespace chanyan::triage
