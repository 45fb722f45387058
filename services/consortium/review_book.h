// What the changes of a panel have in common (CON-4): the order of locks, the removal of an expert
// with the score, the result, and what a step of the dossier asks of the review.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "chanyan/consortium/v1/review_meeting.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/mutate.h"

namespace chanyan::consortium {

// consortia/{c}/panels/{p} of a record below it.
std::string PanelOfName(absl::string_view name);

// No longer on the panel: the seat is free.
inline bool IsGone(v1::ReviewAssignmentState state) {
  return state == v1::REVIEW_ASSIGNMENT_STATE_DECLINED ||
         state == v1::REVIEW_ASSIGNMENT_STATE_REMOVED || state == v1::REVIEW_ASSIGNMENT_STATE_ENDED;
}

// A panel with what is on it, locked in this order: dossier, panel, assignments and sheets by name.
struct LockedPanel {
  v1::Consortium consortium;
  v1::ReviewPanel panel;
  // As it was read, for the journal.
  v1::ReviewPanel before;
  std::vector<v1::ReviewAssignment> assignments;
};

// Thread-safe.
class ReviewBook {
 public:
  // Refuses a change whose time is not the clock's any more.
  using Timekeeper = std::function<absl::Status(rpc::Change&)>;

  explicit ReviewBook(const policy::Pack& pack) : pack_(pack) {}

  // Before the first call. Asked by every change of a panel and by those who call RequireStill.
  void SetTimekeeper(Timekeeper keeper) { timekeeper_ = std::move(keeper); }
  absl::Status RequireStill(rpc::Change& change) const {
    return timekeeper_ ? timekeeper_(change) : absl::OkStatus();
  }

  // Null if the pack has no such sheet (any more).
  const policy::v1::ReviewSheet* FindSheet(absl::string_view id) const;
  // The sheet of a panel: the pack's or, if the pack has it no more, that of the draw.
  absl::StatusOr<policy::v1::ReviewSheet> SheetOfPanel(db::Session& session,
                                                       const v1::ReviewPanel& panel) const;
  // NOT_FOUND outside of what the caller may change.
  absl::StatusOr<LockedPanel> Lock(rpc::Change& change, const rpc::Call& call,
                                   const std::string& panel) const;
  // As Lock without scope, for an expert's own row: the caller has looked whether it is.
  absl::StatusOr<LockedPanel> LockAny(rpc::Change& change, const std::string& panel) const;

  // The dossier is at the stage that the sheet is of.
  absl::Status RequireStage(const v1::Consortium& consortium,
                            const policy::v1::ReviewSheet& sheet) const;
  absl::Status RequireOpen(const v1::ReviewPanel& panel) const;
  // Sheets are filled in to the last second.
  absl::Status RequireInTime(const v1::ReviewPanel& panel, absl::Time now) const;

  // Writes an assignment that changed, with its journal entry.
  absl::Status Save(rpc::Change& change, absl::string_view kind, const v1::ReviewAssignment& before,
                    v1::ReviewAssignment* row) const;
  // REMOVED, with the reasons; the sheet is struck out.
  absl::Status Remove(rpc::Change& change, const std::vector<v1::Conflict>& conflicts,
                      absl::string_view reason, v1::ReviewAssignment* row) const;
  // Counts of the panel; of a closed one the result, worked out anew. Saves it as `kind` if
  // anything changed.
  absl::Status Settle(rpc::Change& change, absl::string_view kind, LockedPanel* locked) const;

  absl::StatusOr<v1::ScoreSheet> SheetOf(db::Session& session,
                                         const v1::ReviewAssignment& assignment,
                                         bool for_update) const;
  absl::Status SaveSheet(rpc::Change& change, absl::string_view kind, const v1::ScoreSheet& before,
                         v1::ScoreSheet* row) const;

  // review_gates.cc: what the steps of a dossier ask of its review. "inspect": the expert review is
  // closed and passed; "defend": the site visit is recorded and passed; "select": the defence is
  // recorded, its panel closed and passed; "announce" and "file": nothing more. Each since the
  // dossier was last accepted, and of each stage behind it the latest closed panel still passes,
  // also after scores were struck out, and each expert whose score counts in it is what the latest
  // proof was made of, which has no check that could not be made. WRONG_STATE that says what is
  // missing, has to be done again or looked at again.
  absl::Status MayInspect(rpc::Change& change, const v1::Consortium& consortium) const;
  absl::Status MayDefend(rpc::Change& change, const v1::Consortium& consortium) const;
  absl::Status MaySelect(rpc::Change& change, const v1::Consortium& consortium) const;
  absl::Status RequireStanding(rpc::Change& change, const v1::Consortium& consortium) const;
  // "reexamine": a review behind the dossier does not pass any more.
  absl::Status MayReexamine(rpc::Change& change, const v1::Consortium& consortium) const;

  // What a gate goes by, read once: when the dossier was last accepted for review, what is older
  // was of another dossier; panels since then with their stage, oldest first, without cancelled
  // ones.
  struct Reviews {
    absl::Time since;
    std::vector<std::pair<policy::v1::ReviewStage, v1::ReviewPanel>> panels;
  };

  const db::Table<v1::ReviewPanel>& panels() const { return panels_; }
  const db::Table<v1::ReviewAssignment>& assignments() const { return assignments_; }
  const db::Table<v1::ScoreSheet>& sheets() const { return sheets_; }
  const db::Table<v1::Consortium>& consortia() const { return consortia_; }

 private:
  absl::StatusOr<LockedPanel> Rest(rpc::Change& change, LockedPanel locked) const;
  absl::Status Score(rpc::Change& change, LockedPanel* locked) const;
  absl::StatusOr<Reviews> ReviewsOf(rpc::Change& change, const v1::Consortium& consortium) const;
  absl::Status RequireMeeting(rpc::Change& change, const v1::Consortium& consortium,
                              absl::Time since, policy::v1::MeetingKind kind) const;
  // Of the latest closed panels of these stages. Names no expert: hold_reason may carry it.
  absl::Status RequireProven(rpc::Change& change, const Reviews& reviews,
                             const std::vector<policy::v1::ReviewStage>& stages) const;

  const policy::Pack& pack_;
  Timekeeper timekeeper_;
  const db::Table<v1::Consortium> consortia_;
  const db::Table<v1::ReviewPanel> panels_;
  const db::Table<v1::ReviewAssignment> assignments_;
  const db::Table<v1::ScoreSheet> sheets_;
  const db::Table<v1::ReviewMeeting> meetings_;
  const db::Table<v1::PanelDraw> draws_;
  const db::Table<v1::Transition> transitions_;
};

}  // namespace chanyan::consortium
