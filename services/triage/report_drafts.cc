// Draft reports that triage makes itself when their period has ended (TRI-8).
#include "absl/strings/str_cat.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/triage/period_drafts.h"
#include "services/triage/repeated_failures.h"
#include "services/triage/report_service.h"

namespace chanyan::triage {
namespace {

using policy::v1::ReportKind;

constexpr char kOfPeriod[] = "kind = ? AND period_start_date = ?";

std::string SeriesOf(const ReportKind& kind) { return absl::StrCat("report/", kind.id()); }

}  // namespace

absl::StatusOr<bool> ReportService::IsDue(const ReportKind& kind, const Period& period) const {
  bool due = false;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> had,
                             HadTurn(session, SeriesOf(kind), period.first));
    CHANYAN_ASSIGN_OR_RETURN(
        const int64_t present,
        reports_.Count(session, {kOfPeriod, {kind.id(), time::FormatDate(period.first)}}));
    CHANYAN_ASSIGN_OR_RETURN(const bool anything, AnythingBefore(session, period.last + 1));
    due = had.empty() && present == 0 && anything;
    return absl::OkStatus();
  }));
  return due;
}

absl::StatusOr<bool> ReportService::DraftOne(const db::Lease& lease, const ReportKind& kind,
                                             const Period& period) const {
  CHANYAN_ASSIGN_OR_RETURN(const v1::ReportContent content,
                           ReadNow(absl::InfiniteFuture(), kind, period));
  const journal::Origin origin = DraftOrigin();
  bool made = false;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    made = false;
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    // The office may have been faster.
    CHANYAN_ASSIGN_OR_RETURN(
        const int64_t present,
        reports_.Count(session, {kOfPeriod, {kind.id(), time::FormatDate(period.first)}}));
    if (present > 0) return absl::OkStatus();
    rpc::Change change(session, deps_.store.clock.Now(), origin);
    v1::Report row = NewDraft(kind, period, content, kDrafter);
    CHANYAN_ASSIGN_OR_RETURN(const bool ours,
                             TakeTurn(session, SeriesOf(kind), "", period.first, row.name()));
    if (!ours) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(reports_.Insert(session, change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
    made = true;
    return absl::OkStatus();
  }));
  return made;
}

absl::StatusOr<int> ReportService::DraftDue(const db::Lease& lease) {
  const absl::CivilDay today = time::DayOf(deps_.store.clock.Now());
  int made = 0;
  Failures failures;
  for (const ReportKind& kind : deps_.pack.proto().report_kinds()) {
    if (kind.drafted_by_hand()) continue;
    if (!lease.Held()) break;
    // One that fails does not keep the others from being drafted.
    const auto period = DuePeriod(kind.period(), deps_.pack.pack().calendar(), today);
    failures.Add(period.status());
    if (!period.ok()) continue;
    const absl::StatusOr<bool> due = IsDue(kind, *period);
    failures.Add(due.status());
    if (!due.ok() || !*due) continue;
    const absl::StatusOr<bool> drafted = DraftOne(lease, kind, *period);
    if (absl::IsAlreadyExists(drafted.status())) continue;
    failures.Add(drafted.status());
    if (drafted.ok() && *drafted) ++made;
  }
  if (made > 0 && deps_.store.changed) deps_.store.changed();
  CHANYAN_RETURN_IF_ERROR(failures.All());
  return made;
}

}  // namespace chanyan::triage
