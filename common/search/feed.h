// Turns the entries of journals into documents of one generation. Only common/search includes this.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/log/log.h"
#include "common/search/index.h"
#include "common/search/source.h"
#include "common/search/store.h"

namespace chanyan::search {

// Entries of one read of a journal.
inline constexpr int kReadEntries = 1000;

// Used by one thread at a time.
class Feed {
 public:
  Feed(const Sources& sources, Store& store, const log::Logger& logger)
      : sources_(sources), store_(store), logger_(logger) {}

  // Applies what one read brings beyond the place that the store has noted, and notes the new
  // place. Returns the number of entries. FAILED_PRECONDITION if what was read before is not in the
  // journal any more.
  absl::StatusOr<int> Advance(const FollowedJournal& journal);

  // Entries since the store's last commit, whether or not they changed a document.
  int uncommitted() const { return uncommitted_; }
  absl::Status Commit();

  // Entries that could not be read and were gone past.
  int64_t skipped() const { return skipped_; }

 private:
  struct Place {
    int64_t seq = 0;
    std::string hash;
  };

  absl::StatusOr<Place> PlaceIn(const FollowedJournal& journal);
  absl::Status Apply(const journal::v1::Entry& entry);
  absl::Status Write(const google::protobuf::Message& row);
  // Resources that have a value from this one.
  absl::Status Rewrite(const std::string& owner);
  const google::protobuf::Message* OwnerOf(const std::string& name);

  const Sources& sources_;
  Store& store_;
  const log::Logger logger_;
  // Journals whose noted place was found in them.
  absl::flat_hash_set<std::string> confirmed_;
  // Owners that were asked for; null = there is none.
  absl::flat_hash_map<std::string, std::unique_ptr<google::protobuf::Message>> owners_;
  int uncommitted_ = 0;
  int64_t skipped_ = 0;
};

}  // namespace chanyan::search
