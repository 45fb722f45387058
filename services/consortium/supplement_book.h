// Supplements that are open, judged by what is so now: as they are proposed, at every signature,
// and at once when somebody of theirs is barred or a bar ends (CON-8).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "services/consortium/consortium_book.h"

namespace chanyan::consortium {

// Thread-safe.
class SupplementBook {
 public:
  // The book outlives this.
  explicit SupplementBook(const ConsortiumBook& book) : book_(book) {}

  // What a supplement was found to be.
  struct Opinion {
    ConsortiumBook::Judged judged;
    // RULE_VIOLATED, naming each, if hard rules of the pack would stand in its way although
    // everybody signed: nobody proposes or signs in vain.
    absl::Status possible;
  };
  // The pack's verdicts, with what was set aside for it, and who is barred: as if it took effect
  // now, with the signatures that it has. The dossier is locked.
  absl::StatusOr<Opinion> Judge(rpc::Change& change, const v1::Consortium& row,
                                v1::Supplement* supplement) const;

  // Locks, judges and writes the open supplement of every filed dossier that names the organization
  // or by which it would join, in the order of their names: "barred" where somebody comes to be
  // kept out by that, "unbarred" where nobody is any longer, "judged" otherwise.
  absl::Status JudgeThoseOf(rpc::Change& change, const std::string& organization) const;

 private:
  const ConsortiumBook& book_;
  const db::Table<v1::Supplement> supplements_;
  const db::Table<v1::HeldProject> projects_;
};

}  // namespace chanyan::consortium
