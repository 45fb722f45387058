#include "services/consortium/coordination_book.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/coordination_rules.h"
#include "services/consortium/due_queries.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {

absl::Status CoordinationBook::Raise(rpc::Change& change, const v1::ConstructionReport& report,
                                     const v1::ConstructionVersion& version) const {
  if (version.problem().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::CoordinationItem> known,
      items_.Select(change.session(), {"report = ?", {report.name()}}, db::kByNameLocked));
  const Raised raised = WhatIsRaised(known, version.problem());
  if (raised.what == Raising::kNone) return absl::OkStatus();
  if (raised.what == Raising::kReword) {
    v1::CoordinationItem& item = known.at(raised.at);
    const v1::CoordinationItem before = item;
    item.set_content(version.problem());
    item.set_raised_by(version.organization());
    CHANYAN_RETURN_IF_ERROR(items_.Update(change.session(), change.now(), &item));
    return change.Record("updated", &before, &item);
  }
  v1::CoordinationItem item;
  item.set_name(
      absl::StrCat(ConsortiumOfName(report.name()), "/coordinationItems/", api::NewShortId()));
  item.set_content(version.problem());
  item.set_report(report.name());
  item.set_raised_by(version.organization());
  item.set_state(v1::COORDINATION_STATE_OPEN);
  CopySameParties(report, &item);
  CHANYAN_RETURN_IF_ERROR(items_.Insert(change.session(), change.now(), &item));
  return change.Record("created", nullptr, &item);
}

absl::StatusOr<int> CoordinationBook::MarkOverdue(const db::Lease& lease) const {
  const auto mark = [&](rpc::Change& change, const std::string& name) -> absl::StatusOr<bool> {
    CHANYAN_ASSIGN_OR_RETURN(v1::CoordinationItem row, items_.GetForUpdate(change.session(), name));
    if (row.state() != v1::COORDINATION_STATE_ASSIGNED || row.overdue() ||
        !time::IsPastDeadline(change.now(), TimeIn(row.due_time()))) {
      return false;
    }
    const v1::CoordinationItem before = row;
    row.set_overdue(true);
    row.set_late(true);
    CHANYAN_RETURN_IF_ERROR(items_.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("overdue", &before, &row));
    return true;
  };
  // A deadline is its last second.
  return ForEachDue(deps_.due(), lease, DueJob::kLateCoordination, kLateCoordination,
                    {deps_.store.clock.Now() - absl::Seconds(1)}, mark);
}

}  // namespace chanyan::consortium
