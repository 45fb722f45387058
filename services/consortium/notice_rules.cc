#include "services/consortium/notice_rules.h"

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"

namespace chanyan::consortium {

absl::Status SetWindow(const policy::Pack& pack, absl::Time now, v1::PublicNotice* notice) {
  const absl::CivilDay today = time::DayOf(now);
  const int workdays = static_cast<int>(pack.proto().consortium().notice().workdays());
  CHANYAN_ASSIGN_OR_RETURN(const policy::Term term, pack.calendar().TermAfter(today, workdays));
  *notice->mutable_start_date() = time::ToProto(today);
  *notice->mutable_deadline() = time::ToTimestamp(term.deadline);
  notice->set_workdays(workdays);
  notice->set_derivation(term.derivation);
  return absl::OkStatus();
}

absl::Status SetAnswerTerm(const policy::Pack& pack, absl::Time now,
                           v1::NoticeObjection* objection) {
  const absl::CivilDay today = time::DayOf(now);
  const int workdays = static_cast<int>(pack.proto().consortium().notice().answer_workdays());
  CHANYAN_ASSIGN_OR_RETURN(const policy::Term term, pack.calendar().TermAfter(today, workdays));
  *objection->mutable_answer_due_time() = time::ToTimestamp(term.deadline);
  // Of one workday there is none before the last.
  absl::Time remind = now;
  if (workdays > 1) {
    CHANYAN_ASSIGN_OR_RETURN(const policy::Term before,
                             pack.calendar().TermAfter(today, workdays - 1));
    remind = time::StartOfDay(time::DayOf(before.deadline));
  }
  *objection->mutable_remind_time() = time::ToTimestamp(remind);
  return absl::OkStatus();
}

absl::Status RequireOpen(const v1::PublicNotice& notice, absl::Time now) {
  if (notice.state() != v1::PUBLIC_NOTICE_STATE_OPEN) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("该公示已结束（", policy::LabelOf(notice.state()), "），不再受理异议"));
  }
  const absl::Time end = time::ToTime(notice.deadline());
  if (!time::IsPastDeadline(now, end)) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WINDOW_CLOSED,
      absl::StrCat("公示期已于", time::FormatDateZh(time::DayOf(end)),
                   absl::FormatTime("%H:%M:%S", end, time::Shanghai()), "截止（",
                   notice.derivation(), "），不再受理异议"));
}

NoticeFate FateOf(const v1::PublicNotice& notice, bool standing, absl::Time now) {
  if (notice.state() != v1::PUBLIC_NOTICE_STATE_OPEN) return NoticeFate::kNothing;
  if (!time::IsPastDeadline(now, time::ToTime(notice.deadline()))) return NoticeFate::kNothing;
  return standing ? NoticeFate::kWaits : NoticeFate::kClears;
}

}  // namespace chanyan::consortium
