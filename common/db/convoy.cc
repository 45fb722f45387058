#include "common/db/convoy.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/db/merged_inserts.h"

namespace chanyan::db {

Outcome Convoy::Join(std::vector<Statement> statements, absl::Time deadline) {
  Member me{std::move(statements), deadline};
  absl::MutexLock lock(&mutex_);
  waiting_.push_back(&me);
  const auto may_go_on = [this, &me]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return me.done || Leads(&me);
  };
  mutex_.Await(absl::Condition(&may_go_on));
  if (me.done) return me.outcome;
  const std::vector<Member*> round = TakeRound();
  ++running_;
  mutex_.Unlock();
  const Outcome outcome = SendRound(round);
  mutex_.Lock();
  --running_;
  for (Member* member : round) {
    member->outcome = outcome;
    member->done = true;
  }
  return outcome;
}

std::vector<Convoy::Member*> Convoy::TakeRound() {
  size_t size = 1;
  while (size * 2 <= std::min(waiting_.size(), kMostInConvoy)) size *= 2;
  std::vector<Member*> round(waiting_.begin(),
                             waiting_.begin() + static_cast<std::ptrdiff_t>(size));
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size));
  return round;
}

Outcome Convoy::SendRound(absl::Span<Member* const> round) const {
  if (round.size() == 1) return send_(round[0]->statements, round[0]->deadline);
  std::vector<Statement> all;
  absl::Time deadline = absl::InfiniteFuture();
  for (Member* member : round) {
    std::move(member->statements.begin(), member->statements.end(), std::back_inserter(all));
    deadline = std::min(deadline, member->deadline);
  }
  Outcome outcome = send_(MergedInserts(std::move(all)), deadline);
  const bool refused = outcome.next == Next::kDisappointed || outcome.next == Next::kConflict ||
                       (outcome.next == Next::kReturn && !outcome.status.ok());
  return refused ? Outcome{Next::kAlone, absl::OkStatus()} : outcome;
}

}  // namespace chanyan::db
