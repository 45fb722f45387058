// What becomes of a booking: by its owner, by who asked for it, and by the clock (REG-4).
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/journal/journal.h"
#include "common/policy/verdict.h"
#include "common/rpc/resource.h"
#include "common/time/timestamp.h"
#include "services/registry/booking_life.h"
#include "services/registry/booking_outages.h"
#include "services/registry/booking_rules.h"
#include "services/registry/charge_rules.h"
#include "services/registry/diary.h"
#include "services/registry/instrument_service.h"

namespace chanyan::registry {
namespace {

// Overdue bookings of one run, locked, the longest overdue first.
constexpr char kByStart[] = "start_time LIMIT 200 FOR UPDATE";
constexpr char kByEnd[] = "end_time LIMIT 200 FOR UPDATE";

journal::Origin ClockOrigin() {
  return {.method = "chanyan.registry.InstrumentClock", .actor = "services/registry"};
}

// All but those.
db::Predicate LeftAlone(const std::vector<std::string>& names) {
  if (names.empty()) return db::Predicate::Everything();
  return {absl::StrCat("name NOT IN ", db::Marks(names.size())),
          db::Values(names.begin(), names.end())};
}

}  // namespace

absl::StatusOr<v1::Booking> InstrumentService::Transit(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, BookingEdit edit,
    absl::FunctionRef<absl::Status(rpc::Change&)> first) {
  const auto transit = [&](rpc::Change& change, v1::Booking& row) -> absl::Status {
    const bool owner = call.principal.organization == row.organization();
    if (IsOwnersVerb(verb) && !owner) {
      return status::PermissionDenied("该操作由仪器的管理单位办理");
    }
    const v1::Booking before = row;
    CHANYAN_ASSIGN_OR_RETURN(const v1::BookingState next,
                             policy::Next(BookingLife(), row.state(), verb));
    CHANYAN_RETURN_IF_ERROR(RequireInTime(deps_.pack, verb, row, owner, change.now()));
    row.set_state(next);
    return edit(change, before, row);
  };
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Booking booking,
      rpc::Mutate<v1::Booking>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Booking> {
            CHANYAN_RETURN_IF_ERROR(first(change));
            return rpc::EditWithin<v1::Booking>(change, call, bookings_, name, etag, verb, transit);
          }));
  Present(call, &booking);
  return booking;
}

absl::StatusOr<v1::Booking> InstrumentService::ApproveBooking(
    const rpc::Call& call, const v1::ApproveBookingRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "approve",
                 [&](rpc::Change& change, const v1::Booking&, v1::Booking& row) -> absl::Status {
                   CHANYAN_RETURN_IF_ERROR(
                       RequireOrSetAside(call, request.override_reason(), row.mutable_verdicts()));
                   *row.mutable_decide_time() = time::ToTimestamp(change.now());
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Booking> InstrumentService::DeclineBooking(
    const rpc::Call& call, const v1::DeclineBookingRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "decline",
                 [&](rpc::Change& change, const v1::Booking&, v1::Booking& row) -> absl::Status {
                   row.set_reason(request.reason());
                   *row.mutable_decide_time() = time::ToTimestamp(change.now());
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Booking> InstrumentService::CheckinBooking(
    const rpc::Call& call, const v1::CheckinBookingRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "checkin",
                 [&](rpc::Change& change, const v1::Booking&, v1::Booking& row) -> absl::Status {
                   *row.mutable_checkin_time() = time::ToTimestamp(change.now());
                   // What was owed for not coming is not.
                   row.clear_settlement();
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Booking> InstrumentService::CompleteBooking(
    const rpc::Call& call, const v1::CompleteBookingRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "complete",
      [&](rpc::Change& change, const v1::Booking&, v1::Booking& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(CheckUsedMinutes(row, request.used_minutes(), change.now()));
        row.set_used_minutes(request.used_minutes());
        row.set_samples(request.samples());
        *row.mutable_settlement() =
            SettleUse(row.quote(), request.used_minutes(), request.samples(), change.now());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Booking> InstrumentService::CancelBooking(
    const rpc::Call& call, const v1::CancelBookingRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "cancel",
      [&](rpc::Change& change, const v1::Booking& before, v1::Booking& row) -> absl::Status {
        row.set_reason(request.reason());
        const absl::Time now = change.now();
        CHANYAN_ASSIGN_OR_RETURN(const v1::Instrument instrument,
                                 instruments_.Get(change.session(), row.instrument()));
        const std::optional<v1::Outage> outage = OutageOf(instrument, row);
        // It ends by who gives it back, whatever was in its way.
        row.clear_outage();
        if (call.principal.organization != row.requester()) {
          *row.mutable_settlement() = SettleFree("仪器管理单位取消", now);
        } else if (before.state() != v1::BOOKING_STATE_APPROVED) {
          *row.mutable_settlement() = SettleFree("同意前取消", now);
        } else if (outage.has_value()) {
          *row.mutable_settlement() = SettleFree(OutageText(*outage), now);
        } else {
          *row.mutable_settlement() = SettleCancellation(row.quote(), now);
        }
        return absl::OkStatus();
      });
}

absl::Status InstrumentService::ChangeDue(db::Session& session, absl::Time now,
                                          const db::Predicate& due, absl::string_view order,
                                          DueEdit edit, std::vector<std::string>* names) {
  names->clear();
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Booking> rows, bookings_.Select(session, due, order));
  for (const v1::Booking& row : rows) names->push_back(row.name());
  for (v1::Booking& row : rows) {
    const v1::Booking before = row;
    CHANYAN_ASSIGN_OR_RETURN(const absl::string_view kind, edit(session, now, row));
    CHANYAN_RETURN_IF_ERROR(bookings_.Update(session, now, &row));
    CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, ClockOrigin(), kind, &before, &row));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> InstrumentService::ForEachDue(absl::FunctionRef<db::Predicate(absl::Time)> due,
                                                  absl::string_view order, DueEdit edit,
                                                  HeldBack* held_back) {
  std::vector<std::string> names;
  const absl::Status together = deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    const absl::Time now = deps_.store.clock.Now();
    return ChangeDue(session, now, db::And(due(now), LeftAlone(held_back->At(now))), order, edit,
                     &names);
  });
  if (!together.ok() && (names.empty() || IsAboutAll(together))) return together;
  int changed = together.ok() ? static_cast<int>(names.size()) : 0;
  absl::Status outcome;
  if (!together.ok()) {
    // One of them cannot be changed: each by itself, so that it keeps no other from its turn.
    for (const std::string& name : names) {
      std::vector<std::string> one;
      const absl::Status alone = deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
        const absl::Time now = deps_.store.clock.Now();
        return ChangeDue(session, now, db::And(due(now), {"name = ?", {name}}), db::kByNameLocked,
                         edit, &one);
      });
      outcome.Update(alone);
      if (alone.ok()) {
        held_back->Done(name);
        changed += static_cast<int>(one.size());
      } else if (!IsAboutAll(alone)) {
        held_back->Failed(name, deps_.store.clock.Now());
      }
    }
  }
  if (changed > 0 && deps_.store.changed != nullptr) deps_.store.changed();
  if (!outcome.ok()) return outcome;
  return changed;
}

absl::StatusOr<int> InstrumentService::SettleLasting() {
  std::vector<std::string> names;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(names,
                             InstrumentsToSettle(session, deps_.pack, deps_.store.clock.Now()));
    return absl::OkStatus();
  }));
  int changed = 0;
  absl::Status outcome;
  for (const std::string& name : names) {
    int done = 0;
    const absl::Status status = deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
      const journal::Origin origin = ClockOrigin();
      rpc::Change change(session, deps_.store.clock.Now(), origin);
      CHANYAN_ASSIGN_OR_RETURN(const v1::Instrument instrument,
                               instruments_.GetForUpdate(session, name));
      CHANYAN_RETURN_IF_ERROR(Touch(session, name));
      CHANYAN_ASSIGN_OR_RETURN(const v1::Platform platform,
                               platforms_.Get(session, instrument.platform()));
      CHANYAN_ASSIGN_OR_RETURN(
          done, SettleOutages(change, deps_.pack, instrument, platform.withdraw_reason()));
      return absl::OkStatus();
    });
    outcome.Update(status);
    if (status.ok()) changed += done;
  }
  if (changed > 0 && deps_.store.changed != nullptr) deps_.store.changed();
  if (!outcome.ok()) return outcome;
  return changed;
}

absl::StatusOr<absl::string_view> InstrumentService::Miss(db::Session& session, absl::Time now,
                                                          v1::Booking& row) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Instrument instrument,
                           instruments_.Get(session, row.instrument()));
  if (std::optional<v1::Outage> outage = OutageAtBeginning(instrument, row)) {
    CHANYAN_RETURN_IF_ERROR(CancelForOutage(session, now, instrument, *std::move(outage), &row));
    return "cancel";
  }
  CHANYAN_ASSIGN_OR_RETURN(const v1::BookingState next,
                           policy::Next(BookingLife(), row.state(), "noshow"));
  row.set_state(next);
  *row.mutable_settlement() = SettleNoShow(row.quote(), now);
  return "noshow";
}

absl::StatusOr<int> InstrumentService::RunClock() {
  if (!deps_.pack.proto().has_instrument_policy()) return 0;
  const policy::v1::AttendanceRule& rule = deps_.pack.proto().instrument_policy().attendance();
  int done = 0;
  absl::Status outcome;
  // Each is done whatever becomes of the others.
  const auto count = [&](const absl::StatusOr<int>& run) {
    outcome.Update(run.status());
    if (run.ok()) done += *run;
  };
  count(SettleLasting());
  count(ForEachDue(
      [](absl::Time now) {
        return db::Predicate{"state = 'REQUESTED' AND start_time <= ?", {now}};
      },
      kByStart,
      [](db::Session&, absl::Time now, v1::Booking& row) -> absl::StatusOr<absl::string_view> {
        CHANYAN_ASSIGN_OR_RETURN(const v1::BookingState next,
                                 policy::Next(BookingLife(), row.state(), "lapse"));
        row.set_state(next);
        row.set_reason("到预约开始时仍未审批，自动失效");
        *row.mutable_decide_time() = time::ToTimestamp(now);
        return "lapse";
      },
      &not_lapsed_));
  count(ForEachDue(
      [&](absl::Time now) {
        return db::Predicate{"state = 'APPROVED' AND end_time <= ?",
                             {now - absl::Minutes(rule.grace_minutes())}};
      },
      kByEnd,
      [this](db::Session& session, absl::Time now, v1::Booking& row) {
        return Miss(session, now, row);
      },
      &not_missed_));
  if (rule.reminder_hours() > 0) {
    count(ForEachDue(
        [&](absl::Time now) {
          return db::Predicate{
              "state = 'APPROVED' AND remind_time IS NULL AND start_time > ? AND start_time <= ?",
              {now, now + absl::Hours(rule.reminder_hours())}};
        },
        kByStart,
        [](db::Session&, absl::Time now, v1::Booking& row) -> absl::StatusOr<absl::string_view> {
          *row.mutable_remind_time() = time::ToTimestamp(now);
          return "reminded";
        },
        &not_reminded_));
  }
  if (!outcome.ok()) return outcome;
  return done;
}

}  // namespace chanyan::registry
