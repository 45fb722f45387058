#include "services/cycle/booking_notices.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/notice_words.h"
#include "services/cycle/spoken_rules.h"

namespace chanyan::cycle {
namespace {

using registry::v1::Booking;

constexpr char kReminded[] = "reminded";
// It stands, but the instrument is suspended; and that it is back.
constexpr char kOutage[] = "outage";
constexpr char kRestored[] = "restored";

// "2025年4月8日09:00至12:00", with both days where they differ.
std::string TimesOf(const Booking& booking) {
  const absl::Time begin = time::ToTime(booking.start_time());
  const absl::Time end = time::ToTime(booking.end_time());
  const bool one_day = time::DayOf(begin) == time::DayOf(end);
  return absl::StrCat(
      SpokenToTheMinute(begin), "至",
      one_day ? absl::FormatTime("%H:%M", end, time::Shanghai()) : SpokenToTheMinute(end));
}

Notice To(const std::string& organization, v1::NotificationKind kind, std::string title,
          std::string content) {
  return {organization,
          {options::v1::ROLE_PLATFORM_MANAGER, options::v1::ROLE_RESEARCH_OFFICE,
           options::v1::ROLE_ENTERPRISE},
          kind,
          std::move(title),
          std::move(content)};
}

std::string Because(const Booking& booking) {
  return booking.reason().empty() ? "" : absl::StrCat("原因：", booking.reason(), "。");
}

// "原因：更换灯丝。"; that of a closure is in the booking's own words.
std::string OutageReason(const registry::v1::Outage& outage) {
  return outage.kind() == registry::v1::OUTAGE_KIND_CLOSURE ? "" : Worded("原因", outage.reason());
}

// "原因：更换灯丝。请与“海洋大学”（联系人：王老师）联系，联系方式见预约详情。"
std::string OutageWords(const Booking& booking) {
  const registry::v1::Outage& outage = booking.outage();
  std::string words = OutageReason(outage);
  if (outage.organization_title().empty()) return words;
  absl::StrAppend(&words, "请与", Quoted(outage.organization_title()));
  if (!outage.contact_person().empty()) {
    absl::StrAppend(&words, "（联系人：", outage.contact_person(), "）");
  }
  return absl::StrCat(words, "联系，联系方式见预约详情。");
}

// Nobody gave it back: the instrument cannot be used.
bool IsCancelledForOutage(const Booking& booking, absl::string_view kind) {
  return kind == "cancel" && booking.has_outage();
}

// "预约单位：海工装备；时间：2025年4月8日09:00至12:00。"
std::string RequesterAndTimes(const Booking& booking) {
  return absl::StrCat("预约单位：", booking.requester_title(), "；时间：", TimesOf(booking), "。");
}

}  // namespace

std::optional<Notice> BookingNoticeOf(const Booking& booking, absl::string_view kind) {
  const std::string instrument = absl::StrCat("“", booking.instrument_title(), "”");
  const std::string times = TimesOf(booking);
  const std::string of_requester = RequesterAndTimes(booking);
  const bool waits = booking.state() == registry::v1::BOOKING_STATE_REQUESTED;
  if ((kind == "created" || kind == "reschedule") && waits) {
    Notice notice = To(
        booking.organization(), v1::NOTIFICATION_KIND_REMINDER,
        absl::StrCat(instrument, kind == "created" ? "有新的预约待审批" : "的预约改期，待重新审批"),
        absl::StrCat(of_requester, "请在预约开始前办理，逾期预约自动失效。"));
    notice.due = time::ToTime(booking.start_time());
    return notice;
  }
  if (kind == kReminded) {
    Notice notice =
        To(booking.requester(), v1::NOTIFICATION_KIND_REMINDER,
           absl::StrCat(instrument, "的预约即将开始"),
           absl::StrCat("预约时间：", times, "。请按时到场；不能使用的请尽早取消，以便他人预约。"));
    notice.due = time::ToTime(booking.start_time());
    return notice;
  }
  const auto news = [&](const std::string& to, absl::string_view what, std::string content) {
    return To(to, v1::NOTIFICATION_KIND_NEWS, absl::StrCat(instrument, "的预约", what),
              std::move(content));
  };
  const std::string when = absl::StrCat("预约时间：", times, "。");
  if (kind == "reschedule" && booking.earlier_times_size() > 0) {
    // Agreed to at once; whoever did not move it learns of it.
    const std::string& by = booking.earlier_times().rbegin()->changed_by();
    return by == booking.requester()
               ? news(booking.organization(), "已改期",
                      absl::StrCat(of_requester, Because(booking)))
               : news(booking.requester(), "已改期",
                      absl::StrCat("现", when, "请按时到场。", Because(booking)));
  }
  if (kind == "approve") {
    return news(booking.requester(), "已同意", absl::StrCat(when, "请按时到场。"));
  }
  if (kind == "decline") {
    return news(booking.requester(), "未获同意", absl::StrCat(when, Because(booking)));
  }
  if (kind == "lapse") {
    return news(booking.requester(), "已失效",
                absl::StrCat(when, "仪器所属单位未在预约开始前审批，如仍需使用请另行预约。"));
  }
  if (kind == "noshow") {
    return news(booking.requester(), "记为未到",
                absl::StrCat(when, "如实际已使用，请联系仪器所属单位补办签到。"));
  }
  if (kind == kOutage) {
    return To(
        booking.requester(), v1::NOTIFICATION_KIND_NEWS,
        absl::StrCat(instrument, "暂停开放，您的预约暂予保留"),
        absl::StrCat(when, "至", SpokenToTheMinute(time::ToTime(booking.outage().cancel_time())),
                     "仍未恢复开放的，预约即行取消，不收费。", OutageWords(booking)));
  }
  if (kind == kRestored) {
    return To(booking.requester(), v1::NOTIFICATION_KIND_NEWS,
              absl::StrCat(instrument, "已恢复开放，您的预约", waits ? "申请继续审批" : "照常"),
              when);
  }
  if (IsCancelledForOutage(booking, kind)) {
    return news(booking.requester(), "已取消，不收费",
                absl::StrCat(of_requester, booking.reason(), "。", OutageWords(booking)));
  }
  if (kind == "cancel") {
    // Either side may have given it back; the other learns of it, and both keep the record.
    Notice notice =
        news(booking.organization(), "已取消", absl::StrCat(of_requester, Because(booking)));
    notice.also.push_back(booking.requester());
    return notice;
  }
  return std::nullopt;
}

std::vector<Notice> BookingNoticesOf(const Booking& booking, absl::string_view kind) {
  std::optional<Notice> notice = BookingNoticeOf(booking, kind);
  if (!notice.has_value()) return {};
  std::vector<Notice> notices = {*std::move(notice)};
  if (IsCancelledForOutage(booking, kind)) {
    notices.push_back(To(booking.organization(), v1::NOTIFICATION_KIND_NEWS, notices.front().title,
                         absl::StrCat(RequesterAndTimes(booking), booking.reason(), "。",
                                      OutageReason(booking.outage()))));
  }
  return notices;
}

bool IsBookingSettled(const Booking& booking, absl::string_view kind) {
  // Whoever was asked or reminded of another time has that behind him.
  return kind == "reschedule" || (booking.state() != registry::v1::BOOKING_STATE_REQUESTED &&
                                  kind != kReminded && kind != kOutage && kind != kRestored);
}

}  // namespace chanyan::cycle
