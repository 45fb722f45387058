// What becomes of a result's log when it is merged into another (TRI-1, TRI-6): it goes on there,
// so that no contract, company or financing is lost to the funnel, and stays one log that is
// registered and voided as before.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/triage/v1/case.pb.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "services/triage/result_book.h"

namespace chanyan::triage {

// The entries of a result's log that count, in the order in which they were written, locked.
absl::StatusOr<std::vector<v1::FollowUp>> CountedLog(db::Session& session,
                                                     absl::string_view result);

// Works in the transaction of the change that has locked both results.
class ResultLog {
 public:
  explicit ResultLog(const ResultBook& book) : book_(book) {}

  // All entries of `from` and its typical cases become those of `into`, which comes to the stage
  // that they bring. FAILED_PRECONDITION (WRONG_STATE) that names the deals if `from` has some and
  // `into` none: the one that was converted goes on, and the other is merged into it.
  absl::Status Move(rpc::Change& change, const v1::Result& from, v1::Result* into) const;

 private:
  // Its typical cases tell of `into` from then on: what came of them is in its log.
  absl::Status MoveCases(rpc::Change& change, const v1::Result& from, const v1::Result& into) const;

  const ResultBook& book_;
  const db::Table<v1::FollowUp> follow_ups_;
  const db::Table<v1::TypicalCase> cases_;
};

}  // namespace chanyan::triage
