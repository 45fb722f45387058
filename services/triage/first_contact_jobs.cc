// The jobs of first contact (TRI-5): offers lapse, rungs of the ladder are taken.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/time/civil.h"
#include "services/triage/first_contact_service.h"
#include "services/triage/ladder_query.h"
#include "services/triage/parties.h"
#include "services/triage/result_life.h"

namespace chanyan::triage {
namespace {

std::string NameIn(const db::Values& row) {
  const auto* text = std::get_if<std::string>(&row[0]);
  return text == nullptr ? "" : *text;
}

}  // namespace

absl::Status FirstContactService::LapseOne(db::Session& session, absl::Time now,
                                           const std::string& name) const {
  const journal::Origin origin{.method = "chanyan.triage.Jobs/lapse", .actor = "services/triage"};
  rpc::Change change(session, now, origin);
  CHANYAN_ASSIGN_OR_RETURN(v1::Result result, book_.LockAny(change, ResultOfName(name)));
  CHANYAN_ASSIGN_OR_RETURN(v1::Handover row, handovers_.GetForUpdate(session, name));
  // Answered since it was looked for.
  if (row.state() != v1::HANDOVER_STATE_OFFERED) return absl::OkStatus();
  const v1::Handover before = row;
  const v1::Result was = result;
  row.set_state(v1::HANDOVER_STATE_LAPSED);
  CHANYAN_RETURN_IF_ERROR(handovers_.Update(session, now, &row));
  CHANYAN_RETURN_IF_ERROR(change.Record("lapse", &before, &row));
  result.clear_open_handover();
  return book_.Save(change, "handover lapse", was, &result);
}

absl::StatusOr<int> FirstContactService::Lapse(const db::Lease& lease) {
  std::vector<std::string> due;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Rows rows,
        session.Query("SELECT name FROM handover WHERE state = 'OFFERED' AND due_time <= ? "
                      "ORDER BY due_time LIMIT 200",
                      {deps_.store.clock.Now() - absl::Seconds(1)}));
    due.clear();
    for (const db::Values& row : rows.rows) due.push_back(NameIn(row));
    return absl::OkStatus();
  }));
  for (const std::string& name : due) {
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
      return LapseOne(session, deps_.store.clock.Now(), name);
    }));
  }
  if (!due.empty() && deps_.store.changed) deps_.store.changed();
  return static_cast<int>(due.size());
}

absl::StatusOr<int> FirstContactService::ClimbOne(db::Session& session, absl::Time now,
                                                  const std::string& name) const {
  const journal::Origin origin{.method = "chanyan.triage.Jobs/climb", .actor = "services/triage"};
  rpc::Change change(session, now, origin);
  CHANYAN_ASSIGN_OR_RETURN(v1::Result result, book_.LockAny(change, name));
  // Withdrawn, merged or done since it was looked for.
  if (!IsOpen(result.state()) || result.concluded()) return 0;
  const absl::CivilDay since = time::DayOf(TimeIn(result.act_time()));
  CHANYAN_ASSIGN_OR_RETURN(
      const int idle, deps_.pack.pack().calendar().WorkdaysBetween(since + 1, time::DayOf(now)));
  const v1::Result before = result;
  int alerts = 0;
  for (const policy::v1::EscalationRung& rung : deps_.pack.proto().first_contact().rungs()) {
    const auto& taken = result.rungs();
    if (idle < static_cast<int>(rung.idle_workdays()) ||
        std::find(taken.begin(), taken.end(), rung.id()) != taken.end()) {
      continue;
    }
    result.add_rungs(rung.id());
    v1::IdleAlert alert;
    alert.set_name(absl::StrCat(result.name(), "/idleAlerts/", api::NewShortId()));
    alert.set_rung(rung.id());
    alert.set_rung_title(rung.display_name());
    alert.set_told_role(rung.role());
    *alert.mutable_idle_since() = result.act_time();
    alert.set_idle_workdays(idle);
    alert.set_holder_title(result.holder_title());
    CopyParties(result, &alert);
    CHANYAN_RETURN_IF_ERROR(alerts_.Insert(session, now, &alert));
    CHANYAN_RETURN_IF_ERROR(change.Record("raised", nullptr, &alert));
    CHANYAN_RETURN_IF_ERROR(escalations_.RaiseIdle(change, result, alert));
    ++alerts;
  }
  CHANYAN_RETURN_IF_ERROR(book_.Save(change, "escalated", before, &result));
  return alerts;
}

absl::Status FirstContactService::ClimbRung(const db::Lease& lease, absl::Time now, int rung,
                                            int* raised, Failures* failures) const {
  const auto& rungs = deps_.pack.proto().first_contact().rungs();
  const auto last = deps_.pack.pack().calendar().AddWorkdays(
      time::DayOf(now), -static_cast<int>(rungs[rung].idle_workdays()));
  if (!last.ok()) {
    failures->Add(last.status());
    return absl::OkStatus();
  }
  // Those that stay where they are, at the head of what is found: others wait behind them.
  int64_t stuck = 0;
  bool more = true;
  while (more && lease.Held()) {
    std::vector<std::string> due;
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(
          const db::Rows rows,
          session.Query(kLadderSql,
                        {int64_t{rung}, time::StartOfDay(*last + 1), kLadderPage, stuck}));
      due.clear();
      for (const db::Values& row : rows.rows) due.push_back(NameIn(row));
      return absl::OkStatus();
    }));
    const int64_t stuck_before = stuck;
    for (const std::string& name : due) {
      int alerts = 0;
      bool ours = false;
      const absl::Status done = deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
        ours = false;
        CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
        ours = true;
        CHANYAN_ASSIGN_OR_RETURN(alerts, ClimbOne(session, now, name));
        return absl::OkStatus();
      });
      if (!done.ok() && (!ours || absl::IsUnavailable(done))) return done;
      failures->Add(done);
      if (!done.ok() || alerts == 0) ++stuck;
      if (done.ok()) *raised += alerts;
    }
    more = static_cast<int64_t>(due.size()) == kLadderPage && stuck > stuck_before;
  }
  return absl::OkStatus();
}

absl::StatusOr<int> FirstContactService::Climb(const db::Lease& lease) {
  const absl::Time now = deps_.store.clock.Now();
  int raised = 0;
  Failures failures;
  // One rung after the other: those that have taken the ones below it and were idle for as long.
  for (int i = 0; i < deps_.pack.proto().first_contact().rungs_size(); ++i) {
    const absl::Status climbed = ClimbRung(lease, now, i, &raised, &failures);
    failures.Add(climbed);
    if (!climbed.ok()) break;
  }
  if (raised > 0 && deps_.store.changed) deps_.store.changed();
  CHANYAN_RETURN_IF_ERROR(failures.All());
  return raised;
}

}  // namespace chanyan::triage
