#include "services/cycle/notice_clearing.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::cycle {
namespace {

// By (state, update_time), which begins the keys notification_clearing and
// webhook_delivery_clearing.
constexpr char kNotifications[] =
    "DELETE FROM notification WHERE state = ? AND update_time < ? ORDER BY update_time LIMIT ?";
constexpr char kDeliveries[] =
    "DELETE FROM webhook_delivery WHERE state = ? AND update_time < ? ORDER BY update_time LIMIT ?";
// By digest_day.
constexpr char kDigests[] = "DELETE FROM digest WHERE day < ? ORDER BY day LIMIT ?";

struct Sweep {
  const char* sql;
  db::Values params;
};

std::vector<Sweep> SweepsOf(absl::Time now, const NoticeRetention& retention) {
  const auto before = [now](int days) { return db::Value(now - absl::Hours(24) * days); };
  return {{kNotifications, {std::string("READ"), before(retention.read), kClearBatch}},
          {kNotifications, {std::string("SETTLED"), before(retention.read), kClearBatch}},
          {kNotifications, {std::string("UNREAD"), before(retention.unread), kClearBatch}},
          {kDigests, {time::FormatDate(time::DayOf(now) - retention.read), kClearBatch}},
          {kDeliveries, {std::string("DELIVERED"), before(retention.deliveries), kClearBatch}},
          {kDeliveries, {std::string("DEAD"), before(retention.deliveries), kClearBatch}}};
}

}  // namespace

absl::Status CheckRetention(const NoticeRetention& retention) {
  std::vector<status::Violation> violations;
  const auto check = [&](const char* flag, int days) {
    if (days >= kLeastRetention) return;
    violations.push_back({flag, absl::StrCat("至少保留", kLeastRetention, "天，给出的是", days)});
  };
  check("--keep_read_notices_days", retention.read);
  check("--keep_unread_notices_days", retention.unread);
  check("--keep_deliveries_days", retention.deliveries);
  return violations.empty() ? absl::OkStatus() : status::InvalidFields(std::move(violations));
}

absl::StatusOr<int64_t> ClearNotices(db::Database& database, absl::Time now, const db::Lease& lease,
                                     const NoticeRetention& retention) {
  int64_t cleared = 0;
  int batches = 0;
  for (const Sweep& sweep : SweepsOf(now, retention)) {
    int64_t gone = kClearBatch;
    while (gone == kClearBatch && batches < kClearBatches && lease.Held()) {
      CHANYAN_RETURN_IF_ERROR(database.Transact([&](db::Session& session) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
        CHANYAN_ASSIGN_OR_RETURN(gone, session.Execute(sweep.sql, sweep.params));
        return absl::OkStatus();
      }));
      cleared += gone;
      ++batches;
    }
  }
  return cleared;
}

}  // namespace chanyan::cycle
