#include "common/db/lease.h"

#include <unistd.h>

#include <chrono>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"

namespace chanyan::db {

const char kCreateLeaseTable[] =
    "CREATE TABLE IF NOT EXISTS lease ("
    " name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,"
    " owner VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " token BIGINT NOT NULL,"
    " beat BIGINT NOT NULL,"
    " expires_at DATETIME(6) NOT NULL"
    ") ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

namespace {

constexpr char kMakeRow[] =
    "INSERT IGNORE INTO lease (name, owner, token, beat, expires_at) "
    "VALUES (?, '', 0, 0, '2000-01-01')";
// `token` is set before `owner`, so it still sees the old one.
constexpr char kTake[] =
    "UPDATE lease SET token = token + (owner <> ?), owner = ?, "
    "expires_at = NOW(6) + INTERVAL ? MICROSECOND "
    "WHERE name = ? AND (expires_at < NOW(6) OR owner = ?)";
constexpr char kReadToken[] = "SELECT token FROM lease WHERE name = ?";
constexpr char kTouch[] =
    "UPDATE lease SET beat = beat + 1 WHERE name = ? AND token = ? AND owner = ?";
constexpr char kGiveUp[] =
    "UPDATE lease SET owner = '', expires_at = '2000-01-01' "
    "WHERE name = ? AND token = ? AND owner = ?";

constexpr absl::Duration kLongestAcquire = absl::Seconds(3);

int64_t MonotonicNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::string NewLeaseOwner() {
  std::random_device random;
  char host[64] = {};
  gethostname(host, sizeof(host) - 1);
  return absl::StrCat(host, "/", getpid(), "/", absl::Hex(random(), absl::kZeroPad8),
                      absl::Hex(random(), absl::kZeroPad8));
}

Lease::Lease(Database& database, std::string name, std::string owner, absl::Duration ttl)
    : database_(database), name_(std::move(name)), owner_(std::move(owner)), ttl_(ttl) {}

absl::Status Lease::Acquire() {
  // Measured from before the statement, so that we never think it ours for longer than it is.
  const int64_t asked = MonotonicNanos();
  int64_t token = 0;
  // Whoever works under it may hold the row for as long as one transaction takes: that is no reason
  // to stand still behind it.
  TransactOptions options;
  options.deadline = absl::Now() + kLongestAcquire;
  const absl::Status taken = database_.Transact(options, [&](Session& session) -> absl::Status {
    const Values take = {owner_, owner_, absl::ToInt64Microseconds(ttl_), name_, owner_};
    CHANYAN_ASSIGN_OR_RETURN(int64_t found, session.Execute(kTake, take));
    if (found == 0) {
      CHANYAN_ASSIGN_OR_RETURN(const int64_t made, session.Execute(kMakeRow, {name_}));
      if (made == 0) {
        return NotOurs();
      }
      CHANYAN_ASSIGN_OR_RETURN(found, session.Execute(kTake, take));
    }
    CHANYAN_ASSIGN_OR_RETURN(const Rows rows, session.Query(kReadToken, {name_}));
    token = std::get<int64_t>(rows.rows.at(0).at(0));
    return absl::OkStatus();
  });
  absl::MutexLock lock(&mutex_);
  if (taken.ok()) {
    token_ = token;
    held_until_ = asked + absl::ToInt64Nanoseconds(ttl_ * 2 / 3);
  } else if (taken.code() == absl::StatusCode::kFailedPrecondition) {
    held_until_ = 0;
  }
  return taken;
}

absl::Status Lease::Release() {
  int64_t token = 0;
  {
    absl::MutexLock lock(&mutex_);
    token = token_;
    held_until_ = 0;
  }
  return database_.Transact([&](Session& session) {
    return session.Execute(kGiveUp, {name_, token, owner_}).status();
  });
}

absl::Status Lease::Fence(Session& session) const {
  CHANYAN_ASSIGN_OR_RETURN(const int64_t found, session.Execute(kTouch, {name_, token(), owner_}));
  return found == 1 ? absl::OkStatus() : NotOurs();
}

bool Lease::Held() const {
  absl::MutexLock lock(&mutex_);
  return MonotonicNanos() < held_until_;
}

int64_t Lease::token() const {
  absl::MutexLock lock(&mutex_);
  return token_;
}

absl::Status Lease::NotOurs() const {
  return status::FailedPrecondition(options::v1::ERROR_REASON_CONFLICT,
                                    absl::StrCat("任务“", name_, "”正由另一进程执行"));
}

}  // namespace chanyan::db
