#include "services/consortium/meeting_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "services/consortium/meeting_rules.h"
#include "services/consortium/parties.h"
#include "services/consortium/review_life.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

// The state of a dossier in which a meeting of that kind is recorded.
v1::ConsortiumState StageOf(policy::v1::MeetingKind kind) {
  return kind == policy::v1::MEETING_KIND_DEFENCE ? v1::CONSORTIUM_STATE_DEFENCE
                                                  : v1::CONSORTIUM_STATE_SITE_VISIT;
}

bool UnderReview(v1::ConsortiumState state) {
  return state == v1::CONSORTIUM_STATE_EXPERT_REVIEW || state == v1::CONSORTIUM_STATE_SITE_VISIT ||
         state == v1::CONSORTIUM_STATE_DEFENCE;
}

const policy::v1::MeetingChecklist* FindChecklist(const policy::Pack& pack,
                                                  policy::v1::MeetingKind kind) {
  for (const auto& list : pack.proto().consortium().review().checklists()) {
    if (list.kind() == kind) return &list;
  }
  return nullptr;
}

}  // namespace

std::vector<rpc::UnaryMethod> MeetingService::Methods() {
  using S = MeetingService;
  return {
      rpc::Unary("CreateReviewMeeting", this, &S::CreateReviewMeeting),
      rpc::Unary("GetReviewMeeting", this, &S::GetReviewMeeting),
      rpc::Unary("ListReviewMeetings", this, &S::ListReviewMeetings),
      rpc::Unary("MoveReviewMeeting", this, &S::MoveReviewMeeting),
      rpc::Unary("RecordReviewMeeting", this, &S::RecordReviewMeeting),
      rpc::Unary("CancelReviewMeeting", this, &S::CancelReviewMeeting),
  };
}

v1::ReviewMeeting MeetingService::Present(const rpc::Call& call, v1::ReviewMeeting row) const {
  if (!call.principal.Has(options::v1::ROLE_DEPARTMENT) &&
      !call.principal.Has(options::v1::ROLE_LEADER)) {
    row.clear_visitors();
    row.clear_minutes();
  }
  if (auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
    for (std::string& verb :
         rpc::ActionsOf(call, ReviewMeetingLife(), row.state(), "ReviewMeeting")) {
      row.add_actions(std::move(verb));
    }
  }
  return row;
}

absl::StatusOr<v1::Consortium> MeetingService::LockDossier(rpc::Change& change,
                                                           const rpc::Call& call,
                                                           const std::string& meeting) const {
  absl::StatusOr<v1::Consortium> consortium = book_.consortia().GetForUpdate(
      change.session(), ConsortiumOfName(meeting), auth::Readable<v1::Consortium>(call.principal));
  if (absl::IsNotFound(consortium.status())) return status::NotFound(meeting);
  return consortium;
}

absl::StatusOr<v1::ReviewMeeting> MeetingService::CreateReviewMeeting(
    const rpc::Call& call, const v1::CreateReviewMeetingRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReviewMeeting made,
      rpc::Mutate<v1::ReviewMeeting>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::ReviewMeeting> {
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::Consortium consortium,
                book_.consortia().GetForUpdate(change.session(), request.parent(),
                                               auth::Readable<v1::Consortium>(call.principal)));
            CHANYAN_RETURN_IF_ERROR(book_.RequireStill(change));
            if (!UnderReview(consortium.state())) {
              return status::FailedPrecondition(
                  ERROR_REASON_WRONG_STATE,
                  absl::StrCat("当前状态为“", policy::LabelOf(consortium.state()),
                               "”，不能安排考察或答辩"));
            }
            const v1::ReviewMeeting& wanted = request.review_meeting();
            v1::ReviewMeeting row;
            row.set_name(absl::StrCat(request.parent(), "/reviewMeetings/", api::NewShortId()));
            row.set_kind(wanted.kind());
            *row.mutable_start_time() = wanted.start_time();
            row.set_place(wanted.place());
            *row.mutable_visitors() = wanted.visitors();
            row.set_consortium(request.parent());
            row.set_consortium_title(consortium.display_name());
            row.set_lead_unit(consortium.lead_unit());
            row.set_district(consortium.district());
            row.set_office(OfficeOf(deps_.pack));
            row.set_state(v1::REVIEW_MEETING_STATE_PLANNED);
            if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
              return status::PermissionDenied("考察和答辩由备案单位安排");
            }
            CHANYAN_RETURN_IF_ERROR(meetings_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return Present(call, std::move(made));
}

absl::StatusOr<v1::ReviewMeeting> MeetingService::GetReviewMeeting(
    const rpc::Call& call, const v1::GetReviewMeetingRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::ReviewMeeting row,
                           rpc::Fetch(deps_.store.db, call, meetings_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListReviewMeetingsResponse> MeetingService::ListReviewMeetings(
    const rpc::Call& call, const v1::ListReviewMeetingsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, meetings_, request,
                                absl::StrCat(request.parent(), "/reviewMeetings"), request.filter(),
                                request.order_by()));
  v1::ListReviewMeetingsResponse response;
  for (v1::ReviewMeeting& row : page.rows) {
    *response.add_review_meetings() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ReviewMeeting> MeetingService::MoveReviewMeeting(
    const rpc::Call& call, const v1::MoveReviewMeetingRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReviewMeeting row,
      rpc::Transit<v1::ReviewMeeting>(
          deps_.store, call, request, meetings_, ReviewMeetingLife(), request.name(),
          request.etag(), "move",
          [&](rpc::Change& change, v1::ReviewMeeting& changed) -> absl::Status {
            CHANYAN_RETURN_IF_ERROR(book_.RequireStill(change));
            *changed.mutable_start_time() = request.start_time();
            if (!request.place().empty()) changed.set_place(request.place());
            changed.set_reason(request.reason());
            return absl::OkStatus();
          }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ReviewMeeting> MeetingService::RecordReviewMeeting(
    const rpc::Call& call, const v1::RecordReviewMeetingRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReviewMeeting recorded,
      rpc::Mutate<v1::ReviewMeeting>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::ReviewMeeting> {
            CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium consortium,
                                     LockDossier(change, call, request.name()));
            CHANYAN_ASSIGN_OR_RETURN(
                v1::ReviewMeeting row,
                meetings_.GetForUpdate(change.session(), request.name(),
                                       auth::Writable<v1::ReviewMeeting>(call.principal)));
            if (!request.etag().empty() && request.etag() != row.etag()) {
              return rpc::StaleEdit(change.session(), call, request.etag(), row);
            }
            CHANYAN_RETURN_IF_ERROR(book_.RequireStill(change));
            const v1::ReviewMeeting before = row;
            CHANYAN_ASSIGN_OR_RETURN(const v1::ReviewMeetingState next,
                                     policy::Next(ReviewMeetingLife(), row.state(), "record"));
            if (consortium.state() != StageOf(row.kind())) {
              return status::FailedPrecondition(
                  ERROR_REASON_WRONG_STATE,
                  absl::StrCat("创新联合体状态为“", policy::LabelOf(StageOf(row.kind())),
                               "”时登记，当前为“", policy::LabelOf(consortium.state()), "”"));
            }
            const policy::v1::MeetingChecklist* checklist = FindChecklist(deps_.pack, row.kind());
            if (checklist == nullptr) return status::Internal("the pack has no such checklist");
            std::vector<status::Violation> wrong = RecordViolations(*checklist, request);
            if (!wrong.empty()) return status::InvalidFields(std::move(wrong));
            row.set_state(next);
            *row.mutable_answers() = request.answers();
            *row.mutable_questions() = request.questions();
            row.set_conclusion(request.conclusion());
            row.set_minutes(request.minutes());
            api::SetTime(change.now(), row.mutable_record_time());
            CHANYAN_RETURN_IF_ERROR(meetings_.Update(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("record", &before, &row));
            return row;
          }));
  return Present(call, std::move(recorded));
}

absl::StatusOr<v1::ReviewMeeting> MeetingService::CancelReviewMeeting(
    const rpc::Call& call, const v1::CancelReviewMeetingRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReviewMeeting row,
      rpc::Transit<v1::ReviewMeeting>(deps_.store, call, request, meetings_, ReviewMeetingLife(),
                                      request.name(), request.etag(), "cancel",
                                      [&](rpc::Change& change, v1::ReviewMeeting& changed) {
                                        changed.set_reason(request.reason());
                                        return book_.RequireStill(change);
                                      }));
  return Present(call, std::move(row));
}

}  // namespace chanyan::consortium
