#include "common/journal/sealer_lag.h"

#include <algorithm>
#include <cstddef>
#include <variant>

#include "common/status/status.h"

namespace chanyan::journal {
namespace {

constexpr char kLastId[] = "SELECT MAX(id) FROM journal";
constexpr char kOldest[] =
    "SELECT id, time FROM journal FORCE INDEX (journal_seq) WHERE seq = 0 ORDER BY id LIMIT 1";
// Days of looks: the first one is what counts, and a sealer that stands still for longer is late
// all the same.
constexpr size_t kMostLooks = 100'000;

}  // namespace

absl::StatusOr<absl::Duration> SealerLag::Look(db::Session& session, absl::Time now) {
  // First the entries, then the last of them: what comes in between is newer.
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows oldest, session.Query(kOldest));
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows last, session.Query(kLastId));
  // NULL in a journal without entries.
  const auto* greatest = std::get_if<int64_t>(&last.rows.at(0).at(0));
  const int64_t last_id = greatest == nullptr ? 0 : *greatest;
  if (oldest.rows.empty()) {
    looks_.assign(1, {now, last_id});
    return absl::ZeroDuration();
  }
  const int64_t id = std::get<int64_t>(oldest.rows[0].at(0));
  const absl::Time time = std::get<absl::Time>(oldest.rows[0].at(1));
  if (looks_.size() < kMostLooks) looks_.push_back({now, last_id});
  while (looks_.size() > 1 && looks_[1].last_id < id) looks_.pop_front();
  return std::max(absl::ZeroDuration(), now - std::max(time, looks_.front().time));
}

}  // namespace chanyan::journal
