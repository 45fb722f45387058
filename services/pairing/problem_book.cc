#include "services/pairing/problem_book.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/parties.h"
#include "services/pairing/problem_rules.h"
#include "services/pairing/record_acts.h"
#include "services/pairing/select_in.h"

namespace chanyan::pairing {
namespace {

constexpr absl::string_view kOverdueProblems = "到期未解决，自动提级";

using google::protobuf::util::MessageDifferencer;

// A problem as it was stored, if it was, and as reports have left it.
struct ReportedProblem {
  v1::Problem before;
  v1::Problem now;
  bool created = false;
};
// By project, in the order of names; those that are new come last.
using ReportedProblems = std::map<std::string, std::vector<ReportedProblem>>;

// Takes what a report says into the project's problems. The one that is new, without a term yet;
// null if there is none.
ReportedProblem* Reword(absl::Time now, absl::string_view quarter,
                        const ProblemBook::Reported& reported,
                        std::vector<ReportedProblem>* problems) {
  int of_quarter = 0;
  for (ReportedProblem& present : *problems) {
    v1::Problem& problem = present.now;
    if (IsUnsolved(problem.state()) && problem.content() == reported.content) return nullptr;
    if (problem.quarter() != quarter) continue;
    ++of_quarter;
    if (problem.state() != v1::PROBLEM_STATE_OPEN) continue;
    problem.set_content(reported.content);
    AddStep(now, "update", reported.raised_by, "", &problem);
    return nullptr;
  }
  ReportedProblem& fresh = problems->emplace_back();
  fresh.created = true;
  v1::Problem& problem = fresh.now;
  problem.set_name(absl::StrCat(reported.project->name(), "/problems/", quarter,
                                of_quarter == 0 ? "" : absl::StrCat("-", of_quarter + 1)));
  problem.set_content(reported.content);
  problem.set_origin(v1::PROBLEM_ORIGIN_REPORTED);
  problem.set_quarter(std::string(quarter));
  problem.set_raised_by(reported.raised_by);
  problem.set_state(v1::PROBLEM_STATE_OPEN);
  CopyParties(*reported.project, &problem);
  AddStep(now, "create", reported.raised_by, "", &problem);
  return &fresh;
}

journal::Origin JobOrigin() {
  return {.method = "chanyan.pairing.RingAlarms", .actor = "services/pairing"};
}

}  // namespace

absl::Status ProblemBook::SetTerm(db::Session& session, absl::Time now, const policy::Term& term,
                                  v1::Problem* problem) const {
  pairing::SetTerm(term, problem);
  return SetClocks(session, now, *problem);
}

absl::Status ProblemBook::SetClocks(db::Session& session, absl::Time now,
                                    const v1::Problem& problem) const {
  if (!IsUnsolved(problem.state()) || !problem.has_due_time()) {
    return ClearAlarms(session, problem.name());
  }
  const absl::Time due = TimeIn(problem.due_time());
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<absl::Time> reminders,
                           RemindersOf(pack_, time::DayOf(due), now));
  CHANYAN_RETURN_IF_ERROR(SetAlarms(session, problem.name(), kReminder, reminders));
  return SetAlarms(session, problem.name(), kEscalation, {PastDeadline(due)});
}

absl::Status ProblemBook::Raise(rpc::Change& change, const v1::Project& project, bool dry_run,
                                v1::Problem* problem) const {
  CHANYAN_RETURN_IF_ERROR(OpenProblem(pack_, project, change.now(), problem));
  if (dry_run) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(SetClocks(change.session(), change.now(), *problem));
  CHANYAN_RETURN_IF_ERROR(problems_.Insert(change.session(), change.now(), problem));
  return change.Record("created", nullptr, problem);
}

absl::Status ProblemBook::RaiseReported(rpc::Change& change, absl::string_view quarter,
                                        absl::Span<const Reported> reported) const {
  std::vector<std::string> projects;
  for (const Reported& one : reported) {
    if (!one.content.empty()) projects.push_back(one.project->name());
  }
  if (projects.empty()) return absl::OkStatus();
  ReportedProblems all;
  CHANYAN_RETURN_IF_ERROR(
      SelectIn(change.session(), problems_, "project", std::move(projects),
               db::Predicate::Everything(), db::kByNameLocked, [&all](v1::Problem problem) {
                 all[ProjectOfName(problem.name())].push_back({problem, problem, false});
               }));
  const absl::StatusOr<policy::Term> term = LatestTermOf(pack_, time::DayOf(change.now()));
  for (const Reported& one : reported) {
    if (one.content.empty()) continue;
    ReportedProblem* fresh = Reword(change.now(), quarter, one, &all[one.project->name()]);
    if (fresh == nullptr) continue;
    if (term.ok()) {
      api::SetTime(term->deadline, fresh->now.mutable_due_time());
      fresh->now.set_due_derivation(term->derivation);
    } else {
      fresh->now.set_due_derivation(absl::StrCat("期限未定：", term.status().message()));
    }
  }
  std::vector<v1::Problem> created, updated;
  std::vector<const v1::Problem*> before;
  for (const auto& [project, problems] : all) {
    for (const ReportedProblem& problem : problems) {
      if (problem.created) {
        created.push_back(problem.now);
      } else if (!MessageDifferencer::Equals(problem.before, problem.now)) {
        updated.push_back(problem.now);
        before.push_back(&problem.before);
      }
    }
  }
  CHANYAN_RETURN_IF_ERROR(problems_.UpdateAll(change.session(), change.now(), &updated));
  std::vector<journal::Alteration> alterations;
  for (size_t i = 0; i < updated.size(); ++i) alterations.push_back({before[i], &updated[i]});
  CHANYAN_RETURN_IF_ERROR(change.RecordAll("updated", alterations));
  CHANYAN_RETURN_IF_ERROR(AddClocks(change.session(), change.now(), created));
  CHANYAN_RETURN_IF_ERROR(problems_.InsertAll(change.session(), change.now(), &created));
  alterations.clear();
  for (const v1::Problem& problem : created) alterations.push_back({nullptr, &problem});
  return change.RecordAll("created", alterations);
}

absl::Status ProblemBook::AddClocks(db::Session& session, absl::Time now,
                                    const std::vector<v1::Problem>& created) const {
  // Many have the same term.
  std::map<absl::Time, std::vector<absl::Time>> reminders;
  std::vector<Alarm> alarms;
  for (const v1::Problem& problem : created) {
    if (!IsUnsolved(problem.state()) || !problem.has_due_time()) continue;
    const absl::Time due = TimeIn(problem.due_time());
    const auto [found, fresh] = reminders.try_emplace(due);
    if (fresh) {
      CHANYAN_ASSIGN_OR_RETURN(found->second, RemindersOf(pack_, time::DayOf(due), now));
    }
    for (const absl::Time time : found->second) {
      alarms.push_back({problem.name(), kReminder, time});
    }
    alarms.push_back({problem.name(), kEscalation, PastDeadline(due)});
  }
  return AddAlarms(session, alarms);
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
  CHANYAN_RETURN_IF_ERROR(Escalate(session, now, "", kOverdueProblems, &*problem));
  CHANYAN_RETURN_IF_ERROR(problems_.Update(session, now, &*problem));
  return journal::Append(session, now, JobOrigin(), "escalate", &before, &*problem);
}

}  // namespace chanyan::pairing
