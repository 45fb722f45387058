// RPC handlers of chanyan.triage.v1.DispatchService (TRI-4). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/guide.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/triage/deps.h"
#include "services/triage/result_book.h"

namespace chanyan::triage {

class DispatchService {
 public:
  explicit DispatchService(Deps deps) : deps_(std::move(deps)), book_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::DispatchPlan> PreviewDispatch(const rpc::Call&,
                                                   const v1::PreviewDispatchRequest&);
  absl::StatusOr<v1::DispatchPlan> DispatchResult(const rpc::Call&,
                                                  const v1::DispatchResultRequest&);
  absl::StatusOr<v1::Push> GetPush(const rpc::Call&, const v1::GetPushRequest&);
  absl::StatusOr<v1::ListPushesResponse> ListPushes(const rpc::Call&, const v1::ListPushesRequest&);
  absl::StatusOr<v1::ListOverduePushesResponse> ListOverduePushes(
      const rpc::Call&, const v1::ListOverduePushesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportPushes(const rpc::Call&,
                                                     const v1::ExportPushesRequest&);
  // push_verbs.cc
  absl::StatusOr<v1::Push> ReceivePush(const rpc::Call&, const v1::ReceivePushRequest&);
  absl::StatusOr<v1::Push> AcceptPush(const rpc::Call&, const v1::AcceptPushRequest&);
  absl::StatusOr<v1::Push> DeclinePush(const rpc::Call&, const v1::DeclinePushRequest&);
  absl::StatusOr<v1::Push> AnswerPush(const rpc::Call&, const v1::AnswerPushRequest&);
  absl::StatusOr<v1::Push> TiePush(const rpc::Call&, const v1::TiePushRequest&);
  // push_clock.cc
  absl::StatusOr<v1::Push> PausePush(const rpc::Call&, const v1::PausePushRequest&);
  absl::StatusOr<v1::Push> ResumePush(const rpc::Call&, const v1::ResumePushRequest&);
  absl::StatusOr<v1::Push> ExtendPush(const rpc::Call&, const v1::ExtendPushRequest&);
  absl::StatusOr<v1::ClockReading> ReadPushClock(const rpc::Call&, const v1::ReadPushClockRequest&);
  // overdue_jobs.cc: journals each push whose term has run out, once for each term, and who is
  // above its recipient. How many.
  absl::StatusOr<int> NoteOverdue(const db::Lease& lease);
  // push_returns.cc
  absl::StatusOr<v1::Push> ReroutePush(const rpc::Call&, const v1::ReroutePushRequest&);
  absl::StatusOr<v1::Push> SettlePush(const rpc::Call&, const v1::SettlePushRequest&);
  // listings.cc
  absl::StatusOr<v1::Listing> GetListing(const rpc::Call&, const v1::GetListingRequest&);
  absl::StatusOr<v1::ListListingsResponse> ListListings(const rpc::Call&,
                                                        const v1::ListListingsRequest&);
  absl::StatusOr<v1::Listing> WithdrawListing(const rpc::Call&, const v1::WithdrawListingRequest&);

 private:
  v1::Push Present(const rpc::Call& call, v1::Push row) const;
  // The push of a result to a recipient as one class; empty if there is none.
  absl::StatusOr<std::string> PushTo(db::Session& session, const std::string& result,
                                     const std::string& recipient,
                                     policy::v1::TriageClass triage_class) const;
  // Guides that take applications today or later, those that end first first.
  absl::StatusOr<std::vector<v1::ProjectGuide>> OpenGuides(db::Session& session,
                                                           absl::CivilDay today) const;
  // Each recipient's open guides that fit the result (与项目指南结合).
  absl::Status AddGuides(db::Session& session, const v1::Result& result,
                         v1::DispatchPlan* plan) const;
  // The guides of a request; INVALID_ARGUMENT with all that is wrong with them.
  absl::StatusOr<std::vector<v1::ProjectGuide>> GuidesToTie(db::Session& session,
                                                            absl::CivilDay today,
                                                            const v1::TiePushRequest& request,
                                                            const v1::Push& push) const;
  // A new push with its clock started.
  absl::Status Send(rpc::Change& change, const rpc::Call& call, const v1::Result& result,
                    v1::Push* push) const;
  // The same push anew, if it was ended because its class was not decided any more.
  absl::Status Resend(rpc::Change& change, const rpc::Call& call, const std::string& name,
                      const v1::RoutedRecipient& routed) const;
  // Pushes under way of classes that the result is not of any more end, with the disposition as
  // note.
  absl::Status EndUndecided(rpc::Change& change, const v1::Result& result) const;
  absl::Status List(rpc::Change& change, v1::Result* result) const;
  absl::Status Clock(rpc::Change& change, const rpc::Call& call, v1::ClockEventKind kind,
                     absl::string_view phase, int workdays, absl::string_view reason,
                     v1::Push* push) const;
  // Whether it is late now goes on the record.
  absl::Status NoteLate(absl::Time now, v1::Push* push) const;
  using RowEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Push&)>;
  // One verb of the recipient, by PushLife.
  absl::StatusOr<v1::Push> ByRecipient(const rpc::Call& call,
                                       const google::protobuf::Message& request,
                                       const std::string& name, const std::string& etag,
                                       absl::string_view verb, RowEdit edit);
  // A change of the clock, by the recipient or the owner.
  absl::StatusOr<v1::Push> OfClock(const rpc::Call& call, const google::protobuf::Message& request,
                                   const std::string& name, const std::string& etag,
                                   absl::string_view verb, bool by_recipient, RowEdit edit);

  const Deps deps_;
  const ResultBook book_;
  const db::Table<v1::Push> pushes_;
  const db::Table<v1::Listing> listings_;
  const db::Table<v1::ProjectGuide> guides_;
};

}  // namespace chanyan::triage
