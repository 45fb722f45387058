#include "services/cycle/calendar_watch.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/deadline_rules.h"
#include "services/cycle/ids.h"
#include "services/cycle/notice_words.h"
#include "services/cycle/objection_rules.h"
#include "services/cycle/objection_windows.h"
#include "services/cycle/people.h"
#include "services/cycle/step_notices.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {
namespace {

// A cycle that was opened longer ago has no deadline to come.
constexpr absl::Duration kWatchedLife = absl::Hours(24 * 200);
constexpr char kWatched[] = "rehearsal = 0 AND open_time > ?";
constexpr char kUnreadAbout[] =
    "SELECT 1 FROM notification WHERE subject = ? AND state = 'UNREAD' AND kind <> 'NEWS' LIMIT 1";

std::string PackOfWatch(const policy::Pack& pack) {
  return absl::StrCat(pack.id(), "@", pack.version());
}

// The name is the key: of each version of the pack a cycle has one.
std::string WatchReminderName(const v1::Cycle& cycle, const std::string& pack) {
  return absl::StrCat(cycle.name(), "/reminders/calendar-", api::Sha256Hex(pack).substr(0, 16));
}

journal::Origin OriginOfWatch() {
  return {.method = "chanyan.cycle.CalendarWatch",
          .actor = "services/cycle",
          .organization = "",
          .request_id = "",
          .trace_id = ""};
}

}  // namespace

Notice ReprojectionDue(const DueReprojection& due, const std::string& pack) {
  Notice notice = ReminderTo(due.cycle.secretariat(), {options::v1::ROLE_SECRETARIAT});
  const auto quarter = QuarterOf(due.cycle.name());
  notice.title =
      absl::StrCat(quarter.ok() ? quarter->LabelZh() : std::string(api::IdOfName(due.cycle.name())),
                   "的期限须按新日历核对");
  std::vector<std::string> moves;
  if (!due.steps.empty()) moves.push_back(MovesInWords(due.steps));
  for (const v1::MovedWindow& window : due.windows) moves.push_back(WindowMoveInWords(window));
  notice.content =
      absl::StrCat("现行政策包（", pack, "）的工作日历与本周期的期限不一致，按其推算：",
                   absl::StrJoin(moves, "；"),
                   "。请核对后在周期中办理“重新推算期限”，可先预览；办理前仍以现行期限为准。");
  return notice;
}

CalendarWatch::CalendarWatch(db::Database& db, const time::Clock& clock, const policy::Pack& pack,
                             metrics::Registry& metrics)
    : db_(db),
      clock_(clock),
      pack_(pack),
      differing_(metrics.Gauges("chanyan_cycle_deadlines_to_reproject",
                                "Open deadlines of live cycles that the pack in force reckons "
                                "otherwise than they stand.")) {}

absl::StatusOr<std::vector<DueReprojection>> CalendarWatch::Look(db::Session& session,
                                                                 absl::Time now) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Cycle> cycles,
                           cycles_.Select(session, {kWatched, {now - kWatchedLife}}));
  std::vector<DueReprojection> found;
  for (const v1::Cycle& cycle : cycles) {
    DueReprojection& due = found.emplace_back();
    due.cycle = cycle;
    if (cycle.steps_size() != kSteps) continue;
    if (AsOf(cycle, now).state() == v1::CYCLE_STATE_OPEN) {
      CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, QuarterOf(cycle.name()));
      CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Step> planned, PlanSteps(pack_, quarter));
      v1::Cycle copy = cycle;
      due.steps = Reproject(planned, now, "", &copy);
    }
    if (!pack_.proto().has_objection_term()) continue;
    CHANYAN_ASSIGN_OR_RETURN(std::optional<v1::Leaderboard> version,
                             VersionOpenToObjections(session, cycle.name(), now, /*lock=*/false));
    if (!version.has_value()) continue;
    CHANYAN_ASSIGN_OR_RETURN(const policy::Term term, ObjectionTermOf(pack_, *version));
    std::optional<v1::MovedWindow> moved = ReprojectWindow(term, now, "", &*version);
    if (moved.has_value()) due.windows.push_back(*std::move(moved));
  }
  return found;
}

absl::Status CalendarWatch::Measure() const {
  size_t differing = 0;
  CHANYAN_RETURN_IF_ERROR(db_.Read([&](db::Session& session) -> absl::Status {
    differing = 0;
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<DueReprojection> all, Look(session, clock_.Now()));
    for (const DueReprojection& one : all) differing += one.count();
    return absl::OkStatus();
  }));
  differing_.One().Set(static_cast<double>(differing));
  return absl::OkStatus();
}

absl::Status CalendarWatch::Tell(const db::Lease& lease) const {
  return db_.Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    const absl::Time now = clock_.Now();
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<DueReprojection> all, Look(session, now));
    for (const DueReprojection& one : all) {
      if (one.count() > 0) {
        CHANYAN_RETURN_IF_ERROR(TellOf(session, now, one));
        continue;
      }
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows unread,
                               session.Query(kUnreadAbout, {one.cycle.name()}));
      if (unread.rows.empty()) continue;
      CHANYAN_RETURN_IF_ERROR(Settle(session, now, one.cycle.name()));
    }
    return absl::OkStatus();
  });
}

absl::Status CalendarWatch::TellOf(db::Session& session, absl::Time now,
                                   const DueReprojection& due) const {
  const db::Table<v1::Reminder> reminders;
  const std::string pack = PackOfWatch(pack_);
  v1::Reminder row;
  row.set_name(WatchReminderName(due.cycle, pack));
  const absl::Status known = reminders.Get(session, row.name()).status();
  if (!absl::IsNotFound(known)) return known;
  const Notice notice = ReprojectionDue(due, pack);
  CHANYAN_ASSIGN_OR_RETURN(const People people, LoadPeople(session, Concerned(notice)));
  // As if a journal had said so.
  journal::v1::Entry entry;
  entry.set_event_id(UuidOf(row.name()));
  entry.set_resource(due.cycle.name());
  std::vector<v1::Notification> tellings;
  AddTellings(entry, notice, people, &tellings);
  if (tellings.empty()) return absl::OkStatus();
  row.set_step(due.steps.empty() ? kPublishStep : due.steps.front().number());
  row.set_kind(v1::NOTIFICATION_KIND_REMINDER);
  *row.mutable_schedule_time() = time::ToTimestamp(now);
  *row.mutable_deadline() = time::ToTimestamp(EndOf(due.cycle, row.step()));
  *row.mutable_fire_time() = time::ToTimestamp(now);
  row.set_outcome(v1::REMINDER_OUTCOME_SENT);
  row.set_debtor_count(1);
  row.set_notification_count(static_cast<int32_t>(tellings.size()));
  // What an older version of the pack had to say is said anew.
  CHANYAN_RETURN_IF_ERROR(Settle(session, now, due.cycle.name()));
  CHANYAN_RETURN_IF_ERROR(cycle::Tell(session, now, &tellings));
  CHANYAN_RETURN_IF_ERROR(reminders.Insert(session, now, &row));
  return journal::Append(session, now, OriginOfWatch(), "fired", nullptr, &row);
}

}  // namespace chanyan::cycle
