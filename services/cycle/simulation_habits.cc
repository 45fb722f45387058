#include "services/cycle/simulation_habits.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "common/api/names.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/simulation_parts.h"

namespace chanyan::cycle {
namespace {

constexpr char kReturnedBySecretariat[] = "step = ? AND sender = ? AND state <> 'REFUSED'";

std::string LabelOfPast(const v1::Cycle& cycle) {
  const auto quarter = time::Quarter::Parse(api::IdOfName(cycle.name()));
  return quarter.ok() ? quarter->LabelZh() : std::string(api::IdOfName(cycle.name()));
}

// Parts that went out to their platforms; one that was taken back was not given in time.
void AddPartHabits(const std::string& label, const std::vector<v1::PlatformPart>& parts,
                   Habits* habits) {
  for (const v1::PlatformPart& part : parts) {
    if (!part.has_issue_time()) continue;
    Habit::Quarter& one = (*habits)[part.platform()].quarters.emplace_back();
    one.label = label;
    one.absent = part.revision() == 0;
    one.late = one.absent || !part.on_time();
    if (!one.absent) one.lead = time::ToTime(part.due_time()) - time::ToTime(part.submit_time());
  }
}

void AddSigningHabits(const v1::Cycle& cycle, const std::string& label,
                      const std::vector<v1::PlatformPart>& parts, Habits* habits) {
  for (const v1::PlatformPart& part : parts) {
    if (!part.has_deliver_time()) continue;
    const absl::Time delivered = time::ToTime(part.deliver_time());
    Habit::Quarter& one = (*habits)[part.platform()].quarters.emplace_back();
    one.label = label;
    one.absent = !part.has_receive_time() || time::ToTime(part.receive_time()) < delivered;
    if (one.absent) {
      one.late = true;
      continue;
    }
    const absl::Time signed_at = time::ToTime(part.receive_time());
    one.late = time::IsPastDeadline(signed_at, EndOf(cycle, kReturnStep));
    one.lead = delivered - signed_at;
  }
}

// When each university was sent what came back, and sent it on.
absl::Status AddSendingHabits(db::Session& session, const v1::Cycle& cycle,
                              const std::string& label, const std::vector<v1::PlatformPart>& parts,
                              Habits* habits) {
  const db::Table<v1::Handover> handovers;
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Handover> returned,
      handovers.Select(
          session, db::And(Below(absl::StrCat(cycle.name(), "/handovers")),
                           {kReturnedBySecretariat, {int64_t{kReturnStep}, cycle.secretariat()}})));
  std::map<std::string, absl::Time> came;
  for (const v1::Handover& one : returned) {
    const absl::Time sent = time::ToTime(one.send_time());
    const auto [known, first] = came.try_emplace(one.receiver(), sent);
    if (!first) known->second = std::min(known->second, sent);
  }
  std::map<std::string, absl::Time> sent_on;
  for (const v1::PlatformPart& part : parts) {
    if (!part.has_deliver_time()) continue;
    const absl::Time delivered = time::ToTime(part.deliver_time());
    const auto [known, first] = sent_on.try_emplace(part.university(), delivered);
    if (!first) known->second = std::max(known->second, delivered);
  }
  for (const auto& [university, time] : came) {
    Habit::Quarter& one = (*habits)[university].quarters.emplace_back();
    one.label = label;
    const auto on = sent_on.find(university);
    one.absent = on == sent_on.end();
    one.late = one.absent || time::IsPastDeadline(on->second, EndOf(cycle, kReturnStep));
    if (!one.absent) one.lead = time - on->second;
  }
  return absl::OkStatus();
}

absl::Status AddReportHabits(db::Session& session, const v1::Cycle& cycle, const std::string& label,
                             Habits* habits) {
  const db::Table<v1::Form> forms;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Form> reported,
                           forms.Select(session, Below(absl::StrCat(cycle.name(), "/forms"))));
  for (const v1::Form& form : reported) {
    Habit::Quarter& one = (*habits)[form.university()].quarters.emplace_back();
    one.label = label;
    one.absent = form.revision() == 0;
    one.late = one.absent || !form.on_time();
    if (!one.absent) one.lead = EndOf(cycle, kReportStep) - time::ToTime(form.submit_time());
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

absl::Status AddHabits(db::Session& session, const v1::Cycle& past, absl::Time time,
                       SimulationInputs* inputs) {
  const std::string label = LabelOfPast(past);
  CHANYAN_RETURN_IF_ERROR(AddReportHabits(session, past, label, &inputs->habits));
  const db::Table<v1::PlatformPart> table;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::PlatformPart> parts,
                           table.Select(session, Below(absl::StrCat(past.name(), "/forms"))));
  AddPartHabits(label, parts, &inputs->habits);
  AddHandingOut(past, parts, &inputs->handing_out);
  if (IsInTime(past, kReturnStep, time)) return absl::OkStatus();
  AddSigningHabits(past, label, parts, &inputs->return_habits);
  return AddSendingHabits(session, past, label, parts, &inputs->return_habits);
}

}  // namespace chanyan::cycle
