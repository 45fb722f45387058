// Both sides of a project are reminded before the term of its agreement ends (PAIR-3).
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "services/pairing/due_rows.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/reminder_rules.h"

namespace chanyan::pairing {
namespace {

// Of the agreements of a project the last one that has a term says how long it is; a project that
// was broken off has nothing to go on with.
constexpr char kTermOfProject[] =
    "expire_date > ? AND NOT EXISTS (SELECT 1 FROM agreement AS later "
    "WHERE later.project = agreement.project AND later.sequence > agreement.sequence "
    "AND later.expire_date IS NOT NULL) AND EXISTS (SELECT 1 FROM project "
    "WHERE project.name = agreement.project AND project.state <> 'TERMINATED')";
constexpr char kReminderReached[] = "expire_date <= ? AND (reminded_days = 0 OR reminded_days > ?)";

}  // namespace

absl::StatusOr<int> PairingService::RemindAgreements(const db::Lease& lease) {
  const auto& days = deps_.pack.proto().pairing().agreements().reminder_days();
  const absl::CivilDay today = time::DayOf(deps_.store.clock.Now());
  db::Predicate due = db::Predicate::Nothing();
  for (const uint32_t before : days) {
    due = db::Or(std::move(due),
                 {kReminderReached, {time::FormatDate(today + before), int64_t{before}}});
  }
  return MarkDue<v1::Agreement>(
      deps_.store, lease, agreements_.table(),
      db::And({kTermOfProject, {time::FormatDate(today)}}, due), "expire_date, name", "expiring",
      [&days](absl::Time at, v1::Agreement& row) {
        const absl::StatusOr<absl::CivilDay> last = time::ToCivilDay(row.expire_date());
        if (!last.ok()) return;
        const int reached = DueReminder(days, time::StartOfDay(*last), row.reminded_days(), at);
        if (reached > 0) row.set_reminded_days(reached);
      });
}

}  // namespace chanyan::pairing
