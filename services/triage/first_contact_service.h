// RPC handlers of chanyan.triage.v1.FirstContactService (TRI-5), and the jobs that let offers lapse
// and take the rungs of the ladder. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/triage/v1/first_contact.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/triage/deps.h"
#include "services/triage/escalation_book.h"
#include "services/triage/repeated_failures.h"
#include "services/triage/result_book.h"

namespace chanyan::triage {

class FirstContactService {
 public:
  explicit FirstContactService(Deps deps)
      : deps_(std::move(deps)), book_(deps_.pack), escalations_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Handover> OfferHandover(const rpc::Call&, const v1::OfferHandoverRequest&);
  absl::StatusOr<v1::Handover> AcceptHandover(const rpc::Call&, const v1::AcceptHandoverRequest&);
  absl::StatusOr<v1::Handover> DeclineHandover(const rpc::Call&, const v1::DeclineHandoverRequest&);
  absl::StatusOr<v1::Handover> CancelHandover(const rpc::Call&, const v1::CancelHandoverRequest&);
  // handover_batches.cc
  absl::StatusOr<v1::HandoverBatch> OfferHandovers(const rpc::Call&,
                                                   const v1::OfferHandoversRequest&);
  absl::StatusOr<v1::HandoverBatch> AcceptHandovers(const rpc::Call&,
                                                    const v1::AcceptHandoversRequest&);
  absl::StatusOr<v1::HandoverBatch> DeclineHandovers(const rpc::Call&,
                                                     const v1::DeclineHandoversRequest&);
  absl::StatusOr<v1::HandoverBatch> CancelHandovers(const rpc::Call&,
                                                    const v1::CancelHandoversRequest&);

  absl::StatusOr<v1::Handover> GetHandover(const rpc::Call&, const v1::GetHandoverRequest&);
  absl::StatusOr<v1::ListHandoversResponse> ListHandovers(const rpc::Call&,
                                                          const v1::ListHandoversRequest&);
  absl::StatusOr<v1::ListTenuresResponse> ListTenures(const rpc::Call&,
                                                      const v1::ListTenuresRequest&);
  absl::StatusOr<v1::ListIdleAlertsResponse> ListIdleAlerts(const rpc::Call&,
                                                            const v1::ListIdleAlertsRequest&);

  // first_contact_jobs.cc
  //
  // Offers past their time become LAPSED, at most 200 a round; how many were looked at.
  absl::StatusOr<int> Lapse(const db::Lease& lease);
  // Rungs of the ladder that are due, each once since the last act, of open results that are not
  // concluded; about 200 results a rung and round. How many alerts. One that cannot be raised (a
  // day that the calendar does not reach) takes none and keeps no other waiting: all others are
  // raised, and the answer is the first error with what all of them say.
  absl::StatusOr<int> Climb(const db::Lease& lease);

 private:
  v1::Handover Present(const rpc::Call& call, v1::Handover row) const;
  // Who may be a holder: departments, agencies, investors of the pack and of the teams.
  absl::StatusOr<Holder> TargetOf(rpc::Change& change, const Holder& wanted) const;
  // Last second in which an offer of `now` may be accepted.
  absl::StatusOr<absl::Time> AcceptUntil(absl::Time now) const;
  // Whether an offer may be accepted now: in its time, by who takes part and is trained.
  absl::Status CheckAccept(rpc::Change& change, const v1::Handover& row) const;
  // What is still offered of a batch is answered by `verb`; `edit` does what it brings besides,
  // with the results in the order of their hand-overs.
  using BatchEdit = absl::FunctionRef<absl::Status(rpc::Change&, std::vector<v1::Result>&,
                                                   std::vector<v1::Handover>&)>;
  absl::StatusOr<v1::HandoverBatch> AnswerBatch(const rpc::Call& call,
                                                const google::protobuf::Message& request,
                                                const std::string& batch, absl::string_view verb,
                                                BatchEdit edit);
  using RowEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Result&, v1::Handover&)>;
  absl::StatusOr<v1::Handover> Transit(const rpc::Call& call,
                                       const google::protobuf::Message& request,
                                       const std::string& name, const std::string& etag,
                                       absl::string_view verb, RowEdit edit);
  absl::Status LapseOne(db::Session& session, absl::Time now, const std::string& name) const;
  absl::StatusOr<int> ClimbOne(db::Session& session, absl::Time now, const std::string& name) const;
  // One rung; alerts are counted in `raised`. An error ends the round, what is wrong with single
  // results is added to `failures`.
  absl::Status ClimbRung(const db::Lease& lease, absl::Time now, int rung, int* raised,
                         Failures* failures) const;

  const Deps deps_;
  const ResultBook book_;
  const EscalationBook escalations_;
  const db::Table<v1::Handover> handovers_;
  const db::Table<v1::Tenure> tenures_;
  const db::Table<v1::IdleAlert> alerts_;
};

}  // namespace chanyan::triage
