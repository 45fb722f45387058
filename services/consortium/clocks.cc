#include "services/consortium/clocks.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

constexpr char kDue[] =
    "SELECT name FROM consortium WHERE overdue = 0 AND due_time <= ? ORDER BY due_time, name "
    "LIMIT 200";
constexpr char kOver[] =
    "SELECT name FROM consortium WHERE state IN ('FILED', 'LEAD_VACANT') AND valid_until < ? "
    "ORDER BY valid_until, name LIMIT 200";

}  // namespace

absl::StatusOr<int> Clocks::ForEach(const db::Lease& lease, absl::string_view sql,
                                    const db::Values& params, absl::string_view method,
                                    Work work) const {
  std::vector<std::string> names;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, params));
    names.clear();
    for (const db::Values& row : rows.rows) names.push_back(std::get<std::string>(row.at(0)));
    return absl::OkStatus();
  }));
  const journal::Origin origin{.method = std::string(method), .actor = "services/consortium"};
  for (const std::string& name : names) {
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
      rpc::Change change(session, deps_.store.clock.Now(), origin);
      CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, deps_.book.LockAny(change, name));
      return (this->*work)(change, &row);
    }));
  }
  if (!names.empty() && deps_.store.changed) deps_.store.changed();
  return static_cast<int>(names.size());
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
  return ForEach(lease, kDue, {deps_.store.clock.Now() - absl::Seconds(1)},
                 "chanyan.consortium.Jobs/runOut", &Clocks::RunOutOne);
}

absl::StatusOr<int> Clocks::Expire(const db::Lease& lease) const {
  return ForEach(lease, kOver, {time::FormatDate(time::DayOf(deps_.store.clock.Now()))},
                 "chanyan.consortium.Jobs/expire", &Clocks::ExpireOne);
}

}  // namespace chanyan::consortium
