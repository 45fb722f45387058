#include "services/cycle/notice_clearing.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/batches.h"
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

std::vector<db::OldRows> OldAt(absl::Time now, const NoticeRetention& retention) {
  const auto before = [now](int days) { return db::Value(now - absl::Hours(24) * days); };
  return {{kNotifications, {std::string("READ"), before(retention.read)}},
          {kNotifications, {std::string("SETTLED"), before(retention.read)}},
          {kNotifications, {std::string("UNREAD"), before(retention.unread)}},
          {kDigests, {time::FormatDate(time::DayOf(now) - retention.read)}},
          {kDeliveries, {std::string("DELIVERED"), before(retention.deliveries)}},
          {kDeliveries, {std::string("DEAD"), before(retention.deliveries)}}};
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
  int batches = kClearBatches;
  for (const db::OldRows& old : OldAt(now, retention)) {
    CHANYAN_ASSIGN_OR_RETURN(const int64_t gone,
                             db::DeleteInBatches(database, lease, old, &batches));
    cleared += gone;
  }
  return cleared;
}

}  // namespace chanyan::cycle
