// What all changes of results have in common, in the transaction of whoever makes them: the row is
// locked first, whatever else is locked after it, and is written once, with its records following.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/triage/v1/first_contact.pb.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "chanyan/triage/v1/team.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "services/triage/deps.h"
#include "services/triage/escalation_book.h"

namespace chanyan::triage {

// Who is responsible: an organization, and a person of it or nobody.
struct Holder {
  std::string organization;
  std::string title;
  std::string broker;
};

class ResultBook {
 public:
  explicit ResultBook(const TriagePack& pack) : pack_(pack), escalations_(pack) {}

  const db::Table<v1::Result>& table() const { return results_; }

  // Locks a result that the caller may change; NOT_FOUND otherwise.
  absl::StatusOr<v1::Result> Lock(rpc::Change& change, const rpc::Call& call,
                                  absl::string_view name) const;
  // Locks it, whoever the caller is: for what follows from a record that the caller may change.
  absl::StatusOr<v1::Result> LockAny(rpc::Change& change, absl::string_view name) const;

  // New results, each with its first tenure and its stage COLLECTED, in few statements. Their
  // titles are free (SoleHolder).
  absl::Status Begin(rpc::Change& change, const Holder& holder,
                     std::vector<v1::Result>* rows) const;
  // Writes and journals it as `kind` if it differs; its records and keys follow.
  absl::Status Save(rpc::Change& change, absl::string_view kind, const v1::Result& before,
                    v1::Result* row) const;

  // The holder did something: idleness begins anew.
  static void Act(absl::Time now, v1::Result* row);
  // Comes to a stage, if it is beyond the present one.
  absl::Status Reach(rpc::Change& change, v1::FunnelStage stage, v1::Result* row) const;
  // Goes back to a stage, because what brought it farther does not count any more. The journal
  // keeps the entries that are gone.
  absl::Status FallBack(rpc::Change& change, v1::FunnelStage stage, v1::Result* row) const;
  // Somebody else is responsible from this moment on; an open hand-over is cancelled by it unless
  // it is what brings it about. Nothing if it is the same. The caller saves.
  absl::Status Pass(rpc::Change& change, const Holder& to, v1::TenureCause cause,
                    v1::Result* row) const {
    return PassAll(change, to, cause, {&row, 1});
  }
  // Every way that its log opened has come to its end, or one is open again. What is done does not
  // climb, and what the ladder raised and nobody has decided is withdrawn; idleness of what is open
  // again begins anew. The caller saves.
  absl::Status Conclude(rpc::Change& change, bool concluded, v1::Result* row) const;
  // Nobody needs to be any more: it was withdrawn or merged. Open pushes, hand-over and listing
  // end.
  absl::Status End(rpc::Change& change, absl::string_view why, v1::Result* row) const;

  // Sets team, department, agency, investor from a team, or from none.
  void SetTeam(const v1::ServiceTeam* team, v1::Result* row) const;
  // The team that serves an organization of this name by default; null name if none does.
  absl::StatusOr<v1::ServiceTeam> TeamServing(db::Session& session,
                                              absl::string_view university_title) const;

  // Keys by which duplicates are found, for a result about to be written.
  absl::Status WriteKeys(db::Session& session, const v1::Result& row) const;

  // Many results in few statements (result_batches.cc), each locked before and given once.
  //
  // Open results that hold `where`, locked in the order of their names.
  absl::StatusOr<std::vector<v1::Result>> LockOpen(rpc::Change& change,
                                                   const db::Predicate& where) const;
  // Those that hold `where`, whatever their state, locked in the order of their names.
  absl::StatusOr<std::vector<v1::Result>> LockAll(rpc::Change& change,
                                                  const db::Predicate& where) const;
  // Those of `names` that are there and hold `scope`, locked in the order of their names.
  absl::StatusOr<std::vector<v1::Result>> LockNamed(rpc::Change& change,
                                                    std::vector<std::string> names,
                                                    const db::Predicate& scope) const;
  // As Pass, of each.
  absl::Status PassAll(rpc::Change& change, const Holder& to, v1::TenureCause cause,
                       absl::Span<v1::Result* const> rows) const;
  // As Save, of each.
  absl::Status SaveAll(rpc::Change& change, absl::string_view kind,
                       const std::vector<v1::Result>& before, std::vector<v1::Result>* rows) const;
  // Their open hand-overs are over.
  absl::Status CancelHandovers(rpc::Change& change, absl::string_view why,
                               absl::Span<v1::Result* const> rows) const;

 private:
  const TriagePack& pack_;
  const EscalationBook escalations_;
  const db::Table<v1::Result> results_;
  const db::Table<v1::Tenure> tenures_;
  const db::Table<v1::StageEntry> stages_;
  const db::Table<v1::Handover> handovers_;
  const db::Table<v1::ServiceTeam> teams_;
};

}  // namespace chanyan::triage
