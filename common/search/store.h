// One generation of the index on disk, over Xapian: a writer, and what readers see after each
// commit. Only common/search includes this.
//
// Errors: DATA_LOSS if the files are damaged, which only a new generation mends; ABORTED if a
// reader was overtaken by commits, which the newest snapshot mends; INTERNAL otherwise.
#pragma once

#include <xapian.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/search/doc_set.h"
#include "common/search/document.h"

namespace chanyan::search {

// Terms of each kind begin with a capital letter of their own, words with none: they are folded.
std::string NameTerm(absl::string_view name);
std::string LabelTerm(absl::string_view label);
std::string FacetTerm(const FacetValue& value);
// Of all values of a facet.
std::string FacetPrefix(absl::string_view facet);

// Value slots of a document.
inline constexpr Xapian::valueno kNameSlot = 0;
inline constexpr Xapian::valueno kUpdateSlot = 1;
inline constexpr Xapian::valueno kExpireSlot = 2;
inline constexpr Xapian::valueno kTypeSlot = 3;

// Runs `work` and turns what Xapian throws into a Status.
absl::Status Guarded(absl::FunctionRef<absl::Status()> work);

// What the index held at one commit. Immutable but for a cache; thread-safe.
class Snapshot {
 public:
  // A reader of exactly this commit, for one thread; ABORTED if a newer one is on disk.
  absl::StatusOr<Xapian::Database> Reader() const;

  // The documents of a term. Throws as Xapian does.
  std::shared_ptr<const DocSet> Docs(const Xapian::Database& reader, const std::string& term) const;

  // By document number: microseconds of its last change.
  int64_t updated(Xapian::docid doc) const { return (*updated_)[doc]; }
  // Documents that are not to be found any more at some time: (microseconds, number), ascending.
  const std::vector<std::pair<int64_t, Xapian::docid>>& expiring() const { return expiring_; }
  Xapian::docid last_doc() const { return last_doc_; }
  size_t size() const { return size_; }
  // Another one with every document of the type (full name) that comes, changes or goes.
  std::string VersionOf(absl::string_view type) const;

 private:
  friend class Store;

  std::string path_;
  uint64_t generation_ = 0;
  Xapian::rev revision_ = 0;
  size_t size_ = 0;
  Xapian::docid last_doc_ = 0;
  std::shared_ptr<const std::vector<int64_t>> updated_;
  std::vector<std::pair<int64_t, Xapian::docid>> expiring_;
  std::map<std::string, uint64_t, std::less<>> versions_;
  mutable absl::Mutex mutex_;
  // Terms with many documents. The next snapshot begins with them, brought up to date.
  mutable absl::flat_hash_map<std::string, std::shared_ptr<const DocSet>> frequent_
      ABSL_GUARDED_BY(mutex_);
};

// Used by one thread at a time, but for snapshot().
class Store {
 public:
  enum class Mode { kCreate, kOpen };
  // kCreate replaces whatever is at `path`. What is opened is published at once, what is created
  // with the first Publish().
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path, Mode mode);

  // In place of the document of that name.
  absl::Status Put(const Document& document);
  // Nothing happens if there is none.
  absl::Status Remove(absl::string_view name);
  // Document::type and data, what is not committed included; NOT_FOUND if there is none.
  struct Kept {
    std::string type;
    std::string data;
  };
  absl::StatusOr<Kept> Get(absl::string_view name);
  // All that belong to one.
  absl::StatusOr<std::vector<Kept>> OwnedBy(absl::string_view owner);

  // Words of our own beside the documents, committed with them.
  absl::StatusOr<std::string> Note(const std::string& key);
  absl::Status SetNote(const std::string& key, const std::string& value);

  // Changes since the last commit.
  int pending() const { return pending_; }
  // Puts them on disk; readers see them from then on if the store is published.
  absl::Status Commit();
  // As Commit, and readers see the store from now on.
  absl::Status Publish();
  // Null before the first Publish(). Thread-safe.
  std::shared_ptr<const Snapshot> snapshot() const;

 private:
  // What a commit changes of one document.
  struct Change {
    Xapian::docid doc;
    // Empty if it was or is not there.
    std::vector<std::string> before;
    std::vector<std::string> after;
    int64_t updated = 0;
    int64_t expires = 0;
  };

  explicit Store(std::string path);
  Xapian::docid Find(const std::string& name_term) const;
  std::vector<std::string> TermsOf(Xapian::docid doc) const;
  void Remember(Change change, const std::string& type);
  // Everything from the files.
  void Load();
  // The present snapshot with `changes_` applied.
  void Follow();
  void BringUpToDate(const Snapshot& last, Snapshot* next);
  void Seal(std::shared_ptr<Snapshot> next);

  const std::string path_;
  const uint64_t generation_;
  Xapian::WritableDatabase db_;
  int pending_ = 0;
  bool published_ = false;
  std::vector<Change> changes_;
  std::map<std::string, uint64_t, std::less<>> versions_;
  absl::flat_hash_map<Xapian::docid, int64_t> expiring_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chanyan::search
