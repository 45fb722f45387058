// A service's journal in memory: sealed and chained as the real one, with faults on demand.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/journal/chain.h"
#include "common/journal/follower.h"
#include "common/journal/journal.h"
#include "common/journal/reader.h"
#include "google/protobuf/message.h"

namespace chanyan::search {

// Thread-safe.
class MemoryJournal {
 public:
  // `after` is how the resource is from now on.
  void Write(const google::protobuf::Message& after) {
    const auto* name = after.GetDescriptor()->FindFieldByName("name");
    Append(after.GetReflection()->GetString(after, name), after.GetDescriptor()->full_name(),
           journal::CanonicalJson(after));
  }
  void Delete(const std::string& name, const std::string& type) { Append(name, type, ""); }
  void Append(const std::string& resource, const std::string& type, const std::string& json) {
    absl::MutexLock lock(&mutex_);
    journal::v1::Entry entry;
    entry.set_seq(static_cast<int64_t>(entries_.size()) + 1);
    entry.set_event_id(absl::StrCat("e", entry.seq(), salt_));
    entry.set_resource(resource);
    entry.set_type(type);
    entry.set_after_json(json);
    entry.set_hash(journal::ChainHash(
        entries_.empty() ? journal::GenesisHash() : entries_.back().hash(), entry));
    entries_.push_back(std::move(entry));
  }
  // As if the database had been put back: the last entries are gone, and what is written from now
  // on is something else.
  void PutBack(size_t kept) {
    absl::MutexLock lock(&mutex_);
    entries_.resize(kept);
    salt_ += "'";
  }
  // Called before each read, which fails with its error.
  void BeforeRead(std::function<absl::Status(int64_t after_seq)> hook) {
    absl::MutexLock lock(&mutex_);
    hook_ = std::move(hook);
  }
  // Entries of one read at most.
  void SetPage(int page) {
    absl::MutexLock lock(&mutex_);
    page_ = page;
  }

  journal::EntrySource Source() {
    return [this](int64_t after_seq, int limit) -> absl::StatusOr<std::vector<journal::v1::Entry>> {
      std::function<absl::Status(int64_t)> hook;
      {
        absl::MutexLock lock(&mutex_);
        hook = hook_;
      }
      if (hook != nullptr) {
        if (absl::Status refused = hook(after_seq); !refused.ok()) return refused;
      }
      absl::MutexLock lock(&mutex_);
      std::vector<journal::v1::Entry> page;
      for (auto at = static_cast<size_t>(after_seq);
           at < entries_.size() && page.size() < static_cast<size_t>(std::min(limit, page_));
           ++at) {
        page.push_back(entries_[at]);
      }
      return page;
    };
  }

 private:
  absl::Mutex mutex_;
  std::vector<journal::v1::Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::string salt_ ABSL_GUARDED_BY(mutex_);
  int page_ ABSL_GUARDED_BY(mutex_) = journal::kMaxEntries;
  std::function<absl::Status(int64_t)> hook_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chanyan::search
