// Handlers of follow-ups: what decisions ask of an organization, until it is done (PAIR-8).
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/validate.h"
#include "common/db/bound_token.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/cooperation_life.h"
#include "services/pairing/cooperation_rules.h"
#include "services/pairing/cooperation_service.h"
#include "services/pairing/due_rows.h"
#include "services/pairing/stored_files.h"

namespace chanyan::pairing {
namespace {

constexpr char kOverdue[] = "state IN ('ASSIGNED', 'IN_PROGRESS') AND due_date < ?";
// What a page token of the list of overdue ones is bound to.
constexpr absl::string_view kOverdueOnly = "overdue";
constexpr char kDueSoon[] =
    "state IN ('ASSIGNED', 'IN_PROGRESS') AND due_date >= ? AND due_date <= ? "
    "AND (reminded_of IS NULL OR reminded_of <> due_date)";
constexpr char kNotNoted[] = "overdue_noted IS NULL OR overdue_noted <> due_date";

}  // namespace

db::Predicate OverdueOn(absl::CivilDay today) { return {kOverdue, {time::FormatDate(today)}}; }

v1::FollowUp CooperationService::Present(const rpc::Call& call, v1::FollowUp row) const {
  row.set_overdue(IsOverdue(row, time::DayOf(deps_.store.clock.Now())));
  if (auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
    for (std::string& verb : rpc::ActionsOf(call, FollowUpLife(), row.state(), "FollowUp")) {
      row.add_actions(std::move(verb));
    }
  }
  return row;
}

absl::StatusOr<v1::FollowUp> CooperationService::GetFollowUp(
    const rpc::Call& call, const v1::GetFollowUpRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::FollowUp row,
                           rpc::Fetch(deps_.store.db, call, follow_ups_, request.name()));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::ListFollowUpsResponse> CooperationService::ListFollowUps(
    const rpc::Call& call, const v1::ListFollowUpsRequest& request) {
  db::ListQuery query;
  query.parent = absl::StrCat(request.parent(), "/followUps");
  query.filter = request.filter();
  query.order_by = request.order_by();
  query.page_size = request.page_size();
  const absl::string_view only = request.overdue() ? kOverdueOnly : "";
  CHANYAN_ASSIGN_OR_RETURN(query.page_token, db::UnbindPageToken(request.page_token(), only));
  query.scope = auth::Readable<v1::FollowUp>(call.principal);
  if (request.overdue()) {
    query.scope = db::And(std::move(query.scope), OverdueOn(time::DayOf(deps_.store.clock.Now())));
  }
  db::Page<v1::FollowUp> page;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(page, follow_ups_.List(session, query));
        return absl::OkStatus();
      }));
  v1::ListFollowUpsResponse response;
  for (v1::FollowUp& row : page.rows) *response.add_follow_ups() = Present(call, std::move(row));
  CHANYAN_RETURN_IF_ERROR(
      ShowCooperationFiles(deps_.store.db, call, RowsOf(response.mutable_follow_ups())));
  response.set_next_page_token(db::BindPageToken(page.next_page_token, only));
  return response;
}

absl::StatusOr<v1::FollowUp> CooperationService::TransitFollowUp(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, Edit<v1::FollowUp> edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::FollowUp row, rpc::Transit<v1::FollowUp>(
                            deps_.store, call, request, follow_ups_, FollowUpLife(), name, etag,
                            verb, [&](rpc::Change& change, v1::FollowUp& stored) -> absl::Status {
                              CHANYAN_RETURN_IF_ERROR(edit(change, stored));
                              return api::Validate(stored, api::Direction::kStored);
                            }));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::FollowUp> CooperationService::ReportFollowUp(
    const rpc::Call& call, const v1::ReportFollowUpRequest& request) {
  return TransitFollowUp(call, request, request.name(), request.etag(), "report",
                         [&](rpc::Change& change, v1::FollowUp& row) -> absl::Status {
                           AddReport(request.text(), call.principal.organization, change.now(),
                                     &row);
                           return absl::OkStatus();
                         });
}

absl::StatusOr<v1::FollowUp> CooperationService::SubmitFollowUp(
    const rpc::Call& call, const v1::SubmitFollowUpRequest& request) {
  return TransitFollowUp(call, request, request.name(), request.etag(), "submit",
                         [&](rpc::Change& change, v1::FollowUp& row) -> absl::Status {
                           SetEvidence(request.evidence(), call.principal.account, change.now(),
                                       &row);
                           *row.mutable_evidence_documents() = request.documents();
                           ForgetFiles(row.mutable_evidence_documents());
                           return absl::OkStatus();
                         });
}

absl::StatusOr<v1::FollowUp> CooperationService::ConfirmFollowUp(
    const rpc::Call& call, const v1::ConfirmFollowUpRequest& request) {
  return TransitFollowUp(
      call, request, request.name(), request.etag(), "confirm",
      [&](rpc::Change& change, v1::FollowUp& row) -> absl::Status {
        if (row.submitter() == call.principal.account) {
          return status::PermissionDenied("报送办结的账号不能自行确认，请由另一账号确认");
        }
        *row.mutable_finish_time() = time::ToTimestamp(change.now());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::FollowUp> CooperationService::ReturnFollowUp(
    const rpc::Call& call, const v1::ReturnFollowUpRequest& request) {
  return TransitFollowUp(call, request, request.name(), request.etag(), "return",
                         [&](rpc::Change&, v1::FollowUp& row) -> absl::Status {
                           row.add_return_reasons(request.reason());
                           // What did not do was not submitted in time either.
                           row.clear_submit_time();
                           row.clear_submitter();
                           return absl::OkStatus();
                         });
}

absl::StatusOr<v1::FollowUp> CooperationService::ExtendFollowUp(
    const rpc::Call& call, const v1::ExtendFollowUpRequest& request) {
  return TransitFollowUp(
      call, request, request.name(), request.etag(), "extend",
      [&](rpc::Change& change, v1::FollowUp& row) -> absl::Status {
        const absl::CivilDay today = time::DayOf(change.now());
        CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay due, time::ToCivilDay(request.due_date()));
        CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay before, time::ToCivilDay(row.due_date()));
        if (due <= before || due < today) {
          return status::InvalidField(
              "due_date",
              absl::StrCat("新期限应晚于", time::FormatDateZh(before), "，且不早于今天"));
        }
        v1::FollowUpExtension& extension = *row.add_extensions();
        *extension.mutable_from_date() = row.due_date();
        *extension.mutable_to_date() = request.due_date();
        extension.set_reason(request.reason());
        *extension.mutable_decided_on() = time::ToProto(today);
        *row.mutable_due_date() = request.due_date();
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::FollowUp> CooperationService::CancelFollowUp(
    const rpc::Call& call, const v1::CancelFollowUpRequest& request) {
  return TransitFollowUp(call, request, request.name(), request.etag(), "cancel",
                         [&](rpc::Change& change, v1::FollowUp& row) -> absl::Status {
                           row.set_cancel_reason(request.reason());
                           *row.mutable_finish_time() = time::ToTimestamp(change.now());
                           return absl::OkStatus();
                         });
}

absl::StatusOr<int> CooperationService::NoteOverdue(const db::Lease& lease) {
  return MarkDue<v1::FollowUp>(
      deps_.store, lease, follow_ups_,
      db::And(OverdueOn(time::DayOf(deps_.store.clock.Now())), {kNotNoted, {}}), "due_date, name",
      "overdue",
      [](absl::Time, v1::FollowUp& row) { *row.mutable_overdue_noted() = row.due_date(); });
}

absl::StatusOr<int> CooperationService::RemindFollowUps(const db::Lease& lease) {
  const uint32_t workdays =
      deps_.pack.proto().pairing().cooperation().follow_up_reminder_workdays();
  if (workdays == 0) return 0;
  const absl::CivilDay today = time::DayOf(deps_.store.clock.Now());
  const absl::CivilDay last = LastDueSoon(deps_.pack.calendar(), today, static_cast<int>(workdays));
  return MarkDue<v1::FollowUp>(
      deps_.store, lease, follow_ups_,
      {kDueSoon, {time::FormatDate(today), time::FormatDate(last)}}, "due_date, name", "reminded",
      [](absl::Time, v1::FollowUp& row) { *row.mutable_reminded_of() = row.due_date(); });
}

}  // namespace chanyan::pairing
