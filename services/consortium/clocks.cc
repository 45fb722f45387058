#include "services/consortium/clocks.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/due_queries.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
absl::StatusOr<int> Clocks::ForEach(const db::Lease& lease, DueJob job, absl::string_view sql,
                                    const db::Values& params, Work work) const {
  return ForEachDue(deps_.due(), lease, job, sql, params,
                    [&](rpc::Change& change, const std::string& name) -> absl::StatusOr<bool> {
                      CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row,
                                               deps_.book.LockAny(change, name));
                      CHANYAN_RETURN_IF_ERROR((this->*work)(change, &row));
                      return true;
                    });
}

absl::Status Clocks::RunOutOne(rpc::Change& change, v1::Consortium* row) const {
  // Somebody may have been faster than the list.
  if (row->overdue() || !row->has_due_time() ||
      !time::IsPastDeadline(change.now(), TimeIn(row->due_time()))) {
    return absl::OkStatus();
  }
  const policy::v1::ConsortiumClock* clock = deps_.pack.FindClock(row->state());
  const auto end = clock == nullptr ? policy::v1::CLOCK_END_LATE : clock->end();
  const std::string words = absl::StrCat("办理期限届满：", row->due_note());
  if (end == policy::v1::CLOCK_END_LAPSE) {
    return deps_.book.Step(change, {}, "lapse", words, row);
  }
  if (end == policy::v1::CLOCK_END_CANCEL) {
    return deps_.book.Step(change, {}, "abandon", words, row);
  }
  const v1::Consortium before = *row;
  row->set_overdue(true);
  return deps_.book.Save(change, "overdue", before, row);
}

absl::Status Clocks::ExpireOne(rpc::Change& change, v1::Consortium* row) const {
  if (!In(row->state(), kInForce)) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last, time::ToCivilDay(row->valid_until()));
  if (time::DayOf(change.now()) <= last) return absl::OkStatus();
  return deps_.book.Step(change, {}, "expire", absl::StrCat("有效期至", time::FormatDateZh(last)),
                         row);
}

absl::StatusOr<int> Clocks::RunOut(const db::Lease& lease) const {
  return ForEach(lease, DueJob::kRunOut, kDueClocks, {deps_.store.clock.Now() - absl::Seconds(1)},
                 &Clocks::RunOutOne);
}

absl::StatusOr<int> Clocks::Expire(const db::Lease& lease) const {
  return ForEach(lease, DueJob::kExpire, OverFilings(),
                 {time::FormatDate(time::DayOf(deps_.store.clock.Now()))}, &Clocks::ExpireOne);
}

}  // namespace chanyan::consortium
