// Panels are looked at again by themselves (CON-4): what registry and pairing say of their people
// grows old, and rules change. Asked before each panel's transaction, as when the office does it.
#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/clock.h"
#include "common/api/well_known.h"
#include "common/rpc/trace.h"
#include "common/status/status.h"
#include "services/consortium/again.h"
#include "services/consortium/consortium_life.h"
#include "services/consortium/due_queries.h"
#include "services/consortium/expert_standing.h"
#include "services/consortium/review_service.h"

namespace chanyan::consortium {
namespace {

// Panels of one read.
constexpr int64_t kRecheckPage = 5;
// For what peers say of one panel.
constexpr absl::Duration kRecheckPatience = absl::Seconds(10);
constexpr char kNoteChecked[] =
    "INSERT INTO panel_check (panel, check_time, rules, again_time) VALUES (?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE check_time = VALUES(check_time), rules = VALUES(rules), "
    "again_time = VALUES(again_time)";
constexpr char kAgainTime[] = "SELECT again_time FROM panel_check WHERE panel = ?";

}  // namespace

std::string ReviewService::RulesDigest() const {
  v1::DrawInput rules;
  *rules.mutable_checks() = deps_.pack.proto().consortium().review().conflict_checks();
  rules.set_pack_id(deps_.pack.id());
  rules.set_pack_version(deps_.pack.proto().version());
  return DigestOf(rules);
}

absl::Status ReviewService::NoteChecked(rpc::Change& change, const Reviewed& reviewed,
                                        const std::string& panel) const {
  db::Value again;
  if (!reviewed.facts.missing().empty()) again = change.now() + kMissingFactsAge;
  return change.session()
      .Execute(kNoteChecked, {panel, change.now(), RulesDigest(), again})
      .status();
}

absl::Status ReviewService::AddRecheckTime(db::Session& session, v1::ReviewPanel* panel) const {
  if (panel->missing_facts().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kAgainTime, {panel->name()}));
  if (rows.rows.empty()) return absl::OkStatus();
  if (const auto* again = std::get_if<absl::Time>(&rows.rows.front().at(0)); again != nullptr) {
    api::SetTime(*again, panel->mutable_recheck_time());
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ReviewService::RecheckOne(rpc::Change& change, const Reviewed& reviewed,
                                               const std::string& panel) const {
  CHANYAN_ASSIGN_OR_RETURN(LockedPanel locked, book_.LockAny(change, panel));
  // Somebody may have decided since the list was made.
  if (locked.panel.state() == v1::REVIEW_PANEL_STATE_CANCELLED ||
      !In(locked.consortium.state(), kAccepted)) {
    return false;
  }
  CHANYAN_ASSIGN_OR_RETURN(const Checked checked,
                           Check(change, reviewed, Proofs::kAnewWhereGroundsChanged, &locked));
  CHANYAN_RETURN_IF_ERROR(book_.Settle(change, "rechecked", &locked));
  return checked.removed + checked.proven > 0;
}

absl::StatusOr<int> ReviewService::RecheckDue(const db::Lease& lease, absl::Time until) const {
  const absl::Time now = deps_.store.clock.Now();
  const absl::Time old = now - kFactsAge;
  const std::string rules = RulesDigest();
  int changed = 0;
  std::string after;
  do {
    std::vector<std::string> page;
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows,
                               session.Query(DuePanels(), {after, old, rules, now, kRecheckPage}));
      page.clear();
      for (const db::Values& row : rows.rows) page.push_back(std::get<std::string>(row.at(0)));
      return absl::OkStatus();
    }));
    if (page.empty()) return changed;
    Reviewed reviewed;
    CHANYAN_ASSIGN_OR_RETURN(
        const int here, ForEachAsked(
                            deps_.due(), lease, DueJob::kRecheck, page,
                            [&](const std::string& name) -> absl::Status {
                              CHANYAN_ASSIGN_OR_RETURN(
                                  reviewed,
                                  AskForPanel(AskerOfJob(absl::Now() + kRecheckPatience), name));
                              return absl::OkStatus();
                            },
                            [&](rpc::Change& change, const std::string& name) {
                              return RecheckOne(change, reviewed, name);
                            }));
    changed += here;
    after = page.back();
  } while (lease.Held() && absl::Now() < until);
  return changed;
}

void ReviewService::RecheckDeclared(const rpc::Call& call, const std::string& expert) const {
  std::vector<std::string> panels;
  const absl::Status found =
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(panels, ScoredUndecided(session, expert));
        return absl::OkStatus();
      });
  if (!found.ok()) return;
  const journal::Origin origin = [&call] {
    journal::Origin of_job = JobOrigin(DueJob::kRecheck);
    of_job.request_id = call.request_id;
    of_job.trace_id = std::string(rpc::TraceId(call.traceparent));
    return of_job;
  }();
  const absl::Time deadline = std::min(call.deadline, absl::Now() + kRecheckPatience);
  bool changed = false;
  for (const std::string& panel : panels) {
    bool here = false;
    const absl::Status done = AgainOnConflict([&]() -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const Reviewed reviewed, AskForPanel(AskerOfJob(deadline), panel));
      return deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
        rpc::Change change(session, deps_.store.clock.Now(), origin);
        CHANYAN_ASSIGN_OR_RETURN(here, RecheckOne(change, reviewed, panel));
        return absl::OkStatus();
      });
    });
    changed = changed || (done.ok() && here);
    // Who is away is nobody's fault; the job comes back to it.
    if (!done.ok() && !absl::IsUnavailable(done) && deps_.due_failed) {
      deps_.due_failed(DueJob::kRecheck, panel, done);
    }
  }
  if (changed && deps_.store.changed) deps_.store.changed();
}

}  // namespace chanyan::consortium
