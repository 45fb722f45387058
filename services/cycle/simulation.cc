// Handlers of simulations (CYC-10): a copy of what is stored, taken in a session that cannot write.
#include <algorithm>
#include <set>

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

namespace chanyan::cycle {
namespace {

// Quarters that a habit is made of.
constexpr size_t kQuartersOfHabit = 4;

std::string LabelOf(const v1::Cycle& cycle) {
  const auto quarter = time::Quarter::Parse(api::IdOfName(cycle.name()));
  return quarter.ok() ? quarter->LabelZh() : std::string(api::IdOfName(cycle.name()));
}

absl::Status AddHabits(db::Session& session, const db::Table<v1::Form>& forms,
                       const v1::Cycle& cycle, std::map<std::string, Habit>* habits) {
  const std::string label = LabelOf(cycle);
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Form> reported,
                           forms.Select(session, Below(absl::StrCat(cycle.name(), "/forms"))));
  for (const v1::Form& form : reported) {
    Habit::Quarter& one = (*habits)[form.university()].quarters.emplace_back();
    one.label = label;
    one.absent = form.revision() == 0;
    one.late = one.absent || !form.on_time();
    if (!one.absent) {
      one.lead = EndOf(cycle, kReportStep) - time::ToTime(form.submit_time());
    }
  }
  CHANYAN_ASSIGN_OR_RETURN(const auto returns, LoadReturns(session, cycle.name()));
  CHANYAN_ASSIGN_OR_RETURN(const Expected expected, LoadExpected(session, cycle, returns));
  for (const auto& [unit, enterprises] : expected) {
    for (const std::string& enterprise : enterprises) {
      Habit::Quarter& one = (*habits)[enterprise].quarters.emplace_back();
      one.label = label;
      const auto given = returns.find(enterprise);
      one.absent = given == returns.end();
      one.late = one.absent || !given->second.on_time;
      if (!one.absent) one.lead = EndOf(cycle, kCollectStep) - given->second.first_time;
    }
  }
  return absl::OkStatus();
}

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
    } else if (cycle.name() < name && past < kQuartersOfHabit &&
               !IsInTime(cycle, kCollectStep, time)) {
      ++past;
      CHANYAN_RETURN_IF_ERROR(AddHabits(session, forms_, cycle, &inputs->habits));
    }
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
        ReadOnlySession reading(session);
        return CopyStored(reading, request.name(), now, &inputs);
      });
  if (!copied.ok()) return copied;
  absl::Time as_of = now;
  if (inputs.cycle.secretariat().empty()) {
    // It is not open: it begins with what would be carried into it today.
    inputs.cycle.set_secretariat(secretariat.name());
    CHANYAN_ASSIGN_OR_RETURN(const OpeningFacts facts, ask_(caller));
    Opening opening = PlanOpening(request.name(), facts);
    inputs.forms = std::move(opening.forms);
    inputs.rows = std::move(opening.rows);
    as_of = std::min(now, time::ToTime(inputs.cycle.open_time()));
  } else {
    as_of = TimeInCycle(inputs.cycle, now);
  }
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
                   simulation.tasks_size(), "件，预计逾期", simulation.late_count(), "件")};
  return rpc::ExportSheet<v1::SimulatedTask>("推演结果", time::ToTime(simulation.as_of()),
                                             simulation.tasks(), layout);
}

}  // namespace chanyan::cycle
