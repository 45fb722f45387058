#include "services/cycle/notice_figures.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

#include "common/status/status.h"

namespace chanyan::cycle {
namespace {

// Each is answered from an index alone.
constexpr char kDeliveriesInState[] = "SELECT COUNT(*) FROM webhook_delivery WHERE state = ?";
constexpr char kOldest[] =
    "SELECT CAST(COALESCE(TIMESTAMPDIFF(SECOND, MIN(next_time), UTC_TIMESTAMP(6)), 0) AS SIGNED) "
    "FROM webhook_delivery WHERE state = 'PENDING'";
constexpr char kAllUndigested[] =
    "SELECT COUNT(*) FROM notification WHERE digest = '' AND state = 'UNREAD'";

// In the order of the label "state".
constexpr const char* kStates[] = {"PENDING", "DEAD"};

absl::StatusOr<int64_t> Number(db::Session& session, absl::string_view sql,
                               const db::Values& params = {}) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, params));
  return std::get<int64_t>(rows.rows.at(0).at(0));
}

}  // namespace

NoticeFigures::NoticeFigures(db::Database& db, metrics::Registry& metrics)
    : db_(db),
      attempts_(metrics.Counters("chanyan_cycle_webhook_attempts_total",
                                 "Attempts to reach office systems by how they ended.",
                                 {{"outcome", {"delivered", "failed", "given_up"}}})),
      deliveries_(metrics.Gauges("chanyan_cycle_webhook_deliveries",
                                 "Messages to office systems that wait, or were given up.",
                                 {{"state", {"waiting", "given_up"}}})),
      oldest_(metrics.Gauges("chanyan_cycle_webhook_overdue_seconds",
                             "How long the message that waits longest has been due.")),
      undigested_(metrics.Gauges("chanyan_cycle_notifications_undigested",
                                 "Unread notifications that no digest told of yet.")) {}

absl::Status NoticeFigures::Measure() const {
  return db_.Read([&](db::Session& session) -> absl::Status {
    for (size_t i = 0; i < std::size(kStates); ++i) {
      CHANYAN_ASSIGN_OR_RETURN(const int64_t count,
                               Number(session, kDeliveriesInState, {std::string(kStates[i])}));
      deliveries_.At({i}).Set(static_cast<double>(count));
    }
    CHANYAN_ASSIGN_OR_RETURN(const int64_t overdue, Number(session, kOldest));
    oldest_.One().Set(static_cast<double>(std::max<int64_t>(overdue, 0)));
    CHANYAN_ASSIGN_OR_RETURN(const int64_t undigested, Number(session, kAllUndigested));
    undigested_.One().Set(static_cast<double>(undigested));
    return absl::OkStatus();
  });
}

}  // namespace chanyan::cycle
