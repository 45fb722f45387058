// Panels are looked at again by themselves (CON-4): what registry and pairing say of their people
// grows old, and rules change. Asked before each panel's transaction, as when the office does it.
#include <string>
#include <variant>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/status.h"
#include "services/consortium/consortium_life.h"
#include "services/consortium/due_queries.h"
#include "services/consortium/review_service.h"

namespace chanyan::consortium {
namespace {

// Panels of one read.
constexpr int64_t kRecheckPage = 5;
// For what peers say of one panel.
constexpr absl::Duration kRecheckPatience = absl::Seconds(10);
constexpr char kNoteChecked[] =
    "INSERT INTO panel_check (panel, check_time, rules) VALUES (?, ?, ?) "
    "ON DUPLICATE KEY UPDATE check_time = VALUES(check_time), rules = VALUES(rules)";

}  // namespace

std::string ReviewService::RulesDigest() const {
  v1::DrawInput rules;
  *rules.mutable_checks() = deps_.pack.proto().consortium().review().conflict_checks();
  rules.set_pack_id(deps_.pack.id());
  rules.set_pack_version(deps_.pack.proto().version());
  return DigestOf(rules);
}

absl::Status ReviewService::NoteChecked(rpc::Change& change, const std::string& panel) const {
  return change.session().Execute(kNoteChecked, {panel, change.now(), RulesDigest()}).status();
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
  const absl::Time old = deps_.store.clock.Now() - kFactsAge;
  const std::string rules = RulesDigest();
  int changed = 0;
  std::string after;
  do {
    std::vector<std::string> page;
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows,
                               session.Query(DuePanels(), {after, old, rules, kRecheckPage}));
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

}  // namespace chanyan::consortium
