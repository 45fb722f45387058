#include "services/cycle/deadline_service.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/db/predicate.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/cycle/cycle_clock.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/deadline_rules.h"
#include "services/cycle/ids.h"
#include "services/cycle/objection_rules.h"
#include "services/cycle/objection_windows.h"
#include "services/cycle/step_notices.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {

std::vector<rpc::UnaryMethod> DeadlineService::Methods() {
  using S = DeadlineService;
  return {
      rpc::Unary("ReprojectDeadlines", this, &S::ReprojectDeadlines),
      rpc::Unary("ProjectDeadlines", this, &S::ProjectDeadlines),
      rpc::Unary("ExportDeadlines", this, &S::ExportDeadlines),
      rpc::Unary("SimulateQuarter", this, &S::SimulateQuarter),
      rpc::Unary("ExportSimulation", this, &S::ExportSimulation),
  };
}

absl::Status DeadlineService::MoveWindow(rpc::Change& change,
                                         const v1::ReprojectDeadlinesRequest& request,
                                         const v1::Cycle& cycle, absl::Time now,
                                         v1::ReprojectDeadlinesResponse* response) const {
  if (!deps_.pack.proto().has_objection_term()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(
      std::optional<v1::Leaderboard> version,
      VersionOpenToObjections(change.session(), request.name(), now, /*lock=*/true));
  if (!version.has_value()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const policy::Term term, ObjectionTermOf(deps_.pack, *version));
  const v1::Leaderboard before = *version;
  const std::optional<v1::MovedWindow> moved =
      ReprojectWindow(term, now, request.reason(), &*version);
  if (!moved.has_value()) return absl::OkStatus();
  *response->add_moved_windows() = *moved;
  if (request.validate_only()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(leaderboards_.Update(change.session(), change.now(), &*version));
  CHANYAN_RETURN_IF_ERROR(change.Record("deadlinesReprojected", &before, &*version));
  return TellOfWindow(change.session(), change.now(), cycle, *version, *moved, request.reason());
}

absl::StatusOr<v1::ReprojectDeadlinesResponse> DeadlineService::ReprojectDeadlines(
    const rpc::Call& call, const v1::ReprojectDeadlinesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, QuarterOf(request.name()));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Step> planned, PlanSteps(deps_.pack, quarter));
  return rpc::Mutate<v1::ReprojectDeadlinesResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ReprojectDeadlinesResponse> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Cycle cycle,
                                 cycles_.GetForUpdate(change.session(), request.name(),
                                                      auth::Writable<v1::Cycle>(call.principal)));
        const v1::Cycle before = cycle;
        v1::ReprojectDeadlinesResponse response;
        response.set_dry_run(request.validate_only());
        const absl::Time now = TimeInCycle(cycle, change.now());
        const std::vector<v1::MovedStep> moved = Reproject(planned, now, request.reason(), &cycle);
        response.mutable_moved()->Assign(moved.begin(), moved.end());
        CHANYAN_RETURN_IF_ERROR(MoveWindow(change, request, cycle, now, &response));
        if (request.validate_only()) return response;
        // Whoever was asked to do this has done it, be there something that moved or not.
        CHANYAN_RETURN_IF_ERROR(Settle(change.session(), change.now(), cycle.name()));
        if (moved.empty()) return response;
        cycle.set_pack(absl::StrCat(deps_.pack.id(), "@", deps_.pack.version()));
        CHANYAN_RETURN_IF_ERROR(cycles_.Update(change.session(), change.now(), &cycle));
        CHANYAN_RETURN_IF_ERROR(change.Record("deadlinesReprojected", &before, &cycle));
        CHANYAN_RETURN_IF_ERROR(
            TellOfReprojection(change.session(), change.now(), cycle, moved, request.reason()));
        return response;
      });
}

absl::StatusOr<v1::ProjectDeadlinesResponse> DeadlineService::ProjectDeadlines(
    const rpc::Call&, const v1::ProjectDeadlinesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, VirtualCycle(request.name()));
  v1::ProjectDeadlinesResponse response;
  *response.mutable_steps() = cycle.steps();
  response.set_pack(cycle.pack());
  return response;
}

absl::StatusOr<google::api::HttpBody> DeadlineService::ExportDeadlines(
    const rpc::Call& call, const v1::ExportDeadlinesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Cycle cycle,
                           rpc::Fetch(deps_.store.db, call, cycles_, request.name()));
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, QuarterOf(request.name()));
  const absl::Time now = TimeInCycle(cycle, deps_.store.clock.Now());
  const v1::Cycle shown = AsOf(cycle, now);
  std::vector<v1::DeadlineLine> lines;
  for (const v1::Step& step : shown.steps()) {
    v1::DeadlineLine& line = lines.emplace_back();
    line.set_number(step.number());
    line.set_title(step.label());
    *line.mutable_first_day() = step.first_day();
    *line.mutable_deadline() = step.has_closed_early() ? step.closed_early() : step.deadline();
    line.set_state(step.state());
    line.set_derivation(step.derivation());
    line.set_reason(step.reason());
    line.set_owner_role(step.owner_role());
    *line.mutable_participant_roles() = step.participant_roles();
    line.set_action(step.action());
  }
  sheet::TableLayout layout;
  layout.title_rows = {
      absl::StrCat(quarter.LabelZh(), "填报周期期限表", cycle.rehearsal() ? "（演练或补录）" : "")};
  return rpc::ExportSheet<v1::DeadlineLine>("期限表", now, lines, layout);
}

absl::StatusOr<v1::Cycle> DeadlineService::VirtualCycle(const std::string& name) const {
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, QuarterOf(name));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Step> steps, PlanSteps(deps_.pack, quarter));
  v1::Cycle cycle;
  cycle.set_name(name);
  cycle.mutable_steps()->Assign(steps.begin(), steps.end());
  cycle.set_pack(absl::StrCat(deps_.pack.id(), "@", deps_.pack.version()));
  *cycle.mutable_open_time() = time::ToTimestamp(time::StartOfDay(quarter.FirstDay()));
  return cycle;
}

}  // namespace chanyan::cycle
