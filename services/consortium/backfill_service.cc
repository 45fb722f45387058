#include "services/consortium/backfill_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/rpc/get.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kName[] = "backfills/consortium";
constexpr char kAnyDossier[] = "SELECT name FROM consortium LIMIT 1";
constexpr char kAnyDossierNow[] = "SELECT name FROM consortium LIMIT 1 FOR UPDATE";

absl::Status RequireNoDossier(db::Session& session, absl::string_view sql) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows dossiers, session.Query(sql));
  if (dossiers.rows.empty()) return absl::OkStatus();
  return status::FailedPrecondition(
      ERROR_REASON_WRONG_STATE, "已有申报材料，不能再把时间拨回；补录应在第一份申报材料之前开始");
}

}  // namespace

std::vector<rpc::UnaryMethod> BackfillService::Methods() {
  using S = BackfillService;
  return {
      rpc::Get<v1::GetBackfillRequest>(
          "GetBackfill", store_.db, backfills_,
          [this](const rpc::Call&, v1::Backfill row) { return Shown(std::move(row)); }),
      rpc::Unary("BeginBackfill", this, &S::BeginBackfill),
      rpc::Unary("AdvanceBackfill", this, &S::AdvanceBackfill),
  };
}

v1::Backfill BackfillService::Shown(v1::Backfill row) const {
  *row.mutable_clock_time() =
      time::ToTimestamp(store_.clock.Now() - absl::Seconds(row.behind_seconds()));
  return row;
}

absl::StatusOr<v1::Backfill> BackfillService::BeginBackfill(
    const rpc::Call& call, const v1::BeginBackfillRequest& request) {
  if (request.name() != kName) return status::NotFound(request.name());
  if (call.principal.organization != pack_.Office()) {
    return status::PermissionDenied("补录时钟由备案单位设定");
  }
  const absl::Time wanted = time::ToTime(request.clock_time());
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Backfill begun,
      rpc::Mutate<v1::Backfill>(
          store_, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Backfill> {
            const auto known = backfills_.Get(change.session(), kName);
            if (!absl::IsNotFound(known.status())) {
              CHANYAN_RETURN_IF_ERROR(known.status());
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                                "补录已经开始过，时钟只能向前拨");
            }
            CHANYAN_RETURN_IF_ERROR(RequireNoDossier(change.session(), kAnyDossier));
            if (wanted >= change.now()) {
              return status::InvalidField("clock_time", "补录时间应早于现在");
            }
            // A year without a calendar has no terms: said now, not at the first submission.
            CHANYAN_RETURN_IF_ERROR(
                pack_.pack().calendar().TermAfter(time::DayOf(wanted), 1).status());
            v1::Backfill row;
            row.set_name(kName);
            row.set_state(v1::BACKFILL_STATE_RUNNING);
            row.set_behind_seconds(absl::ToInt64Seconds(change.now() - wanted));
            row.set_reason(request.reason());
            row.set_office(pack_.Office());
            CHANYAN_RETURN_IF_ERROR(backfills_.Insert(change.session(), change.now(), &row));
            // Whoever makes a dossier holds the clock where it is, and this has waited for them.
            CHANYAN_RETURN_IF_ERROR(RequireNoDossier(change.session(), kAnyDossierNow));
            CHANYAN_RETURN_IF_ERROR(change.Record("begin", nullptr, &row));
            return row;
          }));
  CHANYAN_RETURN_IF_ERROR(clock_.Refresh(store_.db));
  return Shown(std::move(begun));
}

absl::StatusOr<v1::Backfill> BackfillService::AdvanceBackfill(
    const rpc::Call& call, const v1::AdvanceBackfillRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Backfill moved,
      rpc::Edit<v1::Backfill>(
          store_, call, request, backfills_, request.name(), request.etag(), "advance",
          [&](rpc::Change& change, v1::Backfill& row) -> absl::Status {
            if (row.state() != v1::BACKFILL_STATE_RUNNING) {
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                                "补录已结束，现在按本机时间办理");
            }
            const absl::Time shown = change.now() - absl::Seconds(row.behind_seconds());
            const absl::Time wanted =
                request.has_clock_time() ? time::ToTime(request.clock_time()) : change.now();
            if (wanted < shown) {
              return status::InvalidField(
                  "clock_time",
                  absl::StrCat("补录时钟只能向前拨，现在是",
                               absl::FormatTime("%Y-%m-%d %H:%M:%S", shown, time::Shanghai())));
            }
            const bool over = wanted >= change.now();
            row.set_behind_seconds(over ? 0 : absl::ToInt64Seconds(change.now() - wanted));
            if (over) row.set_state(v1::BACKFILL_STATE_ENDED);
            return absl::OkStatus();
          }));
  CHANYAN_RETURN_IF_ERROR(clock_.Refresh(store_.db));
  return Shown(std::move(moved));
}

}  // namespace chanyan::consortium
