#include "services/registry/booking_outages.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/registry/booking_life.h"
#include "services/registry/booking_rules.h"
#include "services/registry/charge_rules.h"

namespace chanyan::registry {
namespace {

constexpr char kBookingsToCome[] =
    "instrument = ? AND end_time > ? AND start_time > ? AND state IN ('REQUESTED', 'APPROVED')";
constexpr char kInstrumentsOut[] =
    "SELECT DISTINCT b.instrument FROM booking b JOIN instrument i ON i.name = b.instrument "
    "WHERE b.state IN ('REQUESTED', 'APPROVED') AND b.start_time > ? AND "
    "((i.state = 'SUSPENDED' AND (b.start_time <= ? OR b.outage IS NULL)) OR "
    "(i.platform_published = 0 AND b.requester <> b.organization)) ORDER BY b.instrument";

absl::Status NameWhomToAsk(db::Session& session, absl::Time now, const v1::Instrument& instrument,
                           v1::Outage* outage) {
  const db::Table<v1::Organization> organizations;
  CHANYAN_ASSIGN_OR_RETURN(const v1::Organization owner,
                           organizations.Get(session, instrument.organization()));
  outage->set_organization_title(owner.display_name());
  outage->set_contact_person(instrument.contact_person());
  outage->set_contact_phone(instrument.contact_phone());
  outage->set_contact_email(instrument.contact_email());
  *outage->mutable_notice_time() = time::ToTimestamp(now);
  return absl::OkStatus();
}

// What the journal calls that which is done with the booking; empty if it stays as it is.
absl::StatusOr<absl::string_view> SettleOutage(rpc::Change& change, const policy::Pack& pack,
                                               const v1::Instrument& instrument,
                                               absl::string_view why_not_public,
                                               v1::Booking* booking) {
  std::optional<v1::Outage> outage = OutageOf(instrument, *booking);
  if (!outage.has_value()) {
    if (!booking->has_outage()) return "";
    booking->clear_outage();
    return "restored";
  }
  if (outage->kind() == v1::OUTAGE_KIND_NOT_PUBLIC) {
    outage->set_reason(std::string(why_not_public));
  }
  const absl::Time begin = TimeOf(*booking).begin;
  if (outage->kind() == v1::OUTAGE_KIND_SUSPENSION && begin > CancelledUntil(pack, change.now())) {
    if (booking->has_outage()) return "";
    CHANYAN_RETURN_IF_ERROR(NameWhomToAsk(change.session(), change.now(), instrument, &*outage));
    // The same distance from its beginning as the last that is cancelled has from now.
    *outage->mutable_cancel_time() =
        time::ToTimestamp(begin - (CancelledUntil(pack, change.now()) - change.now()));
    *booking->mutable_outage() = *std::move(outage);
    return "outage";
  }
  CHANYAN_RETURN_IF_ERROR(
      CancelForOutage(change.session(), change.now(), instrument, *std::move(outage), booking));
  return "cancel";
}

}  // namespace

absl::Status CancelForOutage(db::Session& session, absl::Time now, const v1::Instrument& instrument,
                             v1::Outage outage, v1::Booking* booking) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::BookingState next,
                           policy::Next(BookingLife(), booking->state(), "cancel"));
  CHANYAN_RETURN_IF_ERROR(NameWhomToAsk(session, now, instrument, &outage));
  booking->set_state(next);
  booking->set_reason(OutageText(outage));
  *booking->mutable_settlement() = SettleFree(OutageText(outage), now);
  *booking->mutable_outage() = std::move(outage);
  return absl::OkStatus();
}

absl::StatusOr<int> SettleOutages(rpc::Change& change, const policy::Pack& pack,
                                  const v1::Instrument& instrument,
                                  absl::string_view why_not_public) {
  const db::Table<v1::Booking> bookings;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Booking> rows,
      bookings.Select(change.session(),
                      {kBookingsToCome, {instrument.name(), change.now(), change.now()}},
                      db::kByNameLocked));
  int changed = 0;
  for (v1::Booking& row : rows) {
    const v1::Booking before = row;
    CHANYAN_ASSIGN_OR_RETURN(const absl::string_view kind,
                             SettleOutage(change, pack, instrument, why_not_public, &row));
    if (kind.empty()) continue;
    CHANYAN_RETURN_IF_ERROR(bookings.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record(kind, &before, &row));
    ++changed;
  }
  return changed;
}

absl::StatusOr<std::vector<std::string>> InstrumentsToSettle(db::Session& session,
                                                             const policy::Pack& pack,
                                                             absl::Time now) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                           session.Query(kInstrumentsOut, {now, CancelledUntil(pack, now)}));
  std::vector<std::string> names;
  for (const db::Values& row : found.rows) names.push_back(std::get<std::string>(row[0]));
  return names;
}

}  // namespace chanyan::registry
