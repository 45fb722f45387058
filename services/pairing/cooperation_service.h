// RPC handlers of chanyan.pairing.v1.CooperationService: frame agreements of the city and its
// universities, the joint conference and what follows from it, bases built together. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "common/rpc/resource.h"
#include "google/api/httpbody.pb.h"
#include "services/pairing/organization_titles.h"
#include "services/pairing/stored_files.h"

namespace chanyan::pairing {

class CooperationService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
    rpc::Peers& peers;
  };
  explicit CooperationService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  // frame_agreements.cc
  absl::StatusOr<v1::FrameAgreement> GetFrameAgreement(const rpc::Call&,
                                                       const v1::GetFrameAgreementRequest&);
  absl::StatusOr<v1::ListFrameAgreementsResponse> ListFrameAgreements(
      const rpc::Call&, const v1::ListFrameAgreementsRequest&);
  absl::StatusOr<v1::FrameAgreement> CreateFrameAgreement(const rpc::Call&,
                                                          const v1::CreateFrameAgreementRequest&);
  absl::StatusOr<v1::FrameAgreement> UpdateFrameAgreement(const rpc::Call&,
                                                          const v1::UpdateFrameAgreementRequest&);
  absl::StatusOr<v1::FrameAgreement> SignFrameAgreement(const rpc::Call&,
                                                        const v1::SignFrameAgreementRequest&);
  absl::StatusOr<v1::FrameAgreement> RenewFrameAgreement(const rpc::Call&,
                                                         const v1::RenewFrameAgreementRequest&);
  absl::StatusOr<v1::FrameAgreement> TerminateFrameAgreement(
      const rpc::Call&, const v1::TerminateFrameAgreementRequest&);
  absl::StatusOr<v1::FrameAgreement> DiscardFrameAgreement(const rpc::Call&,
                                                           const v1::DiscardFrameAgreementRequest&);

  // cooperation_sheets.cc
  absl::StatusOr<v1::ImportFrameAgreementsResponse> ImportFrameAgreements(
      const rpc::Call&, const v1::ImportFrameAgreementsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportFrameAgreements(
      const rpc::Call&, const v1::ExportFrameAgreementsRequest&);
  absl::StatusOr<v1::ImportCoBuiltBasesResponse> ImportCoBuiltBases(
      const rpc::Call&, const v1::ImportCoBuiltBasesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportCoBuiltBases(const rpc::Call&,
                                                           const v1::ExportCoBuiltBasesRequest&);

  // conference_sheets.cc
  absl::StatusOr<v1::ImportConferencesResponse> ImportConferences(
      const rpc::Call&, const v1::ImportConferencesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportConferences(const rpc::Call&,
                                                          const v1::ExportConferencesRequest&);

  // follow_up_sheets.cc
  absl::StatusOr<v1::ImportFollowUpsResponse> ImportFollowUps(const rpc::Call&,
                                                              const v1::ImportFollowUpsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportFollowUps(const rpc::Call&,
                                                        const v1::ExportFollowUpsRequest&);

  // conferences.cc
  absl::StatusOr<v1::Conference> GetConference(const rpc::Call&, const v1::GetConferenceRequest&);
  absl::StatusOr<v1::ListConferencesResponse> ListConferences(const rpc::Call&,
                                                              const v1::ListConferencesRequest&);
  absl::StatusOr<v1::Conference> CreateConference(const rpc::Call&,
                                                  const v1::CreateConferenceRequest&);
  absl::StatusOr<v1::Conference> UpdateConference(const rpc::Call&,
                                                  const v1::UpdateConferenceRequest&);
  absl::StatusOr<v1::Conference> ConveneConference(const rpc::Call&,
                                                   const v1::ConveneConferenceRequest&);
  absl::StatusOr<v1::Conference> PostponeConference(const rpc::Call&,
                                                    const v1::PostponeConferenceRequest&);
  absl::StatusOr<v1::Conference> HoldConference(const rpc::Call&, const v1::HoldConferenceRequest&);
  absl::StatusOr<v1::Conference> IssueConference(const rpc::Call&,
                                                 const v1::IssueConferenceRequest&);
  absl::StatusOr<v1::Conference> CancelConference(const rpc::Call&,
                                                  const v1::CancelConferenceRequest&);
  absl::StatusOr<v1::ConferenceCadenceStatus> GetConferenceCadence(
      const rpc::Call&, const v1::GetConferenceCadenceRequest&);

  // follow_ups.cc
  absl::StatusOr<v1::FollowUp> GetFollowUp(const rpc::Call&, const v1::GetFollowUpRequest&);
  absl::StatusOr<v1::ListFollowUpsResponse> ListFollowUps(const rpc::Call&,
                                                          const v1::ListFollowUpsRequest&);
  absl::StatusOr<v1::FollowUp> ReportFollowUp(const rpc::Call&, const v1::ReportFollowUpRequest&);
  absl::StatusOr<v1::FollowUp> SubmitFollowUp(const rpc::Call&, const v1::SubmitFollowUpRequest&);
  absl::StatusOr<v1::FollowUp> ConfirmFollowUp(const rpc::Call&, const v1::ConfirmFollowUpRequest&);
  absl::StatusOr<v1::FollowUp> ReturnFollowUp(const rpc::Call&, const v1::ReturnFollowUpRequest&);
  absl::StatusOr<v1::FollowUp> ExtendFollowUp(const rpc::Call&, const v1::ExtendFollowUpRequest&);
  absl::StatusOr<v1::FollowUp> CancelFollowUp(const rpc::Call&, const v1::CancelFollowUpRequest&);

  // co_built_bases.cc
  absl::StatusOr<v1::CoBuiltBase> GetCoBuiltBase(const rpc::Call&,
                                                 const v1::GetCoBuiltBaseRequest&);
  absl::StatusOr<v1::ListCoBuiltBasesResponse> ListCoBuiltBases(const rpc::Call&,
                                                                const v1::ListCoBuiltBasesRequest&);
  absl::StatusOr<v1::CoBuiltBase> CreateCoBuiltBase(const rpc::Call&,
                                                    const v1::CreateCoBuiltBaseRequest&);
  absl::StatusOr<v1::CoBuiltBase> UpdateCoBuiltBase(const rpc::Call&,
                                                    const v1::UpdateCoBuiltBaseRequest&);
  absl::StatusOr<v1::CoBuiltBase> StartCoBuiltBase(const rpc::Call&,
                                                   const v1::StartCoBuiltBaseRequest&);
  absl::StatusOr<v1::CoBuiltBase> OpenCoBuiltBase(const rpc::Call&,
                                                  const v1::OpenCoBuiltBaseRequest&);
  absl::StatusOr<v1::CoBuiltBase> CloseCoBuiltBase(const rpc::Call&,
                                                   const v1::CloseCoBuiltBaseRequest&);

  // For the job that holds the lease, a few hundred rows a call (due_rows.h). Agreements whose last
  // day is over become EXPIRED; those whose end is near are journalled as `expiring`, once for each
  // reminder of the pack.
  absl::StatusOr<int> ExpireAgreements(const db::Lease& lease);
  absl::StatusOr<int> RemindAgreements(const db::Lease& lease);
  // Follow-ups whose due date has passed are journalled as `overdue`, once for each due date.
  absl::StatusOr<int> NoteOverdue(const db::Lease& lease);
  // Those whose due date is near are journalled as `reminded`, once for each due date.
  absl::StatusOr<int> RemindFollowUps(const db::Lease& lease);

 private:
  template <class T>
  using Edit = absl::FunctionRef<absl::Status(rpc::Change&, T&)>;

  v1::FrameAgreement Present(const rpc::Call& call, v1::FrameAgreement row) const;
  v1::Conference Present(const rpc::Call& call, v1::Conference row) const;
  v1::FollowUp Present(const rpc::Call& call, v1::FollowUp row) const;
  v1::CoBuiltBase Present(const rpc::Call& call, v1::CoBuiltBase row) const;
  // The same with the files of its documents.
  template <class T>
  absl::StatusOr<T> Shown(const rpc::Call& call, T row) const {
    row = Present(call, std::move(row));
    CHANYAN_RETURN_IF_ERROR(ShowCooperationFiles<T>(deps_.store.db, call, {&row}));
    return row;
  }

  // One verb of FrameAgreementLife at the day's state.
  absl::StatusOr<v1::FrameAgreement> TransitAgreement(
      const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
      const std::string& etag, absl::string_view verb, Edit<v1::FrameAgreement> edit);
  absl::StatusOr<v1::Conference> TransitConference(const rpc::Call& call,
                                                   const google::protobuf::Message& request,
                                                   const std::string& name, const std::string& etag,
                                                   absl::string_view verb,
                                                   Edit<v1::Conference> edit);
  absl::StatusOr<v1::FollowUp> TransitFollowUp(const rpc::Call& call,
                                               const google::protobuf::Message& request,
                                               const std::string& name, const std::string& etag,
                                               absl::string_view verb, Edit<v1::FollowUp> edit);
  absl::StatusOr<v1::CoBuiltBase> TransitBase(const rpc::Call& call,
                                              const google::protobuf::Message& request,
                                              const std::string& name, const std::string& etag,
                                              absl::string_view verb, Edit<v1::CoBuiltBase> edit);
  // Organizations that a stored resource and a request about it name.
  template <class T>
  absl::StatusOr<KnownOrganizations> KnownFor(const rpc::Call& call, const db::Table<T>& table,
                                              const std::string& name, const T& update);
  // FAILED_PRECONDITION unless the agreement is there for the caller; an empty name is none.
  absl::Status RequireAgreement(db::Session& session, const rpc::Call& call,
                                const std::string& name, absl::string_view field) const;

  const Deps deps_;
  const db::Table<v1::FrameAgreement> agreements_;
  const db::Table<v1::Conference> conferences_;
  const db::Table<v1::FollowUp> follow_ups_;
  const db::Table<v1::CoBuiltBase> bases_;
};

// What a resource names of the registry; for FetchOrganizations.
std::vector<std::string> NamesIn(const v1::FrameAgreement& row);
std::vector<std::string> NamesIn(const v1::Conference& row);
std::vector<std::string> NamesIn(const v1::CoBuiltBase& row);

// Names as the key makes them: the same agreement or base has the same.
std::string NameOfAgreement(const v1::FrameAgreement& row);
std::string NameOfBase(const v1::CoBuiltBase& row);

// Follow-ups of which nothing was submitted by the day before.
db::Predicate OverdueOn(absl::CivilDay today);

// Violations of a resource's fields as those of the request's field that holds it.
std::vector<status::Violation> Inside(absl::string_view field,
                                      std::vector<status::Violation> violations);

template <class T>
absl::StatusOr<KnownOrganizations> CooperationService::KnownFor(const rpc::Call& call,
                                                                const db::Table<T>& table,
                                                                const std::string& name,
                                                                const T& update) {
  CHANYAN_ASSIGN_OR_RETURN(const T stored, rpc::Fetch(deps_.store.db, call, table, name));
  std::vector<std::string> names = NamesIn(stored);
  for (std::string& more : NamesIn(update)) names.push_back(std::move(more));
  return FetchOrganizations(deps_.peers, call, names);
}

}  // namespace chanyan::pairing
