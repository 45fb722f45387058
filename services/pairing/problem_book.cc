#include "services/pairing/problem_book.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/parties.h"
#include "services/pairing/problem_rules.h"

namespace chanyan::pairing {
namespace {

constexpr absl::string_view kOverdue = "到期未解决，自动提级";

journal::Origin JobOrigin() {
  return {.method = "chanyan.pairing.RingAlarms", .actor = "services/pairing"};
}

}  // namespace

absl::Status ProblemBook::SetTerm(db::Session& session, absl::Time now, const policy::Term& term,
                                  v1::Problem* problem) const {
  api::SetTime(term.deadline, problem->mutable_due_time());
  problem->set_due_derivation(term.derivation);
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<absl::Time> reminders,
                           RemindersOf(pack_, term.last_day, now));
  CHANYAN_RETURN_IF_ERROR(SetAlarms(session, problem->name(), kReminder, reminders));
  return SetAlarms(session, problem->name(), kEscalation, {PastDeadline(term.deadline)});
}

absl::Status ProblemBook::Raise(rpc::Change& change, const v1::Project& project, bool dry_run,
                                v1::Problem* problem) const {
  problem->set_state(v1::PROBLEM_STATE_OPEN);
  CopyParties(project, problem);
  CHANYAN_ASSIGN_OR_RETURN(const policy::Term term, LatestTermOf(pack_, time::DayOf(change.now())));
  AddStep(change.now(), "create", problem->raised_by(), "", problem);
  if (dry_run) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(SetTerm(change.session(), change.now(), term, problem));
  CHANYAN_RETURN_IF_ERROR(problems_.Insert(change.session(), change.now(), problem));
  return change.Record("created", nullptr, problem);
}

absl::Status ProblemBook::RaiseReported(rpc::Change& change, const v1::Project& project,
                                        absl::string_view quarter, absl::string_view content,
                                        absl::string_view raised_by) const {
  if (content.empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Problem> present,
      problems_.Select(change.session(), OfProject(project.name()), "name FOR UPDATE"));
  int of_quarter = 0;
  for (v1::Problem& problem : present) {
    if (IsUnsolved(problem.state()) && problem.content() == content) return absl::OkStatus();
    if (problem.quarter() != quarter) continue;
    ++of_quarter;
    if (problem.state() != v1::PROBLEM_STATE_OPEN) continue;
    const v1::Problem before = problem;
    problem.set_content(std::string(content));
    AddStep(change.now(), "update", raised_by, "", &problem);
    CHANYAN_RETURN_IF_ERROR(problems_.Update(change.session(), change.now(), &problem));
    return change.Record("updated", &before, &problem);
  }
  v1::Problem problem;
  problem.set_name(absl::StrCat(project.name(), "/problems/", quarter,
                                of_quarter == 0 ? "" : absl::StrCat("-", of_quarter + 1)));
  problem.set_content(std::string(content));
  problem.set_origin(v1::PROBLEM_ORIGIN_REPORTED);
  problem.set_quarter(std::string(quarter));
  problem.set_raised_by(std::string(raised_by));
  problem.set_state(v1::PROBLEM_STATE_OPEN);
  CopyParties(project, &problem);
  const absl::StatusOr<policy::Term> term = LatestTermOf(pack_, time::DayOf(change.now()));
  if (term.ok()) {
    CHANYAN_RETURN_IF_ERROR(SetTerm(change.session(), change.now(), *term, &problem));
  } else {
    problem.set_due_derivation(absl::StrCat("期限未定：", term.status().message()));
  }
  AddStep(change.now(), "create", raised_by, "", &problem);
  CHANYAN_RETURN_IF_ERROR(problems_.Insert(change.session(), change.now(), &problem));
  return change.Record("created", nullptr, &problem);
}

absl::Status ProblemBook::Escalate(db::Session& session, absl::Time now,
                                   absl::string_view organization, absl::string_view reason,
                                   v1::Problem* problem) const {
  const int level = NextLevelOf(pack_, problem->escalation_level());
  problem->set_state(v1::PROBLEM_STATE_ESCALATED);
  problem->set_escalation_level(level);
  problem->set_escalated_to(RoleOfLevel(pack_, level));
  api::SetTime(now, problem->mutable_escalate_time());
  AddStep(now, "escalate", organization, reason, problem);
  CHANYAN_RETURN_IF_ERROR(SetAlarms(session, problem->name(), kReminder, {}));
  const absl::StatusOr<absl::Time> next = NextEscalation(pack_, level, time::DayOf(now));
  // Without the next year's calendar it stays on this level, where people see it.
  if (!next.ok() || *next == absl::InfiniteFuture()) {
    return SetAlarms(session, problem->name(), kEscalation, {});
  }
  return SetAlarms(session, problem->name(), kEscalation, {*next});
}

absl::Status ProblemBook::Ring(db::Session& session, absl::Time now, const Alarm& alarm) const {
  absl::StatusOr<v1::Problem> problem = problems_.GetForUpdate(session, alarm.resource);
  if (!problem.ok() && !absl::IsNotFound(problem.status())) return problem.status();
  CHANYAN_ASSIGN_OR_RETURN(const bool rings, TakeAlarm(session, alarm));
  if (!rings || !problem.ok() || !IsUnsolved(problem->state())) return absl::OkStatus();
  const v1::Problem before = *problem;
  if (alarm.kind == kReminder) {
    return journal::Append(session, now, JobOrigin(), "reminded", &before, &*problem);
  }
  CHANYAN_RETURN_IF_ERROR(Escalate(session, now, "", kOverdue, &*problem));
  CHANYAN_RETURN_IF_ERROR(problems_.Update(session, now, &*problem));
  return journal::Append(session, now, JobOrigin(), "escalate", &before, &*problem);
}

}  // namespace chanyan::pairing
