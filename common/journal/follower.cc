#include "common/journal/follower.h"

#include <algorithm>
#include <utility>

#include "common/journal/cursor.h"
#include "common/status/status.h"

namespace chanyan::journal {
namespace {

constexpr int kReadLimit = 200;
// Entries of one transaction: what one entry costs is mostly the COMMIT.
constexpr size_t kTogether = 50;
constexpr char kCreateCursor[] =
    "INSERT IGNORE INTO `cursor` (follower, seq, moved_at) VALUES (?, 0, ?)";
// Guarded by the old place, so that an entry cannot be applied twice by two followers.
constexpr char kMoveCursor[] =
    "UPDATE `cursor` SET seq = ?, moved_at = ? WHERE follower = ? AND seq = ?";
constexpr char kPark[] =
    "INSERT INTO dead_letter (follower, seq, entry, attempts, error, parked_at)"
    " VALUES (?, ?, ?, ?, ?, ?)";

absl::Status MoveCursor(db::Session& session, absl::Time now, const std::string& name, int64_t from,
                        int64_t to) {
  CHANYAN_ASSIGN_OR_RETURN(const int64_t moved,
                           session.Execute(kMoveCursor, {to, now, name, from}));
  if (moved != 1) return status::Conflict("另一个进程已处理该日志条目");
  return absl::OkStatus();
}

}  // namespace

Follower::Follower(Deps deps, Options options)
    : deps_(std::move(deps)),
      options_(std::move(options)),
      lease_(deps_.db, "follower:" + options_.name, db::NewLeaseOwner(), options_.lease_ttl) {}

Follower::~Follower() { Stop(); }

absl::StatusOr<int> Follower::FollowOnce() {
  int64_t cursor = 0;
  CHANYAN_RETURN_IF_ERROR(deps_.db.Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(
        session.Execute(kCreateCursor, {options_.name, deps_.clock.Now()}).status());
    CHANYAN_ASSIGN_OR_RETURN(const auto at, CursorOf(session, options_.name));
    cursor = at.value_or(0);
    return absl::OkStatus();
  }));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Entry> entries, deps_.source(cursor, kReadLimit));
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].seq() != cursor + static_cast<int64_t>(i) + 1) {
      return status::Internal("follower: the source left a gap in its sequence");
    }
  }
  absl::Span<const v1::Entry> rest = entries;
  while (!rest.empty()) {
    const absl::Span<const v1::Entry> some = rest.first(std::min(kTogether, rest.size()));
    rest.remove_prefix(some.size());
    if (some.size() > 1 && Apply(some).ok()) continue;
    // One of them fails, or there is just one.
    for (size_t i = 0; i < some.size(); ++i)
      CHANYAN_RETURN_IF_ERROR(ApplyAlone(some.subspan(i, 1)));
  }
  return static_cast<int>(entries.size());
}

absl::Status Follower::ApplyAlone(absl::Span<const v1::Entry> entry) {
  const absl::Status applied = Apply(entry);
  if (applied.ok()) return absl::OkStatus();
  if (!IsLastAttempt(entry[0].seq(), applied)) return applied;
  return Park(entry[0], applied);
}

bool Follower::IsLastAttempt(int64_t seq, const absl::Status& failure) {
  if (failure.code() == absl::StatusCode::kUnavailable ||
      failure.code() == absl::StatusCode::kAborted ||
      failure.code() == absl::StatusCode::kDeadlineExceeded) {
    return false;
  }
  // Another process may have gone past the entry that failed here before.
  if (attempted_ != seq) attempts_ = 0;
  attempted_ = seq;
  return ++attempts_ >= kMaxEntryAttempts;
}

absl::Status Follower::Apply(absl::Span<const v1::Entry> entries) {
  return deps_.db.Transact([&](db::Session& session) -> absl::Status {
    const absl::Time now = deps_.clock.Now();
    CHANYAN_RETURN_IF_ERROR(
        MoveCursor(session, now, options_.name, entries.front().seq() - 1, entries.back().seq()));
    for (const v1::Entry& entry : entries) {
      CHANYAN_RETURN_IF_ERROR(deps_.effect(session, now, entry));
    }
    return absl::OkStatus();
  });
}

absl::Status Follower::Park(const v1::Entry& entry, const absl::Status& why) {
  deps_.logger.Error("journal entry parked",
                     {{"follower", options_.name}, {"error", why.message()}});
  return deps_.db.Transact([&](db::Session& session) -> absl::Status {
    const absl::Time now = deps_.clock.Now();
    CHANYAN_RETURN_IF_ERROR(MoveCursor(session, now, options_.name, entry.seq() - 1, entry.seq()));
    return session
        .Execute(kPark, {options_.name, entry.seq(), entry.SerializeAsString(),
                         int64_t{kMaxEntryAttempts}, std::string(why.message()), now})
        .status();
  });
}

void Follower::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Follower::Ring() {
  absl::MutexLock lock(&mutex_);
  rung_ = true;
}

void Follower::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool Follower::Stopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void Follower::Run() {
  absl::Time renew_at = absl::InfinitePast();
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const auto due = [this]()
                           ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return rung_ || stopping_; };
      mutex_.AwaitWithTimeout(absl::Condition(&due), options_.poll);
      rung_ = false;
      if (stopping_) break;
    }
    if (!lease_.Held() || absl::Now() >= renew_at) {
      if (lease_.Acquire().ok()) renew_at = absl::Now() + options_.lease_ttl / 3;
    }
    while (lease_.Held()) {
      const absl::StatusOr<int> done = FollowOnce();
      if (!done.ok()) {
        deps_.logger.Warning("following failed",
                             {{"follower", options_.name}, {"error", done.status().message()}});
      }
      // A short read says nothing: a page ends early with great resources.
      if (!done.ok() || *done == 0 || Stopping()) break;
      if (absl::Now() >= renew_at && lease_.Acquire().ok()) {
        renew_at = absl::Now() + options_.lease_ttl / 3;
      }
    }
  }
  (void)lease_.Release();
}

}  // namespace chanyan::journal
