// Handlers that read bookings, make and move them (REG-4).
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/time/timestamp.h"
#include "services/registry/booking_life.h"
#include "services/registry/booking_rules.h"
#include "services/registry/charge_rules.h"
#include "services/registry/diary.h"
#include "services/registry/held_times.h"
#include "services/registry/instrument_service.h"

namespace chanyan::registry {
namespace {

// Longest time that one question for free times may cover.
constexpr absl::Duration kMaxAsked = absl::Hours(62 * 24);
// Times that one booking may be moved.
constexpr int kMaxMoves = 50;

absl::Status NotBookable(const v1::Instrument& instrument) {
  if (instrument.state() != v1::INSTRUMENT_STATE_OPEN) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      absl::StrCat("“", instrument.display_name(), "”当前状态为“",
                                                   policy::LabelOf(instrument.state()), "”",
                                                   instrument.state_reason().empty() ? "" : "：",
                                                   instrument.state_reason(), "，不能预约"));
  }
  if (instrument.booking_mode() == v1::BOOKING_MODE_CONTACT) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("“", instrument.display_name(), "”不在网上预约，请与联系人联系"));
  }
  return absl::OkStatus();
}

bool AllSatisfied(const policy::v1::Verdicts& verdicts) {
  return std::all_of(verdicts.verdicts().begin(), verdicts.verdicts().end(),
                     [](const policy::v1::Verdict& verdict) {
                       return verdict.outcome() == policy::v1::OUTCOME_SATISFIED;
                     });
}

v1::EarlierTime EarlierTimeOf(const v1::Booking& before,
                              const v1::RescheduleBookingRequest& request, const std::string& by,
                              absl::Time now) {
  v1::EarlierTime earlier;
  *earlier.mutable_start_time() = before.start_time();
  *earlier.mutable_end_time() = before.end_time();
  *earlier.mutable_quoted() = before.quote().total();
  earlier.set_state(before.state());
  *earlier.mutable_change_time() = time::ToTimestamp(now);
  earlier.set_changed_by(by);
  earlier.set_reason(request.reason());
  return earlier;
}

}  // namespace

absl::StatusOr<v1::Availability> InstrumentService::QueryAvailability(
    const rpc::Call& call, const v1::QueryAvailabilityRequest& request) {
  const Interval asked{time::ToTime(request.start_time()), time::ToTime(request.end_time())};
  if (asked.end <= asked.begin) {
    return status::InvalidField("end_time", "结束时间应晚于开始时间");
  }
  if (asked.Length() > kMaxAsked) {
    return status::InvalidField(
        "end_time", absl::StrCat("一次最多查询", absl::ToInt64Hours(kMaxAsked) / 24, "天"));
  }
  v1::Instrument instrument;
  std::vector<Interval> held;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(instrument,
                                 instruments_.Get(session, request.name(),
                                                  auth::Readable<v1::Instrument>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(held, HeldTimes(session, request.name(), asked));
        return absl::OkStatus();
      }));
  CHANYAN_RETURN_IF_ERROR(NotBookable(instrument));
  const absl::Time now = deps_.store.clock.Now();
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<Interval> free,
                           FreeTimes(deps_.pack, instrument, std::move(held), asked, now));
  v1::Availability availability;
  for (const Interval& one : free) {
    v1::FreeTime& time = *availability.add_free_times();
    *time.mutable_start_time() = time::ToTimestamp(one.begin);
    *time.mutable_end_time() = time::ToTimestamp(one.end);
  }
  *availability.mutable_as_of() = time::ToTimestamp(now);
  return availability;
}

void InstrumentService::Present(const rpc::Call& call, v1::Booking* row) const {
  const bool owner = call.principal.organization == row->organization();
  const absl::Time now = deps_.store.clock.Now();
  for (std::string& verb : rpc::ActionsOf(call, BookingLife(), row->state(), "Booking")) {
    if (IsOwnersVerb(verb) && !owner) continue;
    if (!RequireInTime(deps_.pack, verb, *row, owner, now).ok()) continue;
    row->add_actions(std::move(verb));
  }
}

absl::StatusOr<v1::Booking> InstrumentService::GetBooking(const rpc::Call& call,
                                                          const v1::GetBookingRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Booking row,
                           rpc::Fetch(deps_.store.db, call, bookings_, request.name()));
  Present(call, &row);
  return row;
}

absl::StatusOr<v1::ListBookingsResponse> InstrumentService::ListBookings(
    const rpc::Call& call, const v1::ListBookingsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, bookings_, request,
                                                     absl::StrCat(request.parent(), "/bookings"),
                                                     request.filter(), request.order_by()));
  v1::ListBookingsResponse response;
  for (v1::Booking& row : page.rows) {
    Present(call, &row);
    *response.add_bookings() = std::move(row);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::Status InstrumentService::Ask(rpc::Change& change, const v1::Instrument& instrument,
                                    absl::string_view prefix, v1::Booking* row) {
  CHANYAN_RETURN_IF_ERROR(NotBookable(instrument));
  const Interval time = TimeOf(*row);
  std::vector<status::Violation> violations = TimeViolations(time, change.now());
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat(prefix, violation.field);
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  for (const std::string& name : {instrument.organization(), row->requester()}) {
    CHANYAN_ASSIGN_OR_RETURN(const v1::Organization party,
                             organizations_.Get(change.session(), name));
    if (party.state() != v1::ORGANIZATION_STATE_ACTIVE) {
      return status::FailedPrecondition(
          options::v1::ERROR_REASON_WRONG_STATE,
          absl::StrCat("“", party.display_name(), "”已停用，不能预约"));
    }
    if (name != row->requester()) continue;
    row->set_requester_title(party.display_name());
    const policy::v1::UserType* type = UserTypeOf(deps_.pack, ClassOf(instrument, party));
    if (type == nullptr) {
      return status::FailedPrecondition(options::v1::ERROR_REASON_RULE_VIOLATED,
                                        "本市政策包没有规定仪器设备的预约办法");
    }
    row->set_user_type(type->id());
  }
  CHANYAN_RETURN_IF_ERROR(RequireOpen(deps_.pack, instrument, time));
  CHANYAN_ASSIGN_OR_RETURN(policy::v1::Verdicts verdicts,
                           BookingVerdicts(deps_.pack, instrument, row->requester(),
                                           row->user_type(), time, change.now()));
  // What a rule asks in principle only is the owner's to judge.
  if (policy::HasHardFailure(verdicts)) return policy::RequireSatisfied(verdicts);
  CHANYAN_ASSIGN_OR_RETURN(
      *row->mutable_quote(),
      QuoteFor(deps_.pack, instrument, *FindUserType(deps_.pack, row->user_type()), time.begin,
               absl::ToInt64Minutes(time.Length()), row->expected_samples()));
  CHANYAN_RETURN_IF_ERROR(RequireFree(change.session(), instrument.name(), time, row->name()));
  *row->mutable_verdicts() = std::move(verdicts);
  row->set_state(v1::BOOKING_STATE_REQUESTED);
  return absl::OkStatus();
}

void InstrumentService::ApproveIfSatisfied(absl::Time now, v1::Booking* row) const {
  if (!AllSatisfied(row->verdicts())) return;
  row->set_state(v1::BOOKING_STATE_APPROVED);
  *row->mutable_decide_time() = time::ToTimestamp(now);
}

absl::StatusOr<v1::Booking> InstrumentService::CreateBooking(
    const rpc::Call& call, const v1::CreateBookingRequest& request) {
  if (call.principal.organization.empty()) {
    return status::PermissionDenied("您的账号没有所属单位，不能预约");
  }
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Booking booking,
      rpc::Mutate<v1::Booking>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Booking> {
            CHANYAN_RETURN_IF_ERROR(Touch(change.session(), request.parent()));
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::Instrument instrument,
                instruments_.Get(change.session(), request.parent(),
                                 auth::Readable<v1::Instrument>(call.principal)));
            v1::Booking row = request.booking();
            row.set_name(absl::StrCat(request.parent(), "/bookings/", api::NewShortId()));
            row.set_instrument(instrument.name());
            row.set_instrument_title(instrument.display_name());
            row.set_organization(instrument.organization());
            row.set_requester(call.principal.organization);
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::UsePurpose purpose,
                PurposeOf(row.requester() == row.organization(), row.purpose()));
            row.set_purpose(purpose);
            CHANYAN_RETURN_IF_ERROR(Ask(change, instrument, "booking.", &row));
            if (instrument.booking_mode() == v1::BOOKING_MODE_AUTOMATIC) {
              ApproveIfSatisfied(change.now(), &row);
            }
            if (request.validate_only()) return row;
            CHANYAN_RETURN_IF_ERROR(bookings_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  Present(call, &booking);
  return booking;
}

absl::StatusOr<v1::Booking> InstrumentService::RescheduleBooking(
    const rpc::Call& call, const v1::RescheduleBookingRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "reschedule",
      [&](rpc::Change& change, const v1::Booking& before, v1::Booking& row) -> absl::Status {
        if (row.earlier_times_size() >= kMaxMoves) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("改期已达", kMaxMoves, "次，请取消后另行预约"));
        }
        CHANYAN_ASSIGN_OR_RETURN(const v1::Instrument instrument,
                                 instruments_.Get(change.session(), row.instrument()));
        if (!auth::Reaches(call.principal, instrument, options::v1::ACCESS_READ)) {
          return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                            "该仪器目前不对外开放，不能改期，请与联系人联系");
        }
        const std::string& by = call.principal.organization;
        *row.add_earlier_times() = EarlierTimeOf(before, request, by, change.now());
        row.set_reason(request.reason());
        *row.mutable_start_time() = request.start_time();
        *row.mutable_end_time() = request.end_time();
        row.clear_decide_time();
        row.clear_remind_time();
        row.clear_outage();
        CHANYAN_RETURN_IF_ERROR(Ask(change, instrument, "", &row));
        // Whoever moves what it manages and has agreed to agrees to the new time as well.
        if (instrument.booking_mode() == v1::BOOKING_MODE_AUTOMATIC ||
            (before.state() == v1::BOOKING_STATE_APPROVED && by == row.organization())) {
          ApproveIfSatisfied(change.now(), &row);
        }
        return absl::OkStatus();
      },
      // Before the booking, as whoever settles the bookings of an instrument does.
      [&](rpc::Change& change) {
        return Touch(change.session(), api::ParentOfName(request.name()));
      });
}

absl::StatusOr<google::api::HttpBody> InstrumentService::ExportBookings(
    const rpc::Call& call, const v1::ExportBookingsRequest& request) {
  std::vector<v1::Booking> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 bookings_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows,
            bookings_.Select(session, db::And(auth::Readable<v1::Booking>(call.principal), wanted),
                             "start_time, name"));
        return absl::OkStatus();
      }));
  return rpc::ExportSheet<v1::Booking>("仪器预约", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::registry
