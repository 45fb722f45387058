#include "common/db/convoy.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/db/merged_inserts.h"
#include "common/db/sessions.h"

namespace chanyan::db {
namespace {

bool Alike(const std::vector<Statement>& a, const std::vector<Statement>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Statement& x, const Statement& y) { return x.sql == y.sql; });
}

}  // namespace

Outcome Convoy::Join(std::vector<Statement> statements, absl::Time deadline) {
  Member me{std::move(statements), deadline};
  absl::MutexLock lock(&mutex_);
  waiting_.push_back(&me);
  const auto may_go_on = [this, &me]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return me.done || Leads(&me);
  };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&may_go_on), deadline)) {
    const auto place = std::find(waiting_.begin(), waiting_.end(), &me);
    if (place != waiting_.end()) {
      waiting_.erase(place);
      return {Next::kReturn, OutOfTime()};
    }
    // It is on its way.
    mutex_.Await(absl::Condition(&me.done));
  }
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
  std::vector<Member*> alike;
  for (Member* member : waiting_) {
    if (alike.size() < kMostInConvoy && Alike(waiting_.front()->statements, member->statements)) {
      alike.push_back(member);
    }
  }
  size_t size = 1;
  while (size * 2 <= alike.size()) size *= 2;
  alike.resize(size);
  auto next = alike.begin();
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(),
                                [&](const Member* member) {
                                  if (next == alike.end() || *next != member) return false;
                                  ++next;
                                  return true;
                                }),
                 waiting_.end());
  return alike;
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
