#include "services/cycle/event_service.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/timestamp.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_clock.h"
#include "services/cycle/directory.h"
#include "services/cycle/event_life.h"
#include "services/cycle/event_notices.h"
#include "services/cycle/event_rules.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {
namespace {

std::string ParticipantName(absl::string_view event, absl::string_view organization) {
  return absl::StrCat(event, "/participants/", api::IdOfName(organization));
}

absl::Status OwnOrganization(const rpc::Call& call) {
  if (!call.principal.organization.empty()) return absl::OkStatus();
  return status::PermissionDenied("账号没有所属单位，不能代表单位报名");
}

}  // namespace

absl::StatusOr<Invited> FetchInvited(rpc::Peers& peers, const rpc::Caller& caller,
                                     absl::string_view field,
                                     const google::protobuf::RepeatedPtrField<std::string>& names) {
  std::vector<status::Violation> violations;
  for (int i = 0; i < names.size(); ++i) {
    if (!api::ParseName("organizations/{organization}", names[i])) {
      violations.push_back(
          {absl::StrCat(field, "[", i, "]"),
           absl::StrCat("“", names[i], "”不是单位编号，应形如 organizations/abc")});
    }
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  if (names.empty()) return Invited();
  CHANYAN_ASSIGN_OR_RETURN(Invited found,
                           OrganizationsByName(peers, caller, {names.begin(), names.end()}));
  for (int i = 0; i < names.size(); ++i) {
    if (!found.contains(names[i])) {
      violations.push_back(
          {absl::StrCat(field, "[", i, "]"), absl::StrCat("单位名录中没有“", names[i], "”")});
    }
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  return found;
}

absl::StatusOr<int> InviteAll(rpc::Change& change, const db::Table<v1::EventParticipant>& table,
                              const v1::Cycle& cycle, const v1::Event& event,
                              const Invited& invited) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::EventParticipant> present,
      table.Select(change.session(), Below(absl::StrCat(event.name(), "/participants")),
                   db::kByNameLocked));
  std::set<std::string> known;
  for (const v1::EventParticipant& one : present) known.insert(one.organization());
  std::map<std::string, std::string> fresh;
  for (const auto& [name, organization] : invited) {
    if (!known.contains(name)) fresh[name] = organization.display_name();
  }
  std::vector<std::string> referred;
  std::vector<v1::EventParticipant> rows;
  for (const auto& [name, title] : fresh) {
    v1::EventParticipant& row = rows.emplace_back();
    row.set_name(ParticipantName(event.name(), name));
    row.set_organization(name);
    row.set_organization_title(title);
    row.set_state(v1::PARTICIPANT_STATE_INVITED);
    row.set_invited(true);
    referred.push_back(name);
  }
  if (rows.empty()) return 0;
  CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), std::move(referred)));
  CHANYAN_RETURN_IF_ERROR(table.InsertAll(change.session(), change.now(), &rows));
  std::vector<journal::Alteration> alterations;
  for (const v1::EventParticipant& row : rows) alterations.push_back({nullptr, &row});
  CHANYAN_RETURN_IF_ERROR(change.RecordAll("invited", alterations));
  if (!cycle.rehearsal()) {
    Notice notice = InvitationTo(event);
    for (const v1::EventParticipant& row : rows) notice.also.push_back(row.organization());
    CHANYAN_RETURN_IF_ERROR(TellNow(change.session(), change.now(), event.name(), notice));
  }
  return static_cast<int>(rows.size());
}

std::vector<rpc::UnaryMethod> EventService::Methods() {
  using S = EventService;
  return {
      rpc::Unary("GetEvent", this, &S::GetEvent),
      rpc::Unary("UpdateEvent", this, &S::UpdateEvent),
      rpc::Unary("PostponeEvent", this, &S::PostponeEvent),
      rpc::Unary("CancelEvent", this, &S::CancelEvent),
      rpc::Unary("HoldEvent", this, &S::HoldEvent),
      rpc::Unary("InviteOrganizations", this, &S::InviteOrganizations),
      rpc::Unary("SignUp", this, &S::SignUp),
      rpc::Unary("DeclineInvitation", this, &S::DeclineInvitation),
      rpc::Unary("RecordAttendance", this, &S::RecordAttendance),
      rpc::Unary("ListEventParticipants", this, &S::ListEventParticipants),
      rpc::Unary("ExportEventParticipants", this, &S::ExportEventParticipants),
      rpc::Unary("CreateEventOutcome", this, &S::CreateEventOutcome),
      rpc::Unary("UpdateEventOutcome", this, &S::UpdateEventOutcome),
      rpc::Unary("WithdrawEventOutcome", this, &S::WithdrawEventOutcome),
      rpc::Unary("ListEventOutcomes", this, &S::ListEventOutcomes),
      rpc::Unary("ExportEvents", this, &S::ExportEvents),
      rpc::Unary("QueryEventResults", this, &S::QueryEventResults),
  };
}

absl::StatusOr<EventService::Opened> EventService::LockEvent(rpc::Change& change,
                                                             const rpc::Call& call,
                                                             absl::string_view name) {
  Opened opened;
  CHANYAN_ASSIGN_OR_RETURN(
      opened.event,
      events_.GetForUpdate(change.session(), name, auth::Readable<v1::Event>(call.principal)));
  CHANYAN_ASSIGN_OR_RETURN(opened.cycle, cycles_.Get(change.session(), CycleOfName(name)));
  opened.now = TimeInCycle(opened.cycle, change.now());
  return opened;
}

absl::Status EventService::TellParticipants(rpc::Change& change, const v1::Cycle& cycle,
                                            const v1::Event& event, absl::string_view verb) const {
  if (cycle.rehearsal()) return absl::OkStatus();
  // Who had not answered need not any more, or is asked about another time.
  CHANYAN_RETURN_IF_ERROR(Settle(change.session(), change.now(), event.name()));
  std::optional<Notice> news = NewsOf(event, verb);
  if (!news.has_value()) return absl::OkStatus();
  Notice again = InvitationTo(event);
  const bool planned = event.state() == v1::EVENT_STATE_PLANNED;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::EventParticipant> all,
                           ParticipantsOf(change.session(), event.name(), /*for_update=*/false));
  std::set<std::string> listed;
  for (const v1::EventParticipant& one : all) {
    const bool waits = planned && one.state() == v1::PARTICIPANT_STATE_INVITED;
    if (one.state() == v1::PARTICIPANT_STATE_DECLINED) continue;
    (waits ? again : *news).also.push_back(one.organization());
    listed.insert(one.organization());
  }
  // Of one that has become part of another by now, that one.
  CHANYAN_ASSIGN_OR_RETURN(
      const auto successors,
      rpc::SuccessorsOf(change.session(), {event.co_hosts().begin(), event.co_hosts().end()}));
  for (const std::string& co_host : event.co_hosts()) {
    const auto found = successors.find(co_host);
    const std::string& living = found == successors.end() ? co_host : found->second.organization;
    if (listed.insert(living).second) news->also.push_back(living);
  }
  for (const Notice* notice : {&again, &*news}) {
    if (notice->also.empty()) continue;
    CHANYAN_RETURN_IF_ERROR(TellNow(change.session(), change.now(), event.name(), *notice));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Event> EventService::Present(const rpc::Call& call, v1::Event event) {
  v1::Cycle cycle;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(cycle, cycles_.Get(session, CycleOfName(event.name())));
        return absl::OkStatus();
      }));
  const absl::Time now = TimeInCycle(cycle, deps_.store.clock.Now());
  return WithActions(call.principal, now, std::move(event));
}

absl::StatusOr<v1::Event> EventService::TransitEvent(const rpc::Call& call,
                                                     const google::protobuf::Message& request,
                                                     const std::string& name,
                                                     absl::string_view etag, absl::string_view verb,
                                                     EventEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Event event, rpc::Transit<v1::Event>(
                           deps_.store, call, request, events_, EventLife(), name, etag, verb,
                           [&](rpc::Change& change, v1::Event& row) -> absl::Status {
                             CHANYAN_ASSIGN_OR_RETURN(
                                 const v1::Cycle cycle,
                                 cycles_.Get(change.session(), CycleOfName(name)));
                             CHANYAN_RETURN_IF_ERROR(edit(TimeInCycle(cycle, change.now()), row));
                             return TellParticipants(change, cycle, row, verb);
                           }));
  return Present(call, std::move(event));
}

absl::StatusOr<v1::Event> EventService::GetEvent(const rpc::Call& call,
                                                 const v1::GetEventRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Event event,
                           rpc::Fetch(deps_.store.db, call, events_, request.name()));
  return Present(call, std::move(event));
}

absl::StatusOr<v1::Event> EventService::PostponeEvent(const rpc::Call& call,
                                                      const v1::PostponeEventRequest& request) {
  const absl::Time end =
      request.has_end_time() ? time::ToTime(request.end_time()) : absl::InfinitePast();
  return TransitEvent(call, request, request.name(), request.etag(), "postpone",
                      [&](absl::Time now, v1::Event& row) -> absl::Status {
                        row.set_reason(request.reason());
                        if (!request.place().empty()) row.set_place(request.place());
                        const absl::Time start = time::ToTime(request.start_time());
                        CHANYAN_RETURN_IF_ERROR(PostponeTo(start, end, now, &row));
                        return RefuseHolidays(
                            deps_.pack.calendar(), start,
                            row.has_end_time() ? time::ToTime(row.end_time()) : start, "");
                      });
}

absl::StatusOr<v1::Event> EventService::CancelEvent(const rpc::Call& call,
                                                    const v1::CancelEventRequest& request) {
  return TransitEvent(call, request, request.name(), request.etag(), "cancel",
                      [&](absl::Time, v1::Event& row) -> absl::Status {
                        row.set_reason(request.reason());
                        return absl::OkStatus();
                      });
}

absl::StatusOr<v1::Event> EventService::HoldEvent(const rpc::Call& call,
                                                  const v1::HoldEventRequest& request) {
  return TransitEvent(call, request, request.name(), request.etag(), "hold",
                      [&](absl::Time now, v1::Event& row) -> absl::Status {
                        row.set_summary(request.summary());
                        return RequireBegun(row, now, "办结");
                      });
}

absl::StatusOr<v1::InviteOrganizationsResponse> EventService::InviteOrganizations(
    const rpc::Call& call, const v1::InviteOrganizationsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const Invited invited,
      FetchInvited(deps_.peers, rpc::AsService(call), "organizations", request.organizations()));
  return rpc::Mutate<v1::InviteOrganizationsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::InviteOrganizationsResponse> {
        CHANYAN_ASSIGN_OR_RETURN(const Opened opened, LockEvent(change, call, request.parent()));
        if (opened.event.state() != v1::EVENT_STATE_PLANNED) {
          return policy::Next(EventLife(), opened.event.state(), "postpone").status();
        }
        CHANYAN_ASSIGN_OR_RETURN(
            const int fresh, InviteAll(change, participants_, opened.cycle, opened.event, invited));
        v1::InviteOrganizationsResponse response;
        response.set_invited_count(fresh);
        response.set_unchanged_count(static_cast<int32_t>(invited.size()) - fresh);
        return response;
      });
}

absl::StatusOr<std::vector<v1::EventParticipant>> EventService::ParticipantsOf(
    db::Session& session, absl::string_view event, bool for_update) const {
  return participants_.Select(session, Below(absl::StrCat(event, "/participants")),
                              for_update ? db::kByNameLocked : "name");
}

absl::StatusOr<v1::EventParticipant> EventService::AnswerAs(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& event,
    absl::string_view verb, Answer answer) {
  CHANYAN_RETURN_IF_ERROR(OwnOrganization(call));
  const std::string& own = call.principal.organization;
  CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Organization organization,
                           FetchOrganization(deps_.peers, rpc::AsService(call), own));
  const auto write = [&](rpc::Change& change) -> absl::StatusOr<v1::EventParticipant> {
    CHANYAN_ASSIGN_OR_RETURN(const Opened opened, LockEvent(change, call, event));
    CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {own}));
    absl::StatusOr<v1::EventParticipant> found =
        participants_.GetForUpdate(change.session(), ParticipantName(event, own));
    if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
    const bool fresh = !found.ok();
    v1::EventParticipant row;
    if (fresh) {
      row.set_name(ParticipantName(event, own));
      row.set_organization(own);
      row.set_organization_title(organization.display_name());
    } else {
      row = *std::move(found);
    }
    const v1::EventParticipant before = row;
    CHANYAN_ASSIGN_OR_RETURN(const v1::ParticipantState next,
                             policy::Next(ParticipantLife(), row.state(), verb));
    row.set_state(next);
    *row.mutable_answer_time() = time::ToTimestamp(opened.now);
    CHANYAN_RETURN_IF_ERROR(answer(change, opened, row));
    CHANYAN_RETURN_IF_ERROR(fresh ? participants_.Insert(change.session(), change.now(), &row)
                                  : participants_.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record(verb, fresh ? nullptr : &before, &row));
    CHANYAN_RETURN_IF_ERROR(SettleOf(change.session(), change.now(), event, own));
    return WithActions(call.principal, opened.event, opened.now, std::move(row));
  };
  return rpc::Mutate<v1::EventParticipant>(deps_.store, call, request, write);
}

absl::StatusOr<v1::EventParticipant> EventService::SignUp(const rpc::Call& call,
                                                          const v1::SignUpRequest& request) {
  return AnswerAs(
      call, request, request.parent(), "signUp",
      [&](rpc::Change& change, const Opened& opened, v1::EventParticipant& row) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::EventParticipant> all,
            ParticipantsOf(change.session(), request.parent(), /*for_update=*/true));
        int64_t taken = 0;
        for (const v1::EventParticipant& other : all) {
          const bool counts = other.state() == v1::PARTICIPANT_STATE_SIGNED_UP;
          if (counts && other.name() != row.name()) taken += other.people_count();
        }
        row.set_people_count(request.people_count());
        row.set_note(request.note());
        return RequireSignUp(opened.event, taken, request.people_count(), opened.now);
      });
}

absl::StatusOr<v1::EventParticipant> EventService::DeclineInvitation(
    const rpc::Call& call, const v1::DeclineInvitationRequest& request) {
  return AnswerAs(call, request, request.parent(), "decline",
                  [&](rpc::Change&, const Opened& opened, v1::EventParticipant& row) {
                    row.set_people_count(0);
                    row.set_note(request.reason());
                    // Whoever does not come takes nobody's place: only the state of the event
                    // counts.
                    return policy::Next(EventLife(), opened.event.state(), "postpone").status();
                  });
}

absl::StatusOr<v1::RecordAttendanceResponse> EventService::RecordAttendance(
    const rpc::Call& call, const v1::RecordAttendanceRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const Invited came,
      FetchInvited(deps_.peers, rpc::AsService(call), "organizations", request.organizations()));
  const auto record = [&](rpc::Change& change) -> absl::StatusOr<v1::RecordAttendanceResponse> {
    db::Session& session = change.session();
    CHANYAN_ASSIGN_OR_RETURN(const Opened opened, LockEvent(change, call, request.parent()));
    CHANYAN_RETURN_IF_ERROR(RequireBegun(opened.event, opened.now, "登记到会"));
    CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::EventParticipant> present,
                             ParticipantsOf(session, opened.event.name(), /*for_update=*/true));
    v1::RecordAttendanceResponse response;
    std::set<std::string> listed;
    for (v1::EventParticipant& row : present) {
      listed.insert(row.organization());
      const bool attended = came.contains(row.organization());
      const absl::StatusOr<v1::ParticipantState> next =
          policy::Next(ParticipantLife(), row.state(), attended ? "attend" : "miss");
      if (!next.ok()) continue;
      attended ? response.set_attended_count(response.attended_count() + 1)
               : response.set_absent_count(response.absent_count() + 1);
      if (*next == row.state()) continue;
      const v1::EventParticipant before = row;
      row.set_state(*next);
      CHANYAN_RETURN_IF_ERROR(participants_.Update(session, change.now(), &row));
      CHANYAN_RETURN_IF_ERROR(change.Record(attended ? "attend" : "miss", &before, &row));
    }
    std::map<std::string, std::string> unannounced;
    for (const auto& [name, organization] : came) {
      if (!listed.contains(name)) unannounced[name] = organization.display_name();
    }
    for (const auto& [name, title] : unannounced) {
      v1::EventParticipant row;
      row.set_name(ParticipantName(opened.event.name(), name));
      row.set_organization(name);
      row.set_organization_title(title);
      row.set_state(v1::PARTICIPANT_STATE_ATTENDED);
      CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(session, {name}));
      CHANYAN_RETURN_IF_ERROR(participants_.Insert(session, change.now(), &row));
      CHANYAN_RETURN_IF_ERROR(change.Record("attend", nullptr, &row));
      response.set_attended_count(response.attended_count() + 1);
    }
    return response;
  };
  return rpc::Mutate<v1::RecordAttendanceResponse>(deps_.store, call, request, record);
}

absl::StatusOr<v1::ListEventParticipantsResponse> EventService::ListEventParticipants(
    const rpc::Call& call, const v1::ListEventParticipantsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, participants_, request,
                                absl::StrCat(request.parent(), "/participants"), request.filter(),
                                request.order_by()));
  std::map<std::string, Opened> events;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        for (const v1::EventParticipant& row : page.rows) {
          const std::string name(api::ParentOfName(row.name()));
          if (events.contains(name)) continue;
          Opened& opened = events[name];
          CHANYAN_ASSIGN_OR_RETURN(opened.event, events_.Get(session, name));
          CHANYAN_ASSIGN_OR_RETURN(opened.cycle, cycles_.Get(session, CycleOfName(name)));
          opened.now = TimeInCycle(opened.cycle, deps_.store.clock.Now());
        }
        return absl::OkStatus();
      }));
  v1::ListEventParticipantsResponse response;
  for (v1::EventParticipant& row : page.rows) {
    const Opened& opened = events.at(std::string(api::ParentOfName(row.name())));
    *response.add_participants() =
        WithActions(call.principal, opened.event, opened.now, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::cycle
