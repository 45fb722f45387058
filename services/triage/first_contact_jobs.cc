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
  if (!IsOpen(result.state())) return 0;
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

absl::StatusOr<int> FirstContactService::Climb(const db::Lease& lease) {
  const absl::Time now = deps_.store.clock.Now();
  int raised = 0;
  // One rung after the other: those that have taken the ones below it and were idle for as long.
  const auto& rungs = deps_.pack.proto().first_contact().rungs();
  for (int i = 0; i < rungs.size(); ++i) {
    CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last,
                             deps_.pack.pack().calendar().AddWorkdays(
                                 time::DayOf(now), -static_cast<int>(rungs[i].idle_workdays())));
    std::vector<std::string> due;
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows,
                               session.Query(kLadderSql, {int64_t{i}, time::StartOfDay(last + 1)}));
      due.clear();
      for (const db::Values& row : rows.rows) due.push_back(NameIn(row));
      return absl::OkStatus();
    }));
    for (const std::string& name : due) {
      int alerts = 0;
      CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
        CHANYAN_ASSIGN_OR_RETURN(alerts, ClimbOne(session, now, name));
        return absl::OkStatus();
      }));
      raised += alerts;
    }
  }
  if (raised > 0 && deps_.store.changed) deps_.store.changed();
  return raised;
}

}  // namespace chanyan::triage
