// Raises, times and escalates problems, in the transaction of whoever brings it about: a report, a
// person, an alarm (PAIR-5). The problem's row, or the project's where there is none yet, is
// locked.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/mutate.h"
#include "services/pairing/alarms.h"

namespace chanyan::pairing {

// Kinds of alarms.
inline constexpr char kReminder[] = "reminder";
inline constexpr char kEscalation[] = "escalation";

class ProblemBook {
 public:
  explicit ProblemBook(const policy::Pack& pack) : pack_(pack) {}

  // Writes a new problem of the project, OPEN, with its term and alarms (OpenProblem), unless
  // `dry_run`.
  absl::Status Raise(rpc::Change& change, const v1::Project& project, bool dry_run,
                     v1::Problem* problem) const;

  struct Reported {
    const v1::Project* project;
    std::string content;
    std::string raised_by;
  };
  // The problems that reports of `quarter` name, in order; empty = none. Each is raised once: not
  // if one that is unsolved says the same, and the quarter's own is reworded as long as nobody is
  // at work on it. Where the calendar does not reach it is raised without a term, for the report
  // must not fail of it. In few statements.
  absl::Status RaiseReported(rpc::Change& change, absl::string_view quarter,
                             absl::Span<const Reported> reported) const;

  // Gives the problem a term and sets its alarms in place of those before.
  absl::Status SetTerm(db::Session& session, absl::Time now, const policy::Term& term,
                       v1::Problem* problem) const;

  // The alarms of an unsolved problem's term, in place of those before; none for one that is solved
  // or has no term.
  absl::Status SetClocks(db::Session& session, absl::Time now, const v1::Problem& problem) const;

  // The same for problems that are new, in few statements.
  absl::Status AddClocks(db::Session& session, absl::Time now,
                         const std::vector<v1::Problem>& created) const;

  // One level up: state, level, role, step; and the alarm of the level after.
  absl::Status Escalate(db::Session& session, absl::Time now, absl::string_view organization,
                        absl::string_view reason, v1::Problem* problem) const;

  // The alarms "reminder" (a journal entry) and "escalation" (one level up), each once.
  absl::Status Ring(db::Session& session, absl::Time now, const Alarm& alarm) const;

  const db::Table<v1::Problem>& table() const { return problems_; }

 private:
  const policy::Pack& pack_;
  const db::Table<v1::Problem> problems_;
};

}  // namespace chanyan::pairing
