// Custody of form rows (CYC-4): every row is held by one organization at every moment, and moves
// only by a hand-over with a receipt. All functions work inside the caller's transaction. A holder
// is organizations/{o}, or organizations/{o}/platforms/{p} for what a platform fills in or has
// back.
//
// A row is born (row_birth) with its first holder; one that was struck out and is put in again, by
// whomever, is born again, and its earlier births stay. Send puts rows that `sender` holds and that
// are not in transit into a new hand-over; until it is received the sender still answers for them.
// Receive makes the receiver the holder; Refuse leaves them with the sender. handover_row keeps
// each row's chain of hops, from which CheckConservation proves that nothing was lost, merged or
// doubled.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "services/cycle/custody_proof.h"

namespace chanyan::cycle {

class Custody {
 public:
  // Inserts new rows with their births; `holder` and `origin` of each are set by the caller.
  // Journals each row.
  absl::Status Bear(rpc::Change& change, absl::Time cycle_now, std::vector<v1::Row>* rows) const;
  // Strikes out rows that have not left their university: held by `holder`, it or a platform of it
  // that has its part, and not in transit. The births stay, marked. Journals each row.
  absl::Status Withdraw(rpc::Change& change, absl::Time cycle_now, absl::string_view holder,
                        const std::vector<v1::Row>& rows) const;

  // One hand-over of all `rows` (names) from `sender` to `receiver`; FAILED_PRECONDITION that names
  // the first row that the sender does not hold or that is in transit. `set_sql` is a constant
  // assignment list applied to the rows as they are sent, such as "distributed = 1"; may be empty.
  // `versions` (names) are what the rows are handed over as; the receipt is for these.
  absl::StatusOr<v1::Handover> Send(rpc::Change& change, absl::Time cycle_now,
                                    absl::string_view cycle, int step, absl::string_view sender,
                                    absl::string_view receiver,
                                    const std::vector<std::string>& rows,
                                    absl::string_view set_sql = "",
                                    const std::vector<std::string>& versions = {}) const;
  // As Send, backwards: what the receiver gave, with the reasons.
  absl::StatusOr<v1::Handover> SendBack(rpc::Change& change, absl::Time cycle_now,
                                        absl::string_view cycle, int step, absl::string_view sender,
                                        absl::string_view receiver,
                                        const std::vector<std::string>& rows,
                                        const std::vector<std::string>& reasons,
                                        absl::string_view set_sql) const;
  // As Send, one hand-over to each receiver, in few statements however many there are: receiver →
  // names of rows.
  using Groups = std::map<std::string, std::vector<std::string>>;
  absl::Status SendAll(rpc::Change& change, absl::Time cycle_now, absl::string_view cycle, int step,
                       absl::string_view sender, const Groups& groups,
                       absl::string_view set_sql = "") const;
  // SENT → RECEIVED: the receiver holds the rows now. `account` signs the receipt.
  absl::Status Receive(rpc::Change& change, absl::Time cycle_now, absl::string_view account,
                       v1::Handover handover) const;
  // As Receive, all of what waits for one receiver, in few statements.
  absl::Status ReceiveAll(rpc::Change& change, absl::Time cycle_now, absl::string_view account,
                          std::vector<v1::Handover> handovers) const;
  // SENT → REFUSED with reasons: the sender keeps the rows.
  absl::Status Refuse(rpc::Change& change, absl::Time cycle_now,
                      const std::vector<std::string>& reasons, v1::Handover handover) const;
  // Hand-overs sent to `receiver` in the cycle and not yet received, locked, by name.
  absl::StatusOr<std::vector<v1::Handover>> Waiting(db::Session& session, absl::string_view cycle,
                                                    absl::string_view receiver) const;
  // Those under way to `receiver` that carry rows of the form `form`, locked, by name.
  absl::StatusOr<std::vector<v1::Handover>> WaitingOfForm(db::Session& session,
                                                          absl::string_view form,
                                                          absl::string_view receiver) const;
  // Names of the rows that `holder` holds and that are not in transit, that satisfy `where`,
  // locked.
  absl::StatusOr<std::vector<std::string>> Held(db::Session& session, absl::string_view cycle,
                                                absl::string_view holder,
                                                const db::Predicate& where) const;
  // As Held, by the value of `column`, a constant: "unit", "enterprise", "university" or
  // "platform".
  absl::StatusOr<Groups> HeldBy(db::Session& session, absl::string_view cycle,
                                absl::string_view holder, absl::string_view column,
                                const db::Predicate& where) const;
  // The proof, from births, chains and rows as they are; organizations that became one while the
  // cycle ran are one holder. Inside a transaction, so that all of it is of one moment.
  absl::StatusOr<v1::Conservation> Check(db::Session& session, absl::string_view cycle,
                                         absl::Time cycle_now) const;

 private:
  // Puts the rows into a hand-over that has its name.
  absl::StatusOr<v1::Handover> Dispatch(rpc::Change& change, absl::string_view cycle,
                                        v1::Handover handover, const std::vector<std::string>& rows,
                                        absl::string_view set_sql) const;
  absl::StatusOr<std::string> NewHandoverName(db::Session& session, absl::string_view cycle,
                                              int step, absl::string_view sender,
                                              absl::string_view receiver) const;

  db::Table<v1::Row> rows_;
  db::Table<v1::Handover> handovers_;
};

}  // namespace chanyan::cycle
