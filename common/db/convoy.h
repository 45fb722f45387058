// Transactions that meet go together: what comes while others are on their way waits for the next
// round, which takes all of it. Nobody waits for company.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/db/connection.h"
#include "common/db/outcome.h"

namespace chanyan::db {

// Transactions of one round. They are alike, and a power of two, so that there are few texts to
// prepare.
inline constexpr size_t kMostInConvoy = 16;
// Rounds under way at a time: one waits for the disk while another is put together.
inline constexpr int kConvoyRounds = 2;

// Thread-safe.
class Convoy {
 public:
  // Sends changes in one transaction, on the thread of one of those who joined.
  using Send = std::function<Outcome(absl::Span<const Statement>, absl::Time deadline)>;
  explicit Convoy(Send send) : send_(std::move(send)) {}

  // Returns when they have been sent, or with DEADLINE_EXCEEDED if none of them was until then.
  // kAlone: they were refused in company, whosesoever fault it was.
  Outcome Join(std::vector<Statement> statements, absl::Time deadline);

 private:
  struct Member {
    std::vector<Statement> statements;
    absl::Time deadline;
    Outcome outcome = {Next::kAlone, absl::OkStatus()};
    bool done = false;
  };
  bool Leads(const Member* member) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return running_ < kConvoyRounds && !waiting_.empty() && waiting_.front() == member;
  }
  // The first that waits and others that say the same of other rows.
  std::vector<Member*> TakeRound() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Outcome SendRound(absl::Span<Member* const> round) const;

  const Send send_;
  absl::Mutex mutex_;
  std::deque<Member*> waiting_ ABSL_GUARDED_BY(mutex_);
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace chanyan::db
