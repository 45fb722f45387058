// Full text over resources of several services (REG-5): follows their journals, answers searches,
// and makes itself anew from the journals when its files are lost, damaged or of another making,
// serving the old ones meanwhile.
//
// Every replica has an index of its own: a directory with one generation of files, named by the
// link `current`. How far it has read each journal is written with the documents, in the same
// commit, together with the hash of the entry it read last: index and place cannot disagree, and a
// journal that was put back to an earlier state is noticed. A new generation is built beside the
// present one and takes its place by renaming the link, so a process that is killed leaves either
// the old one or the new one.
//
//   Index::Open({sources, clock, log}, {.dir = "/var/lib/chanyan/index", .journals = {…}})
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/journal/follower.h"
#include "common/log/log.h"
#include "common/search/query.h"
#include "common/search/source.h"
#include "common/time/clock.h"
#include "google/protobuf/message.h"

namespace chanyan::search {

// Documents after which a generation under way is put on disk.
inline constexpr int kBuildBatch = 5000;
// Snapshots that a search tries before it gives up: each was overtaken by two commits.
inline constexpr int kSearchAttempts = 20;

// One journal that is followed: name of its service, and how it is read.
struct FollowedJournal {
  std::string name;
  journal::EntrySource source;
};

struct Generation;
class Snapshot;

// Thread-safe.
class Index {
 public:
  struct Deps {
    const Sources& sources;
    const time::Clock& clock;
    log::Logger logger;
  };
  struct Options {
    // Of this process alone. Empty: a directory in the system's place for temporary files, removed
    // at the end.
    std::string dir;
    std::vector<FollowedJournal> journals;
    absl::Duration poll = absl::Milliseconds(500);
  };
  // What it is and did; for metrics.
  struct Stats {
    int64_t documents = 0;
    // Journals were read to their end at this time; InfinitePast = not yet.
    absl::Time as_of = absl::InfinitePast();
    int64_t generations = 0;
    // Entries that could not be read and were gone past.
    int64_t skipped = 0;
  };

  // Opens the present generation if there is a whole one. INVALID_ARGUMENT if the directory cannot
  // be used or another process has it.
  static absl::StatusOr<std::unique_ptr<Index>> Open(Deps deps, Options options);
  ~Index();

  // Follows on a thread of its own. Waits for the first generation, if there is none, as long as
  // `patience`; a longer building goes on behind.
  void Start(absl::Duration patience);
  // Something was sealed. Cheap; from any thread.
  void Ring();
  // Idempotent.
  void Stop();

  // Reads all journals to their end and commits. FAILED_PRECONDITION if the index has to be built
  // anew: there is none, or it does not fit the journals.
  absl::Status Follow();
  // Builds a new generation, beside the present one, and puts it in its place.
  absl::Status Rebuild();

  // UNAVAILABLE while there is no generation to search in.
  absl::StatusOr<Matches> Search(const Query& query, absl::Time now) const;
  // One resource as the index has it; NOT_FOUND. Scope is the caller's business.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Get(absl::string_view name) const;
  // All of a type (full name), in no order; `version` changes whenever the answer may.
  absl::Status ForEach(absl::string_view type,
                       absl::FunctionRef<void(const google::protobuf::Message&)> visit) const;
  absl::StatusOr<std::string> VersionOf(absl::string_view type) const;

  Stats stats() const;

 private:
  Index(Deps deps, Options options);
  absl::Status Prepare();
  void OpenPresent();
  absl::StatusOr<std::shared_ptr<Generation>> NewGeneration() const;
  // One read of each journal: how many entries were new. Commits when `batch` changes wait.
  absl::StatusOr<int> Advance(Generation& generation, int batch);
  // Until nothing is new.
  absl::Status CatchUp(Generation& generation, int batch);
  absl::Status PutInPlace(std::shared_ptr<Generation> next);
  void RemoveOthers(const std::string& kept) const;
  // Reads through a snapshot, again with a newer one if it was overtaken.
  absl::Status Through(absl::FunctionRef<absl::Status(const Snapshot&)> work) const;
  std::shared_ptr<Generation> present() const;
  void NeedBuilding(const absl::Status& why) const;
  bool Stopping() const;
  void Run();
  // Starts a builder if one is needed and none is at work.
  void SeeToBuilding();

  const Deps deps_;
  const Options options_;
  std::string dir_;
  bool temporary_ = false;
  int lock_ = -1;
  // Held while journals are read into the present generation, and while it is replaced.
  absl::Mutex follow_mutex_;
  // One building at a time; taken before follow_mutex_.
  absl::Mutex build_mutex_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<Generation> present_ ABSL_GUARDED_BY(mutex_);
  mutable bool needs_building_ ABSL_GUARDED_BY(mutex_) = false;
  bool building_ ABSL_GUARDED_BY(mutex_) = false;
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Stats stats_ ABSL_GUARDED_BY(mutex_);
  std::thread follower_;
  std::thread builder_;
};

}  // namespace chanyan::search
