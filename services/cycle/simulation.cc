// Handlers of simulations (CYC-10): a copy of what is stored, taken in a session that cannot write.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/export.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_clock.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/deadline_service.h"
#include "services/cycle/directory.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/read_only_session.h"
#include "services/cycle/reminder_rules.h"
#include "services/cycle/simulation_habits.h"
#include "services/cycle/simulation_parts.h"

namespace chanyan::cycle {
namespace {

constexpr absl::string_view kEventsByState =
    "SELECT state, MAX(start_time) FROM event WHERE name >= ? AND name < ? GROUP BY state";
constexpr absl::string_view kFirstPublished =
    "SELECT publish_time FROM leaderboard WHERE name >= ? AND name < ? AND publish_time IS NOT "
    "NULL "
    "ORDER BY publish_time LIMIT 1";

}  // namespace

absl::Status DeadlineService::CopyStored(db::Session& session, const std::string& name,
                                         absl::Time now, SimulationInputs* inputs) const {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Cycle> cycles,
                           cycles_.Select(session, db::Predicate::Everything(), "name DESC"));
  size_t past = 0;
  for (const v1::Cycle& cycle : cycles) {
    const absl::Time time = TimeInCycle(cycle, now);
    if (cycle.name() == name) {
      inputs->cycle = AsOf(cycle, time);
      CHANYAN_ASSIGN_OR_RETURN(inputs->forms,
                               forms_.Select(session, Below(absl::StrCat(name, "/forms"))));
      CHANYAN_ASSIGN_OR_RETURN(inputs->rows, rows_.Select(session, {"cycle = ?", {name}}));
      CHANYAN_ASSIGN_OR_RETURN(inputs->parts,
                               parts_.Select(session, Below(absl::StrCat(name, "/forms"))));
      CHANYAN_ASSIGN_OR_RETURN(inputs->so_far, CopySoFar(session, name));
    } else if (cycle.name() < name && past < kQuartersOfHabit &&
               !IsInTime(cycle, kCollectStep, time)) {
      ++past;
      CHANYAN_RETURN_IF_ERROR(AddHabits(session, cycle, time, inputs));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<QuarterSoFar> DeadlineService::CopySoFar(db::Session& session,
                                                        const std::string& name) const {
  QuarterSoFar so_far;
  CHANYAN_ASSIGN_OR_RETURN(so_far.handovers,
                           handovers_.Select(session, Below(absl::StrCat(name, "/handovers"))));
  CHANYAN_ASSIGN_OR_RETURN(const auto returns, LoadReturns(session, name));
  for (const auto& [enterprise, given] : returns) {
    so_far.returns[enterprise] = {given.first_time, given.on_time};
  }
  const db::Predicate events = Below(absl::StrCat(name, "/events"));
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows by_state, session.Query(kEventsByState, events.params));
  bool to_come = false;
  for (const db::Values& row : by_state.rows) {
    if (std::get<std::string>(row[0]) == "PLANNED") to_come = true;
    if (std::get<std::string>(row[0]) != "HELD") continue;
    if (const auto* const last = std::get_if<absl::Time>(&row[1])) so_far.exchanged = *last;
  }
  if (to_come) so_far.exchanged.reset();
  const db::Predicate boards = Below(absl::StrCat(name, "/leaderboards"));
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows board, session.Query(kFirstPublished, boards.params));
  if (!board.rows.empty()) {
    if (const auto* const first = std::get_if<absl::Time>(&board.rows[0][0])) {
      so_far.published = *first;
    }
  }
  return so_far;
}

absl::Status DeadlineService::AddPartReminders(SimulationInputs* inputs) const {
  // What cannot be planned of them cannot be planned of the step either, and is said of that.
  for (const PartTerm& term : TermsOf(PartsToCome(*inputs))) {
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Reminder> planned,
                             PlanPartReminders(deps_.pack, inputs->cycle, term));
    inputs->part_reminders.insert(inputs->part_reminders.end(), planned.begin(), planned.end());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Simulation> DeadlineService::SimulateQuarter(
    const rpc::Call& call, const v1::SimulateQuarterRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  const rpc::Caller caller = rpc::AsService(call);
  SimulationInputs inputs;
  CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle planned, VirtualCycle(request.name()));
  CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Organization secretariat,
                           TheSecretariat(deps_.peers, caller));
  CHANYAN_ASSIGN_OR_RETURN(inputs.unit_titles, FetchUnitTitles(deps_.peers, caller));
  inputs.secretariat_title = secretariat.display_name();
  db::TransactOptions options;
  options.deadline = call.deadline;
  const absl::Status copied =
      deps_.store.db.Transact(options, [&](db::Session& session) -> absl::Status {
        inputs.cycle = planned;
        inputs.habits.clear();
        inputs.return_habits.clear();
        inputs.handing_out.clear();
        inputs.so_far = {};
        ReadOnlySession reading(session);
        return CopyStored(reading, request.name(), now, &inputs);
      });
  if (!copied.ok()) return copied;
  absl::Time as_of = now;
  std::vector<registry::v1::Platform> platforms;
  if (inputs.cycle.secretariat().empty()) {
    // It is not open: it begins with what would be carried into it today.
    inputs.cycle.set_secretariat(secretariat.name());
    CHANYAN_ASSIGN_OR_RETURN(OpeningFacts facts, ask_(caller));
    Opening opening = PlanOpening(request.name(), facts);
    inputs.forms = std::move(opening.forms);
    inputs.rows = std::move(opening.rows);
    platforms = std::move(facts.platforms);
    as_of = std::min(now, time::ToTime(inputs.cycle.open_time()));
  } else {
    as_of = TimeInCycle(inputs.cycle, now);
    CHANYAN_ASSIGN_OR_RETURN(platforms,
                             ListPublishedPlatforms(deps_.peers, caller, "organizations/-"));
  }
  inputs.parts = PlanParts(inputs, platforms, as_of);
  CHANYAN_RETURN_IF_ERROR(AddPartReminders(&inputs));
  CHANYAN_ASSIGN_OR_RETURN(inputs.reminders,
                           PlanReminders(deps_.pack, inputs.cycle, &inputs.unplanned));
  v1::Simulation simulation = Simulate(inputs, as_of);
  *simulation.mutable_as_of() = time::ToTimestamp(now);
  return simulation;
}

absl::StatusOr<google::api::HttpBody> DeadlineService::ExportSimulation(
    const rpc::Call& call, const v1::ExportSimulationRequest& request) {
  v1::SimulateQuarterRequest simulate;
  simulate.set_name(request.name());
  CHANYAN_ASSIGN_OR_RETURN(const v1::Simulation simulation, SimulateQuarter(call, simulate));
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                           time::Quarter::Parse(api::IdOfName(request.name())));
  sheet::TableLayout layout;
  layout.title_rows = {
      absl::StrCat(quarter.LabelZh(), "填报周期推演（非正式数据）"),
      absl::StrCat("按", SpokenTime(time::ToTime(simulation.as_of())), "的数据推演；共",
                   simulation.tasks_size(), "件，已完成", simulation.done_count(),
                   "件；逾期和预计逾期", simulation.late_count(), "件")};
  return rpc::ExportSheet<v1::SimulatedTask>("推演结果", time::ToTime(simulation.as_of()),
                                             simulation.tasks(), layout);
}

}  // namespace chanyan::cycle
