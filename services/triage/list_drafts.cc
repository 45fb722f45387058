// Draft lists that triage makes itself when their period has ended (TRI-7).
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/triage/list_lines.h"
#include "services/triage/list_service.h"
#include "services/triage/period_drafts.h"
#include "services/triage/repeated_failures.h"

namespace chanyan::triage {
namespace {

using policy::v1::IndustryListKind;

// What keeps an industry from being drafted.
constexpr char kStanding[] =
    "SELECT industry FROM industry_list WHERE kind = ? AND (state = 'DRAFT' OR "
    "period_start_date >= ?)";
constexpr char kStandingOf[] =
    "SELECT name FROM industry_list WHERE kind = ? AND industry = ? AND (state = 'DRAFT' OR "
    "period_start_date >= ?) LIMIT 1";

std::string SeriesOf(const IndustryListKind& kind) { return absl::StrCat("list/", kind.id()); }

}  // namespace

absl::StatusOr<std::vector<std::string>> ListService::DueIndustries(const IndustryListKind& kind,
                                                                    const Period& period) const {
  absl::flat_hash_set<std::string> done;
  bool anything = false;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows standing,
                             session.Query(kStanding, {kind.id(), time::FormatDate(period.first)}));
    for (const db::Values& row : standing.rows) done.insert(std::get<std::string>(row[0]));
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> had,
                             HadTurn(session, SeriesOf(kind), period.first));
    done.insert(had.begin(), had.end());
    CHANYAN_ASSIGN_OR_RETURN(anything, AnythingBefore(session, period.last + 1));
    return absl::OkStatus();
  }));
  std::vector<std::string> due;
  if (!anything) return due;
  for (const auto* unit : deps_.pack.UnitsOf(policy::v1::TRIAGE_UNIT_KIND_TASK_FORCE)) {
    for (const std::string& industry : unit->industries()) {
      if (MayList(kind, industry) && done.insert(industry).second) due.push_back(industry);
    }
  }
  for (std::string& chain : ChainsOf(deps_.pack, kind)) {
    if (done.insert(chain).second) due.push_back(std::move(chain));
  }
  return due;
}

absl::StatusOr<bool> ListService::DraftOne(const db::Lease& lease, const IndustryListKind& kind,
                                           const std::string& industry,
                                           const Period& period) const {
  const journal::Origin origin = DraftOrigin();
  bool made = false;
  absl::Status too_long;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    made = false;
    too_long = absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Rows standing,
        session.Query(kStandingOf, {kind.id(), industry, time::FormatDate(period.first)}));
    if (!standing.rows.empty()) return absl::OkStatus();
    rpc::Change change(session, deps_.store.clock.Now(), origin);
    v1::IndustryList row = NewDraft(kind, industry, period, kDrafter);
    const absl::Status collected = Collect(change, &row);
    // It had its turn: the office lists by parts of the industry. Said once, in the log.
    if (status::ReasonOf(collected) == options::v1::ERROR_REASON_FILE_TOO_LARGE) {
      too_long = collected;
    } else if (!collected.ok()) {
      return collected;
    }
    const bool empty = row.line_count() == 0;
    CHANYAN_ASSIGN_OR_RETURN(const bool ours, TakeTurn(session, SeriesOf(kind), industry,
                                                       period.first, empty ? "" : row.name()));
    // Of the lines that were collected nothing may stay.
    if (!ours) return status::AlreadyExists(row.name(), "本期清单已编制");
    if (empty) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(lists_.Insert(session, change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
    made = true;
    return absl::OkStatus();
  }));
  CHANYAN_RETURN_IF_ERROR(too_long);
  return made;
}

absl::StatusOr<int> ListService::DraftDue(const db::Lease& lease) {
  const absl::CivilDay today = time::DayOf(deps_.store.clock.Now());
  int made = 0;
  Failures failures;
  for (const IndustryListKind& kind : deps_.pack.proto().list_kinds()) {
    if (kind.drafted_by_hand()) continue;
    if (!lease.Held()) break;
    // One that fails does not keep the others from being drafted.
    const auto period = DuePeriod(kind.period(), deps_.pack.pack().calendar(), today);
    failures.Add(period.status());
    if (!period.ok()) continue;
    const auto due = DueIndustries(kind, *period);
    failures.Add(due.status());
    if (!due.ok()) continue;
    for (const std::string& industry : *due) {
      if (!lease.Held()) break;
      const absl::StatusOr<bool> drafted = DraftOne(lease, kind, industry, *period);
      // Somebody was faster: the office, or another replica.
      if (absl::IsAlreadyExists(drafted.status())) continue;
      failures.Add(drafted.status());
      if (drafted.ok() && *drafted) ++made;
    }
  }
  if (made > 0 && deps_.store.changed) deps_.store.changed();
  CHANYAN_RETURN_IF_ERROR(failures.All());
  return made;
}

}  // namespace chanyan::triage
