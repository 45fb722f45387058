#include "common/rpc/gathering.h"

#include <utility>

#include "absl/time/clock.h"

namespace chanyan::rpc {

Gathering::Gathering(const ServedMethod& method, const Pipeline& pipeline, WorkerPool& pool,
                     int rounds, size_t limit)
    : method_(method), pipeline_(pipeline), pool_(pool), rounds_(rounds), limit_(limit) {}

bool Gathering::TryAdd(Member* member) {
  absl::MutexLock lock(&mutex_);
  if (waiting_.size() >= limit_) return false;
  if (running_ < rounds_ && pool_.TrySubmit(this)) ++running_;
  // All workers are busy and their queue is full, and no round is under way to take it along.
  if (running_ == 0) return false;
  if (waiting_.empty()) moved_ = absl::Now();
  waiting_.push_back(member);
  return true;
}

absl::Duration Gathering::Stalled() const {
  absl::MutexLock lock(&mutex_);
  return waiting_.empty() ? absl::ZeroDuration() : absl::Now() - moved_;
}

std::vector<Gathering::Member*> Gathering::Next() {
  absl::MutexLock lock(&mutex_);
  std::vector<Member*> next;
  if (waiting_.size() <= kMostTogether) {
    next.swap(waiting_);
  } else {
    const auto end = waiting_.begin() + kMostTogether;
    next.assign(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
  }
  if (next.empty()) {
    --running_;
  } else {
    moved_ = absl::Now();
  }
  return next;
}

void Gathering::Run() {
  for (std::vector<Member*> members = Next(); !members.empty(); members = Next()) {
    std::vector<Waiting> all;
    all.reserve(members.size());
    for (Member* member : members) all.push_back(member->Leave());
    pipeline_.AnswerTogether(method_, absl::MakeSpan(all));
    for (size_t i = 0; i < members.size(); ++i) {
      if (all[i].alone != nullptr) {
        members[i]->GoAlone(std::move(all[i].alone));
      } else {
        members[i]->End(std::move(all[i].status));
      }
    }
  }
}

}  // namespace chanyan::rpc
