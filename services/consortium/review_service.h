// RPC handlers of chanyan.consortium.v1.ReviewService (CON-4). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/attachment.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/consortium/panel_draw.h"
#include "services/consortium/review_book.h"
#include "services/consortium/review_deps.h"
#include "services/consortium/review_facts.h"

namespace chanyan::consortium {

// For how long what registry and pairing said of a panel's people is good.
inline constexpr absl::Duration kFactsAge = absl::Hours(24);
// How long after a look that lacked facts these are asked for again.
inline constexpr absl::Duration kMissingFactsAge = absl::Minutes(10);

class ReviewService {
 public:
  ReviewService(ReviewDeps deps, const ReviewBook& book) : deps_(std::move(deps)), book_(book) {}

  std::vector<rpc::UnaryMethod> Methods();

  // panels.cc
  absl::StatusOr<v1::ReviewPanel> CreateReviewPanel(const rpc::Call&,
                                                    const v1::CreateReviewPanelRequest&);
  absl::StatusOr<v1::ReviewPanel> GetReviewPanel(const rpc::Call&,
                                                 const v1::GetReviewPanelRequest&);
  absl::StatusOr<v1::ListReviewPanelsResponse> ListReviewPanels(const rpc::Call&,
                                                                const v1::ListReviewPanelsRequest&);
  absl::StatusOr<v1::ListPanelDrawsResponse> ListPanelDraws(const rpc::Call&,
                                                            const v1::ListPanelDrawsRequest&);
  absl::StatusOr<v1::VerifyPanelDrawResponse> VerifyPanelDraw(const rpc::Call&,
                                                              const v1::VerifyPanelDrawRequest&);
  absl::StatusOr<v1::ReviewPanel> ReplaceReviewer(const rpc::Call&,
                                                  const v1::ReplaceReviewerRequest&);
  absl::StatusOr<v1::ReviewPanel> RecheckReviewPanel(const rpc::Call&,
                                                     const v1::RecheckReviewPanelRequest&);
  // panel_recheck.cc: panels whose results count in a dossier that is not decided are looked at
  // again without anybody asking: where that was never done, is longer ago than kFactsAge, lacked
  // facts kMissingFactsAge ago, or was by other rules, and where an expert declared something new
  // since. What is found is as if the office had asked; where nothing is, nothing is written but
  // when it was. Those that are left at `until`, by the machine's clock, are left to the next run.
  // How many panels were changed.
  absl::StatusOr<int> RecheckDue(const db::Lease& lease,
                                 absl::Time until = absl::InfiniteFuture()) const;
  // The same at once of the panels, of dossiers that are not decided, for which an expert scored
  // who has just declared something new: in the flow of the declaration, behind its transaction.
  // What cannot be done now – peers may be away – RecheckDue does, for which the declaration asked.
  void RecheckDeclared(const rpc::Call& call, const std::string& expert) const;
  absl::StatusOr<v1::ReviewPanel> CloseReviewPanel(const rpc::Call&,
                                                   const v1::CloseReviewPanelRequest&);
  absl::StatusOr<v1::ReviewPanel> CancelReviewPanel(const rpc::Call&,
                                                    const v1::CancelReviewPanelRequest&);
  // assignments.cc
  absl::StatusOr<v1::ReviewAssignment> GetReviewAssignment(const rpc::Call&,
                                                           const v1::GetReviewAssignmentRequest&);
  absl::StatusOr<v1::ListReviewAssignmentsResponse> ListReviewAssignments(
      const rpc::Call&, const v1::ListReviewAssignmentsRequest&);
  absl::StatusOr<v1::ReviewAssignment> AcceptReviewAssignment(
      const rpc::Call&, const v1::AcceptReviewAssignmentRequest&);
  absl::StatusOr<v1::ReviewAssignment> DeclineReviewAssignment(
      const rpc::Call&, const v1::DeclineReviewAssignmentRequest&);
  absl::StatusOr<v1::ReviewAssignment> RemoveReviewAssignment(
      const rpc::Call&, const v1::RemoveReviewAssignmentRequest&);
  absl::StatusOr<v1::ScoreSheet> GetScoreSheet(const rpc::Call&, const v1::GetScoreSheetRequest&);
  absl::StatusOr<v1::ListScoreSheetsResponse> ListScoreSheets(const rpc::Call&,
                                                              const v1::ListScoreSheetsRequest&);
  absl::StatusOr<v1::ScoreSheet> SaveScoreSheet(const rpc::Call&, const v1::SaveScoreSheetRequest&);
  absl::StatusOr<v1::ScoreSheet> SubmitScoreSheet(const rpc::Call&,
                                                  const v1::SubmitScoreSheetRequest&);
  absl::StatusOr<v1::ScoreSheet> ReopenScoreSheet(const rpc::Call&,
                                                  const v1::ReopenScoreSheetRequest&);
  // review_dossier.cc
  absl::StatusOr<v1::ReviewDossier> GetReviewDossier(const rpc::Call&,
                                                     const v1::GetReviewDossierRequest&);
  absl::StatusOr<google::api::HttpBody> DownloadReviewAttachment(
      const rpc::Call&, const v1::DownloadReviewAttachmentRequest&);
  // review_results.cc
  absl::StatusOr<v1::RankConsortiaResponse> RankConsortia(const rpc::Call&,
                                                          const v1::RankConsortiaRequest&);
  absl::StatusOr<v1::ReviewOutcome> GetReviewOutcome(const rpc::Call&,
                                                     const v1::GetReviewOutcomeRequest&);

 private:
  v1::ReviewPanel Present(const rpc::Call& call, v1::ReviewPanel row) const;
  v1::ReviewAssignment Present(const rpc::Call& call, v1::ReviewAssignment row) const;
  v1::ScoreSheet Present(const rpc::Call& call, v1::ScoreSheet row) const;

  // What a draw of `consortium` goes by: all experts of the pool.
  absl::StatusOr<Reviewed> AskFor(const rpc::Call& call, const v1::Consortium& consortium) const;
  // What a draw or a check goes by, of those whom `pool` reads.
  using PoolRead = absl::FunctionRef<absl::StatusOr<std::vector<v1::Expert>>(db::Session&)>;
  absl::StatusOr<Reviewed> AskAbout(const Asker& asker, const v1::Consortium& consortium,
                                    PoolRead pool) const;
  v1::DrawInput InputOf(const policy::v1::ReviewSheet& sheet, const Reviewed& reviewed,
                        const std::string& seed, const std::string& subject) const;
  // Experts of whom a conflict with the dossier was reported on another of its panels, as gone: no
  // fact shows it to a draw.
  absl::Status KeepAway(rpc::Change& change, const LockedPanel& locked, v1::DrawInput* input) const;
  // Draws and writes draw, assignments and sheets.
  absl::Status DrawInto(rpc::Change& change, const rpc::Call& call, const Reviewed& reviewed,
                        const policy::v1::ReviewSheet& sheet, v1::PanelDrawKind kind,
                        LockedPanel* locked) const;
  // What a check does with the proofs of those who have no conflict.
  enum class Proofs { kAnew, kAnewWhereGroundsChanged };
  struct Checked {
    int removed = 0;
    // Proofs that were made anew.
    int proven = 0;
  };
  // Removes those of the panel who have a conflict by these facts, and notes that it was looked at.
  absl::StatusOr<Checked> Check(rpc::Change& change, const Reviewed& reviewed, Proofs proofs,
                                LockedPanel* locked) const;
  // The people of a panel with the facts of now; asked before the transaction.
  absl::StatusOr<Reviewed> AskForPanel(const Asker& asker, const std::string& panel) const;
  // panel_recheck.cc: that the panel was looked at now, by the present rules and these facts; if
  // some are missing, when it is looked at again.
  absl::Status NoteChecked(rpc::Change& change, const Reviewed& reviewed,
                           const std::string& panel) const;
  // recheck_time, of a panel that lacks facts.
  absl::Status AddRecheckTime(db::Session& session, v1::ReviewPanel* panel) const;
  // Stands for what the pack looks at, and for its version.
  std::string RulesDigest() const;
  absl::StatusOr<bool> RecheckOne(rpc::Change& change, const Reviewed& reviewed,
                                  const std::string& panel) const;
  // The dossier has the parties that were asked about; ABORTED otherwise.
  absl::Status RequireSameParties(const Reviewed& reviewed, const v1::Consortium& consortium) const;
  // These experts are as they were asked about, and locked; ABORTED otherwise.
  absl::Status RequireSameExperts(rpc::Change& change, const Reviewed& reviewed,
                                  std::vector<std::string> experts) const;
  absl::StatusOr<v1::ReviewPanel> ChangePanel(
      const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
      const std::string& etag, absl::string_view kind,
      absl::FunctionRef<absl::Status(rpc::Change&, LockedPanel&)> edit) const;
  // One act of an expert on the own assignment: locks, own row, open panel, stage.
  using AssignmentEdit =
      absl::FunctionRef<absl::Status(rpc::Change&, const LockedPanel&, v1::ReviewAssignment&)>;
  absl::StatusOr<v1::ReviewAssignment> ActOnOwn(const rpc::Call& call,
                                                const google::protobuf::Message& request,
                                                const std::string& name, const std::string& etag,
                                                absl::string_view verb, AssignmentEdit edit) const;
  using SheetEdit = absl::FunctionRef<absl::Status(rpc::Change&, const policy::v1::ReviewSheet&,
                                                   v1::ScoreSheet&)>;
  absl::StatusOr<v1::ScoreSheet> ActOnSheet(const rpc::Call& call,
                                            const google::protobuf::Message& request,
                                            const std::string& name, const std::string& etag,
                                            absl::string_view verb, SheetEdit edit) const;

  // The caller's own assignment with its dossier, while there is something to review: NOT_FOUND for
  // another's, WRONG_STATE once assignment, panel or stage is over.
  struct Reading {
    v1::ReviewAssignment assignment;
    v1::Consortium consortium;
  };
  absl::StatusOr<Reading> OwnReading(db::Session& session, const rpc::Call& call,
                                     const std::string& name) const;

  const ReviewDeps deps_;
  const ReviewBook& book_;
  const db::Table<v1::Expert> experts_;
  const db::Table<v1::PanelDraw> draws_;
  const db::Table<v1::ConsortiumAttachment> attachments_;
};

}  // namespace chanyan::consortium
