#include "common/objection/quota.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/api/client_address.h"
#include "common/db/batches.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::objection {
namespace {

constexpr char kTake[] =
    "INSERT INTO objection_quota (day, source, taken) VALUES (?, ?, 1) "
    "ON DUPLICATE KEY UPDATE taken = taken + 1";
constexpr char kTaken[] = "SELECT taken FROM objection_quota WHERE day = ? AND source = ?";
// Yesterday's stay, so that who counts today does not wait for the gap that this locks.
constexpr char kForget[] = "DELETE FROM objection_quota WHERE day < ? ORDER BY day, source LIMIT ?";
// Transactions of one run.
constexpr int kForgetBatches = 200;

}  // namespace

std::vector<Source> SourcesOfPublic(absl::string_view address, const Publication& publication) {
  api::Place place = api::PlaceOf(address);
  return {{"address", std::move(place.address), publication.per_address, "同一来源"},
          {"network", absl::StrCat(place.network, "\n", publication.name),
           std::max(publication.per_address, publication.limit / kNetworksToFill),
           absl::StrCat(publication.label, "对同一网络")},
          {"publication", publication.name, publication.limit, publication.label}};
}

absl::Status CountObjection(db::Session& session, absl::Time now, const crypto::Keyring& keys,
                            const std::vector<Source>& sources, bool tomorrow_too) {
  const absl::CivilDay today = time::DayOf(now);
  const std::string day = time::FormatDate(today);
  for (const Source& source : sources) {
    const std::string key =
        keys.Digest("objection quota", absl::StrCat(day, "\n", source.kind, "\n", source.value));
    CHANYAN_RETURN_IF_ERROR(session.Execute(kTake, {day, key}).status());
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kTaken, {day, key}));
    if (rows.rows.empty()) return status::Internal("objection_quota: nothing was counted");
    if (std::get<int64_t>(rows.rows[0][0]) <= static_cast<int64_t>(source.limit)) continue;
    return status::Overloaded(
        absl::StrCat(
            source.label, "今日已受理", source.limit, "件异议，",
            tomorrow_too ? "请明日再提出" : "异议期今日截止；仍有异议的，请书面送交公布单位"),
        time::StartOfDay(today + 1) - now);
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ForgetCounts(db::Database& database, absl::Time now,
                                     const db::Lease& lease) {
  int batches = kForgetBatches;
  return db::DeleteInBatches(database, lease, {kForget, {time::FormatDate(time::DayOf(now) - 1)}},
                             &batches);
}

}  // namespace chanyan::objection
