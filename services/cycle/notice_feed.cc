#include "services/cycle/notice_feed.h"

#include <optional>
#include <vector>

#include "common/journal/cursor.h"
#include "common/status/status.h"

namespace chanyan::cycle {
namespace {

// The table of followers' cursors (common/journal/migrations).
constexpr char kCreate[] = "INSERT IGNORE INTO `cursor` (follower, seq, moved_at) VALUES (?, 0, ?)";
// Guarded by the old place, so that a page is applied once.
constexpr char kMove[] = "UPDATE `cursor` SET seq = ?, moved_at = ? WHERE follower = ? AND seq = ?";

absl::Status ApplyPage(db::Database& db, const time::Clock& clock, const db::Lease& lease,
                       const NoticeFeed& feed, int64_t from,
                       const std::vector<journal::v1::Entry>& page) {
  std::vector<const journal::v1::Entry*> concerned;
  for (const journal::v1::Entry& entry : page) {
    if (feed.concerns(entry)) concerned.push_back(&entry);
  }
  return db.Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    const absl::Time now = clock.Now();
    CHANYAN_ASSIGN_OR_RETURN(const int64_t moved,
                             session.Execute(kMove, {page.back().seq(), now, feed.cursor, from}));
    if (moved != 1) return status::Conflict("另一个进程已处理该日志条目");
    return concerned.empty() ? absl::OkStatus() : feed.effect(session, now, concerned);
  });
}

}  // namespace

absl::Status FollowFeed(db::Database& db, const time::Clock& clock, const db::Lease& lease,
                        const NoticeFeed& feed) {
  while (lease.Held()) {
    std::optional<int64_t> from;
    CHANYAN_RETURN_IF_ERROR(db.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(from, journal::CursorOf(session, feed.cursor));
      return absl::OkStatus();
    }));
    if (!from) {
      CHANYAN_RETURN_IF_ERROR(db.Transact([&](db::Session& session) {
        return session.Execute(kCreate, {feed.cursor, clock.Now()}).status();
      }));
      continue;
    }
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<journal::v1::Entry> page,
                             feed.source(*from, kFeedEntries));
    if (page.empty()) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(ApplyPage(db, clock, lease, feed, *from, page));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::cycle
