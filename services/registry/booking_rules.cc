#include "services/registry/booking_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/policy/verdict.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/registry/instrument_rules.h"
#include "services/registry/instrument_text_rules.h"

namespace chanyan::registry {
namespace {

// Up to the next whole minute.
absl::Time CeilMinute(absl::Time time) {
  const absl::Time floor =
      absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), absl::Minutes(1));
  return floor == time ? time : floor + absl::Minutes(1);
}

std::string MomentText(absl::Time time) {
  return absl::FormatTime("%m月%d日%H:%M", time, time::Shanghai());
}

std::string SpanText(const Interval& span) {
  return absl::StrCat(MomentText(span.begin), "—", MomentText(span.end));
}

// Further ahead than anything is booked.
constexpr int64_t kDaysOfAllBookings = int64_t{100} * 366;

// A closure, or a suspension that goes on, within `time`.
std::optional<v1::Outage> OutageDuring(const v1::Instrument& instrument, const Interval& time) {
  v1::Outage outage;
  for (const v1::Closure& closure : instrument.closures()) {
    if (time::ToTime(closure.start_time()) < time.end &&
        time::ToTime(closure.end_time()) > time.begin) {
      outage.set_kind(v1::OUTAGE_KIND_CLOSURE);
      outage.set_reason(closure.reason());
      return outage;
    }
  }
  if (instrument.has_suspend_time() && time::ToTime(instrument.suspend_time()) < time.end) {
    outage.set_kind(v1::OUTAGE_KIND_SUSPENSION);
    outage.set_reason(instrument.state_reason());
    return outage;
  }
  return std::nullopt;
}

absl::Status Closed(absl::string_view why) {
  return status::FailedPrecondition(options::v1::ERROR_REASON_WINDOW_CLOSED, why);
}

}  // namespace

Interval TimeOf(const v1::Booking& booking) {
  return {time::ToTime(booking.start_time()), time::ToTime(booking.end_time())};
}

std::vector<status::Violation> TimeViolations(const Interval& time, absl::Time now) {
  std::vector<status::Violation> violations;
  if (!IsWholeMinute(time.begin)) violations.push_back({"start_time", "开始时间应精确到整分钟"});
  if (!IsWholeMinute(time.end)) violations.push_back({"end_time", "结束时间应精确到整分钟"});
  if (time.begin < now) violations.push_back({"start_time", "开始时间不能早于当前时间"});
  if (time.end <= time.begin) {
    violations.push_back({"end_time", "结束时间应晚于开始时间"});
  } else if (time.Length() > kMaxBooking) {
    violations.push_back(
        {"end_time", absl::StrCat("一次预约不能超过", absl::ToInt64Hours(kMaxBooking) / 24, "天")});
  }
  return violations;
}

absl::StatusOr<int> NoticeWorkdays(const policy::WorkCalendar& calendar, absl::Time now,
                                   absl::Time start) {
  return calendar.WorkdaysBetween(time::DayOf(now), time::DayOf(start) - 1);
}

absl::StatusOr<policy::v1::Verdicts> BookingVerdicts(const policy::Pack& pack,
                                                     const v1::Instrument& instrument,
                                                     absl::string_view requester,
                                                     absl::string_view user_type,
                                                     const Interval& time, absl::Time now) {
  policy::Facts facts;
  facts.Set("instrument", instrument.name());
  facts.Set("requester", requester);
  facts.Set("user_type", user_type);
  facts.SetNumber(kNoticeHours, absl::ToInt64Hours(time.begin - now));
  facts.SetNumber(kBookedMinutes, absl::ToInt64Minutes(time.Length()));
  facts.SetNumber(kAdvanceDays, time::DayOf(time.begin) - time::DayOf(now));
  // Workdays are counted where somebody asks for them: not every year has a calendar.
  if (FigureFor(pack, instrument, kNoticeWorkdays).has_value()) {
    CHANYAN_ASSIGN_OR_RETURN(const int workdays, NoticeWorkdays(pack.calendar(), now, time.begin));
    facts.SetNumber(kNoticeWorkdays, workdays);
  }
  AddOwnFigures(instrument.terms(), &facts);
  return policy::Evaluate(pack, policy::v1::DECISION_BOOKING_CREATE, facts);
}

absl::Status RequireOpen(const policy::Pack& pack, const v1::Instrument& instrument,
                         const Interval& time) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<Interval> open,
                           OpenIntervals(instrument, pack.calendar(), time));
  if (Covers(open, time)) return absl::OkStatus();
  const std::string parts =
      open.empty()
          ? "该时段均不开放"
          : absl::StrCat("该时段内可用的只有",
                         absl::StrJoin(open, "、", [](std::string* out, const Interval& one) {
                           absl::StrAppend(out, SpanText(one));
                         }));
  return Closed(absl::StrCat("“", instrument.display_name(), "”的开放时间为", HoursText(instrument),
                             instrument.closed_on_holidays() ? "（法定节假日不开放）" : "", "；",
                             parts, "，请另选时段"));
}

absl::StatusOr<Interval> BookableWindow(const policy::Pack& pack, const v1::Instrument& instrument,
                                        absl::Time now) {
  Interval window{CeilMinute(now), absl::InfiniteFuture()};
  if (const auto hours = FigureFor(pack, instrument, kNoticeHours)) {
    window.begin = CeilMinute(now + absl::Hours(*hours));
  }
  const auto workdays = FigureFor(pack, instrument, kNoticeWorkdays);
  if (workdays.value_or(0) > 0) {
    CHANYAN_ASSIGN_OR_RETURN(
        const absl::CivilDay last,
        pack.calendar().NthWorkday(time::DayOf(now), static_cast<int>(*workdays)));
    window.begin = std::max(window.begin, time::StartOfDay(last + 1));
  }
  if (const auto days = FigureFor(pack, instrument, kAdvanceDays)) {
    // A booking may begin on the last day and run on; what is free is shown up to its end.
    window.end = time::StartOfDay(time::DayOf(now) + *days + 1);
  }
  return window;
}

absl::StatusOr<std::vector<Interval>> FreeTimes(const policy::Pack& pack,
                                                const v1::Instrument& instrument,
                                                std::vector<Interval> taken, const Interval& window,
                                                absl::Time now) {
  CHANYAN_ASSIGN_OR_RETURN(const Interval bookable, BookableWindow(pack, instrument, now));
  const Interval asked{std::max(window.begin, bookable.begin), std::min(window.end, bookable.end)};
  CHANYAN_ASSIGN_OR_RETURN(std::vector<Interval> open,
                           OpenIntervals(instrument, pack.calendar(), asked));
  return Without(std::move(open), std::move(taken));
}

absl::StatusOr<v1::UsePurpose> PurposeOf(bool own, v1::UsePurpose wanted) {
  if (!own) return v1::USE_PURPOSE_SERVICE;
  if (wanted == v1::USE_PURPOSE_UNSPECIFIED) {
    return status::InvalidField("booking.purpose", "本单位使用应填写用途：教学、科研或社会服务");
  }
  return wanted;
}

absl::Status RequireInTime(const policy::Pack& pack, absl::string_view verb,
                           const v1::Booking& booking, bool by_owner, absl::Time now) {
  const absl::Time begin = time::ToTime(booking.start_time());
  const bool begun = now >= begin;
  if (verb == "checkin") {
    const absl::Time from =
        begin - absl::Minutes(pack.proto().instrument_policy().attendance().early_minutes());
    if (now >= from) return absl::OkStatus();
    return Closed(
        absl::StrCat("预约", MomentText(begin), "开始，最早可在", MomentText(from), "签到"));
  }
  if (verb == "approve" && begun) return Closed("预约时段已经开始，不能再同意");
  if (verb == "reschedule" && begun) return Closed("预约时段已经开始，不能改期");
  if (verb == "cancel" && begun && !by_owner) {
    return Closed("预约时段已经开始，不能自行取消，请联系仪器管理单位");
  }
  // Otherwise moving it far ahead would be a way round the price of giving it back.
  const absl::Time free_until = time::ToTime(booking.quote().free_cancellation_time());
  if (verb == "reschedule" && !by_owner && booking.state() == v1::BOOKING_STATE_APPROVED &&
      time::IsPastDeadline(now, free_until)) {
    return Closed(absl::StrCat(MomentText(free_until),
                               "以后不能自行改期，请联系仪器管理单位，或取消后另行预约"));
  }
  return absl::OkStatus();
}

std::optional<v1::Outage> OutageOf(const v1::Instrument& instrument, const v1::Booking& booking) {
  std::optional<v1::Outage> outage = OutageDuring(instrument, TimeOf(booking));
  // What is certain comes before what may pass.
  const bool certain = outage.has_value() && outage->kind() == v1::OUTAGE_KIND_CLOSURE;
  const bool shut_out =
      !instrument.platform_published() && booking.requester() != booking.organization();
  if (shut_out && !certain) {
    outage.emplace();
    outage->set_kind(v1::OUTAGE_KIND_NOT_PUBLIC);
  }
  return outage;
}

std::optional<v1::Outage> OutageAtBeginning(const v1::Instrument& instrument,
                                            const v1::Booking& booking) {
  const absl::Time begin = TimeOf(booking).begin;
  return OutageDuring(instrument, {begin, begin + absl::Minutes(1)});
}

std::string OutageText(const v1::Outage& outage) {
  switch (outage.kind()) {
    case v1::OUTAGE_KIND_CLOSURE:
      return absl::StrCat("预约时段内仪器停机：", outage.reason());
    case v1::OUTAGE_KIND_NOT_PUBLIC:
      return "仪器所属科创平台不再对外开放";
    default:
      return "仪器暂停开放";
  }
}

absl::Time CancelledUntil(const policy::Pack& pack, absl::Time now) {
  const policy::v1::InstrumentPolicy& rules = pack.proto().instrument_policy();
  const int64_t days = rules.has_outage() ? rules.outage().cancel_days() : kDaysOfAllBookings;
  return now + days * absl::Hours(24);
}

absl::Status CheckUsedMinutes(const v1::Booking& booking, int64_t used_minutes, absl::Time now) {
  const absl::Time begin =
      std::min(time::ToTime(booking.start_time()), time::ToTime(booking.checkin_time()));
  // A minute that has begun counts, the first one too.
  const int64_t passed = absl::ToInt64Minutes(absl::Ceil(now - begin, absl::Minutes(1)));
  if (used_minutes <= passed) return absl::OkStatus();
  return status::InvalidField(
      "used_minutes", absl::StrCat("从开始使用到现在只有", passed, "分钟，实际使用不能多于此"));
}

}  // namespace chanyan::registry
