// Handlers of the joint conference (PAIR-8).
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/validate.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/cooperation_life.h"
#include "services/pairing/cooperation_rules.h"
#include "services/pairing/cooperation_service.h"
#include "services/pairing/stored_files.h"

namespace chanyan::pairing {
namespace {

constexpr char kHeld[] = "kind = 'JOINT' AND state IN ('HELD', 'ISSUED')";
constexpr char kToCome[] = "kind = 'JOINT' AND state IN ('PLANNED', 'CONVENED')";

// With what is wrong with the organizations it names.
absl::Status CheckAsked(const KnownOrganizations& known, const v1::Conference& row,
                        Violations* out) {
  RequireKnown(known, row.convener(), "convener", out);
  for (int i = 0; i < row.attendees_size(); ++i) {
    RequireKnown(known, row.attendees(i).organization(),
                 absl::StrCat("attendees[", i, "].organization"), out);
  }
  for (int i = 0; i < row.decisions_size(); ++i) {
    for (int k = 0; k < row.decisions(i).assignments_size(); ++k) {
      const std::string place = absl::StrCat("decisions[", i, "].assignments[", k, "]");
      const v1::DecisionAssignment& assignment = row.decisions(i).assignments(k);
      RequireKnown(known, assignment.unit(), absl::StrCat(place, ".unit"), out);
      for (int c = 0; c < assignment.co_units_size(); ++c) {
        RequireKnown(known, assignment.co_units(c), absl::StrCat(place, ".co_units[", c, "]"), out);
      }
    }
  }
  if (out->empty()) return absl::OkStatus();
  return status::InvalidFields(Inside("conference", std::move(*out)));
}

void Complete(const KnownOrganizations& known, v1::Conference* row) {
  row->set_convener_title(row->convener().empty() ? "" : TitleIn(known, row->convener()));
  for (v1::ConferenceAttendee& attendee : *row->mutable_attendees()) {
    if (!attendee.organization().empty()) {
      attendee.set_organization_title(TitleIn(known, attendee.organization()));
    }
    if (attendee.attendance() == v1::ATTENDANCE_UNSPECIFIED) {
      attendee.set_attendance(v1::ATTENDANCE_INVITED);
    }
  }
  row->clear_organizations();
  for (std::string& name : OrganizationsOf(*row)) row->add_organizations(std::move(name));
}

}  // namespace

std::vector<std::string> NamesIn(const v1::Conference& row) {
  std::vector<std::string> names = OrganizationsOf(row);
  for (const v1::ConferenceDecision& decision : row.decisions()) {
    for (const v1::DecisionAssignment& assignment : decision.assignments()) {
      names.push_back(assignment.unit());
      names.insert(names.end(), assignment.co_units().begin(), assignment.co_units().end());
    }
  }
  return names;
}

v1::Conference CooperationService::Present(const rpc::Call& call, v1::Conference row) const {
  if (auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
    for (std::string& verb : rpc::ActionsOf(call, ConferenceLife(), row.state(), "Conference")) {
      row.add_actions(std::move(verb));
    }
  } else if (row.state() == v1::CONFERENCE_STATE_HELD) {
    // Drafts are those of who writes them.
    row.clear_minutes();
    row.clear_decisions();
    row.clear_documents();
  }
  return row;
}

absl::StatusOr<v1::Conference> CooperationService::GetConference(
    const rpc::Call& call, const v1::GetConferenceRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Conference row,
                           rpc::Fetch(deps_.store.db, call, conferences_, request.name()));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::ListConferencesResponse> CooperationService::ListConferences(
    const rpc::Call& call, const v1::ListConferencesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, conferences_, request,
                                                     "", request.filter(), request.order_by()));
  v1::ListConferencesResponse response;
  for (v1::Conference& row : page.rows) *response.add_conferences() = Present(call, std::move(row));
  CHANYAN_RETURN_IF_ERROR(
      ShowCooperationFiles(deps_.store.db, call, RowsOf(response.mutable_conferences())));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Conference> CooperationService::CreateConference(
    const rpc::Call& call, const v1::CreateConferenceRequest& request) {
  CHANYAN_RETURN_IF_ERROR(RequireCooperation(deps_.pack));
  v1::Conference wanted = request.conference();
  ForgetFiles(wanted.mutable_documents());
  CHANYAN_ASSIGN_OR_RETURN(const KnownOrganizations known,
                           FetchOrganizations(deps_.peers, call, NamesIn(wanted)));
  v1::Conference nothing;
  nothing.set_state(v1::CONFERENCE_STATE_PLANNED);
  Violations violations = ConferenceChangeViolations(nothing, wanted);
  CHANYAN_RETURN_IF_ERROR(CheckAsked(known, wanted, &violations));
  Complete(known, &wanted);
  wanted.set_state(v1::CONFERENCE_STATE_PLANNED);
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Conference made,
      rpc::Mutate<v1::Conference>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Conference> {
            v1::Conference row = wanted;
            CHANYAN_RETURN_IF_ERROR(
                RequireAgreement(change.session(), call, row.agreement(), "conference.agreement"));
            row.set_name(absl::StrCat("conferences/", api::NewShortId()));
            if (request.validate_only()) return row;
            CHANYAN_RETURN_IF_ERROR(conferences_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return Shown(call, std::move(made));
}

absl::StatusOr<v1::Conference> CooperationService::UpdateConference(
    const rpc::Call& call, const v1::UpdateConferenceRequest& request) {
  const v1::Conference& update = request.conference();
  CHANYAN_ASSIGN_OR_RETURN(const KnownOrganizations known,
                           KnownFor(call, conferences_, update.name(), update));
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Conference row,
      rpc::Edit<v1::Conference>(
          deps_.store, call, request, conferences_, update.name(), update.etag(), "updated",
          [&](rpc::Change& change, v1::Conference& stored) -> absl::Status {
            if (stored.state() == v1::CONFERENCE_STATE_ISSUED ||
                stored.state() == v1::CONFERENCE_STATE_CANCELLED) {
              return status::FailedPrecondition(
                  options::v1::ERROR_REASON_WRONG_STATE,
                  absl::StrCat("会议当前状态为“", policy::LabelOf(stored.state()), "”，不能修改"));
            }
            v1::Conference wanted = stored;
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
            ForgetFiles(wanted.mutable_documents());
            Violations violations = ConferenceChangeViolations(stored, wanted);
            CHANYAN_RETURN_IF_ERROR(CheckAsked(known, wanted, &violations));
            CHANYAN_RETURN_IF_ERROR(RequireAgreement(change.session(), call, wanted.agreement(),
                                                     "conference.agreement"));
            Complete(known, &wanted);
            if (!request.validate_only()) stored = std::move(wanted);
            return absl::OkStatus();
          }));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::Conference> CooperationService::TransitConference(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, Edit<v1::Conference> edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Conference row,
      rpc::Transit<v1::Conference>(
          deps_.store, call, request, conferences_, ConferenceLife(), name, etag, verb,
          [&](rpc::Change& change, v1::Conference& stored) -> absl::Status {
            CHANYAN_RETURN_IF_ERROR(edit(change, stored));
            return api::Validate(stored, api::Direction::kStored);
          }));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::Conference> CooperationService::ConveneConference(
    const rpc::Call& call, const v1::ConveneConferenceRequest& request) {
  return TransitConference(call, request, request.name(), request.etag(), "convene",
                           [](rpc::Change& change, v1::Conference& row) -> absl::Status {
                             Violations missing = ConveneViolations(row, change.now());
                             return missing.empty() ? absl::OkStatus()
                                                    : status::InvalidFields(std::move(missing));
                           });
}

absl::StatusOr<v1::Conference> CooperationService::PostponeConference(
    const rpc::Call& call, const v1::PostponeConferenceRequest& request) {
  return TransitConference(call, request, request.name(), request.etag(), "postpone",
                           [&](rpc::Change& change, v1::Conference& row) -> absl::Status {
                             if (time::ToTime(request.meet_time()) <= change.now()) {
                               return status::InvalidField("meet_time", "新的会议时间应晚于现在");
                             }
                             v1::ConferencePostponement& postponement = *row.add_postponements();
                             *postponement.mutable_from_time() = row.meet_time();
                             *postponement.mutable_to_time() = request.meet_time();
                             postponement.set_reason(request.reason());
                             *row.mutable_meet_time() = request.meet_time();
                             return absl::OkStatus();
                           });
}

absl::StatusOr<v1::Conference> CooperationService::HoldConference(
    const rpc::Call& call, const v1::HoldConferenceRequest& request) {
  v1::Conference attended;
  *attended.mutable_attendees() = request.attendees();
  CHANYAN_ASSIGN_OR_RETURN(const KnownOrganizations known,
                           KnownFor(call, conferences_, request.name(), attended));
  return TransitConference(call, request, request.name(), request.etag(), "hold",
                           [&](rpc::Change& change, v1::Conference& row) -> absl::Status {
                             if (time::ToTime(row.meet_time()) > change.now()) {
                               return status::FailedPrecondition(
                                   options::v1::ERROR_REASON_WRONG_STATE,
                                   "会议时间未到，不能登记召开；改期请用“延期召开”");
                             }
                             if (!request.attendees().empty())
                               *row.mutable_attendees() = request.attendees();
                             Violations violations;
                             CHANYAN_RETURN_IF_ERROR(CheckAsked(known, row, &violations));
                             Complete(known, &row);
                             return absl::OkStatus();
                           });
}

absl::StatusOr<v1::Conference> CooperationService::IssueConference(
    const rpc::Call& call, const v1::IssueConferenceRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const KnownOrganizations known,
                           KnownFor(call, conferences_, request.name(), v1::Conference()));
  return TransitConference(
      call, request, request.name(), request.etag(), "issue",
      [&](rpc::Change& change, v1::Conference& row) -> absl::Status {
        Violations missing = IssueViolations(row);
        if (!missing.empty()) return status::InvalidFields(std::move(missing));
        *row.mutable_issue_date() = time::ToProto(time::DayOf(change.now()));
        std::vector<v1::FollowUp> follow_ups = FollowUpsOf(row);
        if (follow_ups.empty()) return absl::OkStatus();
        for (v1::FollowUp& follow_up : follow_ups) {
          follow_up.set_unit_title(TitleIn(known, follow_up.unit()));
          // It may have become part of another since the decision.
          CHANYAN_ASSIGN_OR_RETURN(const rpc::Successor now,
                                   rpc::SuccessorOf(change.session(), follow_up.unit()));
          if (!now.organization.empty()) {
            follow_up.set_unit(now.organization);
            follow_up.set_unit_title(now.title);
          }
          SetTitles(known, follow_up.co_units(), follow_up.mutable_co_unit_titles());
        }
        CHANYAN_RETURN_IF_ERROR(follow_ups_.InsertAll(change.session(), change.now(), &follow_ups));
        std::vector<journal::Alteration> assigned;
        for (const v1::FollowUp& follow_up : follow_ups) assigned.push_back({nullptr, &follow_up});
        return change.RecordAll("assigned", assigned);
      });
}

absl::StatusOr<v1::Conference> CooperationService::CancelConference(
    const rpc::Call& call, const v1::CancelConferenceRequest& request) {
  return TransitConference(call, request, request.name(), request.etag(), "cancel",
                           [&](rpc::Change&, v1::Conference& row) -> absl::Status {
                             row.set_cancel_reason(request.reason());
                             return absl::OkStatus();
                           });
}

absl::StatusOr<v1::ConferenceCadenceStatus> CooperationService::GetConferenceCadence(
    const rpc::Call& call, const v1::GetConferenceCadenceRequest& request) {
  CHANYAN_RETURN_IF_ERROR(RequireCooperation(deps_.pack));
  const absl::Time now = deps_.store.clock.Now();
  db::Predicate scope = auth::Readable<v1::Conference>(call.principal);
  if (!request.agreement().empty()) {
    scope = db::And(std::move(scope), {"agreement = ?", {request.agreement()}});
  }
  std::vector<v1::Conference> last;
  std::vector<v1::Conference> next;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(last, conferences_.Select(session, db::And({kHeld, {}}, scope),
                                                           "meet_time DESC, name LIMIT 1"));
        CHANYAN_ASSIGN_OR_RETURN(next, conferences_.Select(session, db::And({kToCome, {}}, scope),
                                                           "meet_time, name LIMIT 1"));
        return absl::OkStatus();
      }));
  const policy::v1::ConferenceCadence& cadence =
      deps_.pack.proto().pairing().cooperation().conference();
  v1::ConferenceCadenceStatus answer;
  answer.set_interval_months(static_cast<int32_t>(cadence.interval_months()));
  *answer.mutable_clause() = cadence.clause();
  if (!last.empty()) {
    const absl::CivilDay met = time::DayOf(time::ToTime(last.front().meet_time()));
    const absl::CivilDay due = NextDue(met, answer.interval_months());
    answer.set_last_conference(last.front().name());
    *answer.mutable_last_date() = time::ToProto(met);
    *answer.mutable_next_due_date() = time::ToProto(due);
    answer.set_overdue(due < time::DayOf(now));
  }
  if (!next.empty()) {
    answer.set_planned_conference(next.front().name());
    *answer.mutable_planned_time() = next.front().meet_time();
  }
  return answer;
}

}  // namespace chanyan::pairing
