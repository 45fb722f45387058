// Matters on the ladder (TRI-10) in the transaction of whoever changes them. Whoever has a result
// to do with it locks the result first, then the matter, then its tasks.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/triage/v1/escalation.pb.h"
#include "chanyan/triage/v1/first_contact.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

class EscalationBook {
 public:
  explicit EscalationBook(const TriagePack& pack) : pack_(pack) {}

  const db::Table<v1::Escalation>& table() const { return escalations_; }
  const db::Table<v1::EscalationTask>& tasks() const { return tasks_; }

  // Puts a matter at the lowest rung from `from` on that somebody else than `not_by` decides, and
  // starts its clock. FAILED_PRECONDITION if there is none.
  absl::Status Place(absl::Time now, int from, absl::string_view not_by, v1::Escalation* row) const;
  // The rung of the pack a matter is at; -1 if the pack does not have it any more.
  int RungOf(const v1::Escalation& row) const;
  // Adds a step of `organization` (empty = the ladder itself) at the present rung.
  void Note(absl::Time now, absl::string_view verb, absl::string_view organization,
            absl::string_view title, absl::string_view account, absl::string_view text,
            v1::Escalation* row) const;
  // The parties of a result; whoever has no department is the office's.
  void CopyResult(const v1::Result& result, v1::Escalation* row) const;

  // An idle result came to a rung of first contact: its matter is raised there, or passes on to it.
  // Nothing if the ladder has no such rung. The caller has locked the result.
  absl::Status RaiseIdle(rpc::Change& change, const v1::Result& result,
                         const v1::IdleAlert& alert) const;
  // Matters of these results that are not over follow what those say of their parties.
  absl::Status Follow(rpc::Change& change, absl::Span<const v1::Result* const> results) const;
  // The result is over: what the ladder itself raised and nobody has decided is withdrawn.
  absl::Status End(rpc::Change& change, const v1::Result& result, absl::string_view why) const;

 private:
  // Tasks of a matter have its department.
  absl::Status FollowTasks(rpc::Change& change, absl::Span<const v1::Escalation> matters) const;

  const TriagePack& pack_;
  const db::Table<v1::Escalation> escalations_;
  const db::Table<v1::EscalationTask> tasks_;
};

}  // namespace chanyan::triage
