#include "services/registry/instrument_following.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/db/predicate.h"
#include "common/status/status.h"
#include "services/registry/booking_outages.h"
#include "services/registry/diary.h"
#include "services/registry/organization_rules.h"

namespace chanyan::registry {
namespace {

// Characters of a number in the books.
constexpr int kMaxAssetNumber = 60;

// What belongs to an instrument becomes its owner's.
template <class T>
absl::Status TakeAlong(rpc::Change& change, const db::Table<T>& table,
                       const v1::Instrument& instrument) {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<T> rows,
                           table.Select(change.session(),
                                        {"instrument = ? AND organization <> ?",
                                         {instrument.name(), instrument.organization()}},
                                        db::kByNameLocked));
  const std::vector<T> before = rows;
  std::vector<journal::Alteration> alterations;
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].set_organization(instrument.organization());
    CHANYAN_RETURN_IF_ERROR(table.Update(change.session(), change.now(), &rows[i]));
    alterations.push_back({&before[i], &rows[i]});
  }
  return change.RecordAll("takenOver", alterations);
}

}  // namespace

absl::Status FollowPlatform(rpc::Change& change, const policy::Pack& pack,
                            const db::Table<v1::Instrument>& instruments,
                            const v1::Platform& platform) {
  CHANYAN_RETURN_IF_ERROR(Touch(change.session(), platform.name()));
  const bool published = IsPublished(platform);
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Instrument> rows,
                           instruments.Select(change.session(),
                                              {"platform = ? AND platform_published <> ?",
                                               {platform.name(), int64_t{published}}},
                                              db::kByNameLocked));
  for (v1::Instrument& row : rows) {
    const v1::Instrument before = row;
    row.set_platform_published(published);
    CHANYAN_RETURN_IF_ERROR(instruments.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, &row));
    if (published) continue;
    // Nothing is booked while it is withdrawn.
    CHANYAN_RETURN_IF_ERROR(Touch(change.session(), row.name()));
    CHANYAN_RETURN_IF_ERROR(SettleOutages(change, pack, row, platform.withdraw_reason()).status());
  }
  return absl::OkStatus();
}

absl::Status TakeInstruments(rpc::Change& change, const v1::Platform& platform,
                             absl::string_view former) {
  const db::Table<v1::Instrument> instruments;
  const db::Table<v1::Booking> bookings;
  const db::Table<v1::UseRecord> use_records;
  db::Session& session = change.session();
  // Whoever adds one to the platform meanwhile runs again, and sees the new owner.
  CHANYAN_RETURN_IF_ERROR(Touch(session, platform.name()));
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Instrument> rows,
                           instruments.Select(session,
                                              {"platform = ? AND organization <> ?",
                                               {platform.name(), platform.organization()}},
                                              db::kByNameLocked));
  if (rows.empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Instrument> own,
      instruments.Select(session, {"organization = ?", {platform.organization()}},
                         db::kByNameLocked));
  std::vector<std::string> taken;
  for (const v1::Instrument& one : own) taken.push_back(one.asset_number());
  for (v1::Instrument& row : rows) {
    // Bookings made meanwhile see either the old owner or the new one.
    CHANYAN_RETURN_IF_ERROR(Touch(session, row.name()));
    const v1::Instrument before = row;
    row.set_organization(platform.organization());
    if (std::find(taken.begin(), taken.end(), row.asset_number()) != taken.end()) {
      row.set_asset_number(NameBeside(row.asset_number(), former, taken, kMaxAssetNumber));
    }
    taken.push_back(row.asset_number());
    CHANYAN_RETURN_IF_ERROR(instruments.Update(session, change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("takenOver", &before, &row));
    CHANYAN_RETURN_IF_ERROR(TakeAlong(change, bookings, row));
    CHANYAN_RETURN_IF_ERROR(TakeAlong(change, use_records, row));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::registry
