// RPC handlers of chanyan.cycle.v1.EventService (CYC-7). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/event.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/cycle/cycle_deps.h"

namespace chanyan::cycle {

class EventService {
 public:
  explicit EventService(CycleDeps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Event> GetEvent(const rpc::Call&, const v1::GetEventRequest&);
  // event_updates.cc
  absl::StatusOr<v1::Event> UpdateEvent(const rpc::Call&, const v1::UpdateEventRequest&);
  absl::StatusOr<v1::Event> PostponeEvent(const rpc::Call&, const v1::PostponeEventRequest&);
  absl::StatusOr<v1::Event> CancelEvent(const rpc::Call&, const v1::CancelEventRequest&);
  absl::StatusOr<v1::Event> HoldEvent(const rpc::Call&, const v1::HoldEventRequest&);
  absl::StatusOr<v1::InviteOrganizationsResponse> InviteOrganizations(
      const rpc::Call&, const v1::InviteOrganizationsRequest&);
  absl::StatusOr<v1::EventParticipant> SignUp(const rpc::Call&, const v1::SignUpRequest&);
  absl::StatusOr<v1::EventParticipant> DeclineInvitation(const rpc::Call&,
                                                         const v1::DeclineInvitationRequest&);
  absl::StatusOr<v1::RecordAttendanceResponse> RecordAttendance(const rpc::Call&,
                                                                const v1::RecordAttendanceRequest&);
  absl::StatusOr<v1::ListEventParticipantsResponse> ListEventParticipants(
      const rpc::Call&, const v1::ListEventParticipantsRequest&);
  // event_exports.cc
  absl::StatusOr<google::api::HttpBody> ExportEventParticipants(
      const rpc::Call&, const v1::ExportEventParticipantsRequest&);
  // event_outcomes.cc
  absl::StatusOr<v1::EventOutcome> CreateEventOutcome(const rpc::Call&,
                                                      const v1::CreateEventOutcomeRequest&);
  absl::StatusOr<v1::EventOutcome> UpdateEventOutcome(const rpc::Call&,
                                                      const v1::UpdateEventOutcomeRequest&);
  absl::StatusOr<v1::EventOutcome> WithdrawEventOutcome(const rpc::Call&,
                                                        const v1::WithdrawEventOutcomeRequest&);
  absl::StatusOr<v1::ListEventOutcomesResponse> ListEventOutcomes(
      const rpc::Call&, const v1::ListEventOutcomesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportEvents(const rpc::Call&,
                                                     const v1::ExportEventsRequest&);
  absl::StatusOr<v1::EventResults> QueryEventResults(const rpc::Call&,
                                                     const v1::QueryEventResultsRequest&);

 private:
  // An event with its cycle's time, locked: what is done at one event is done one after the other.
  struct Opened {
    v1::Cycle cycle;
    v1::Event event;
    // By the cycle's clock.
    absl::Time now;
  };
  absl::StatusOr<Opened> LockEvent(rpc::Change& change, const rpc::Call& call,
                                   absl::string_view name);
  // That the event is at another time, or not at all: those who are on its list and have not
  // declined; who has not answered is asked again.
  absl::Status TellParticipants(rpc::Change& change, const v1::Cycle& cycle, const v1::Event& event,
                                absl::string_view verb) const;
  // What was corrected: those who are on its list and have not declined, those it is held with, and
  // those it is not held with any more; who has not answered is asked again.
  absl::Status TellOfUpdate(rpc::Change& change, const v1::Cycle& cycle, const v1::Event& before,
                            const v1::Event& after) const;
  // FAILED_PRECONDITION if it was taken back.
  using OutcomeEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::EventOutcome&)>;
  absl::StatusOr<v1::EventOutcome> EditOutcome(const rpc::Call& call,
                                               const google::protobuf::Message& request,
                                               const std::string& name, const std::string& etag,
                                               absl::string_view kind, OutcomeEdit edit);
  using EventEdit = absl::FunctionRef<absl::Status(absl::Time, v1::Event&)>;
  absl::StatusOr<v1::Event> TransitEvent(const rpc::Call& call,
                                         const google::protobuf::Message& request,
                                         const std::string& name, absl::string_view etag,
                                         absl::string_view verb, EventEdit edit);
  // The caller's own organization answers: one transition of ParticipantLife.
  using Answer =
      absl::FunctionRef<absl::Status(rpc::Change&, const Opened&, v1::EventParticipant&)>;
  absl::StatusOr<v1::EventParticipant> AnswerAs(const rpc::Call& call,
                                                const google::protobuf::Message& request,
                                                const std::string& event, absl::string_view verb,
                                                Answer answer);
  absl::StatusOr<std::vector<v1::EventParticipant>> ParticipantsOf(db::Session& session,
                                                                   absl::string_view event,
                                                                   bool for_update) const;
  absl::StatusOr<v1::Event> Present(const rpc::Call& call, v1::Event event);

  const CycleDeps deps_;
  const db::Table<v1::Cycle> cycles_;
  const db::Table<v1::Event> events_;
  const db::Table<v1::EventParticipant> participants_;
  const db::Table<v1::EventOutcome> outcomes_;
};

// Outcomes that were not taken back.
inline constexpr absl::string_view kStandingOutcomes = "withdraw_time IS NULL";

// Organizations by name.
using Invited = absl::flat_hash_map<std::string, registry::v1::Organization>;
// Asks the registry for `names`; INVALID_ARGUMENT with each that is malformed or not known, as item
// of `field`.
absl::StatusOr<Invited> FetchInvited(rpc::Peers& peers, const rpc::Caller& caller,
                                     absl::string_view field,
                                     const google::protobuf::RepeatedPtrField<std::string>& names);
// The same of those that an event is held with: each once, and none that is asked to come instead
// (universities, enterprises; S0 二).
absl::StatusOr<Invited> FetchCoHosts(rpc::Peers& peers, const rpc::Caller& caller,
                                     absl::string_view field,
                                     const google::protobuf::RepeatedPtrField<std::string>& names);
// Tells those with whom an event is held of it. In a rehearsal nobody is told.
absl::Status TellCoHosts(rpc::Change& change, const v1::Cycle& cycle, const v1::Event& event);
// Puts those that are not yet on an event's list on it, and tells them; how many. In a rehearsal
// nobody is told.
absl::StatusOr<int> InviteAll(rpc::Change& change, const db::Table<v1::EventParticipant>& table,
                              const v1::Cycle& cycle, const v1::Event& event,
                              const Invited& invited);

}  // namespace chanyan::cycle
