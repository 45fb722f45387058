#include "services/triage/meeting_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/export_rows.h"
#include "services/triage/list_text.h"
#include "services/triage/meeting_rules.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

// Whoever keeps the record, also for owners that are no more; owners of items write nothing but
// what was done.
bool KeepsRecord(const rpc::Call& call, const v1::WorkMeeting& row) {
  return call.principal.organization == row.organizer() || IsOffice(call, row.office());
}

void WriteItemsText(v1::WorkMeeting* row) {
  row->set_items_text(
      ListText(*row, row->GetDescriptor()->FindFieldByNumber(v1::WorkMeeting::kItemsFieldNumber)));
}

}  // namespace

std::vector<rpc::UnaryMethod> MeetingService::Methods() {
  using S = MeetingService;
  return {
      rpc::Unary("GetWorkMeeting", this, &S::GetWorkMeeting),
      rpc::Unary("ListWorkMeetings", this, &S::ListWorkMeetings),
      rpc::Unary("CreateWorkMeeting", this, &S::CreateWorkMeeting),
      rpc::Unary("UpdateWorkMeeting", this, &S::UpdateWorkMeeting),
      rpc::Unary("CompleteWorkMeetingItem", this, &S::CompleteWorkMeetingItem),
      rpc::Unary("ExportWorkMeetings", this, &S::ExportWorkMeetings),
  };
}

v1::WorkMeeting MeetingService::Present(const rpc::Call& call, v1::WorkMeeting row) const {
  WriteItemsText(&row);
  if (KeepsRecord(call, row)) row.add_actions("update");
  for (const v1::WorkMeetingItem& item : row.items()) {
    if (IsDone(item)) continue;
    if (item.owner() != call.principal.organization && !KeepsRecord(call, row)) continue;
    row.add_actions("completeItem");
    break;
  }
  return row;
}

absl::StatusOr<v1::WorkMeeting> MeetingService::GetWorkMeeting(
    const rpc::Call& call, const v1::GetWorkMeetingRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::WorkMeeting row,
                           rpc::Fetch(deps_.store.db, call, meetings_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListWorkMeetingsResponse> MeetingService::ListWorkMeetings(
    const rpc::Call& call, const v1::ListWorkMeetingsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, meetings_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListWorkMeetingsResponse response;
  for (v1::WorkMeeting& row : page.rows) {
    *response.add_work_meetings() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<MeetingService::Titles> MeetingService::TitlesIn(
    const rpc::Call& call, const v1::WorkMeeting& row,
    std::vector<status::Violation>* violations) const {
  Titles titles;
  const auto add = [&](const std::string& name, const std::string& field) -> absl::Status {
    if (titles.contains(name)) return absl::OkStatus();
    if (const auto* unit = deps_.pack.FindOrganization(name); unit != nullptr) {
      titles[name] = unit->display_name();
      return absl::OkStatus();
    }
    const auto found = OrganizationOf(deps_, call, name, field);
    if (found.ok()) {
      titles[name] = found->display_name();
      return absl::OkStatus();
    }
    if (!absl::IsInvalidArgument(found.status())) return found.status();
    for (auto& one : status::ViolationsOf(found.status())) violations->push_back(std::move(one));
    return absl::OkStatus();
  };
  for (int i = 0; i < row.participants_size(); ++i) {
    CHANYAN_RETURN_IF_ERROR(add(row.participants(i), absl::StrCat("participants[", i, "]")));
  }
  for (int i = 0; i < row.items_size(); ++i) {
    CHANYAN_RETURN_IF_ERROR(add(row.items(i).owner(), absl::StrCat("items[", i, "].owner")));
  }
  return titles;
}

absl::Status MeetingService::Complete(rpc::Change& change, const v1::WorkMeeting& before,
                                      const Titles& titles, std::vector<status::Violation> unknown,
                                      v1::WorkMeeting* row) const {
  std::vector<status::Violation> violations = MeetingViolations(*row, time::DayOf(change.now()));
  for (status::Violation& one : KeepWhatIsDone(before, row)) violations.push_back(std::move(one));
  for (status::Violation& one : unknown) violations.push_back(std::move(one));
  CHANYAN_RETURN_IF_ERROR(Refuse(std::move(violations), "work_meeting"));
  std::vector<std::string> named;
  const auto title_of = [&](const std::string& name, const std::string& was) {
    const auto found = titles.find(name);
    if (found == titles.end()) return was;
    named.push_back(name);
    return found->second;
  };
  std::map<std::string, std::string> former;
  for (int i = 0; i < before.participants_size() && i < before.participant_titles_size(); ++i) {
    former[before.participants(i)] = before.participant_titles(i);
  }
  row->clear_participant_titles();
  for (const std::string& name : row->participants()) {
    row->add_participant_titles(title_of(name, former[name]));
  }
  for (v1::WorkMeetingItem& item : *row->mutable_items()) {
    item.set_owner_title(title_of(item.owner(), item.owner_title()));
  }
  CountItems(row);
  NoteTerms(deps_.pack.pack(), time::DayOf(change.now()), row);
  return rpc::RefuseSucceeded(change.session(), named);
}

absl::StatusOr<v1::WorkMeeting> MeetingService::CreateWorkMeeting(
    const rpc::Call& call, const v1::CreateWorkMeetingRequest& request) {
  const v1::WorkMeeting& wanted = request.work_meeting();
  std::vector<status::Violation> unknown;
  CHANYAN_ASSIGN_OR_RETURN(const Titles titles, TitlesIn(call, wanted, &unknown));
  CHANYAN_ASSIGN_OR_RETURN(const std::string title,
                           TitleOf(deps_, call, call.principal.organization));
  return rpc::Mutate<v1::WorkMeeting>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::WorkMeeting> {
        v1::WorkMeeting row = wanted;
        row.set_name(absl::StrCat("workMeetings/", api::NewShortId()));
        row.set_organizer(call.principal.organization);
        row.set_organizer_title(title);
        row.set_office(deps_.pack.Office());
        CHANYAN_RETURN_IF_ERROR(Complete(change, v1::WorkMeeting(), titles, unknown, &row));
        if (request.validate_only()) return Present(call, std::move(row));
        CHANYAN_RETURN_IF_ERROR(meetings_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::WorkMeeting> MeetingService::UpdateWorkMeeting(
    const rpc::Call& call, const v1::UpdateWorkMeetingRequest& request) {
  const v1::WorkMeeting& update = request.work_meeting();
  std::vector<status::Violation> unknown;
  CHANYAN_ASSIGN_OR_RETURN(const Titles titles, TitlesIn(call, update, &unknown));
  return rpc::Mutate<v1::WorkMeeting>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::WorkMeeting> {
        CHANYAN_ASSIGN_OR_RETURN(
            v1::WorkMeeting row,
            meetings_.GetForUpdate(change.session(), update.name(),
                                   auth::Writable<v1::WorkMeeting>(call.principal)));
        if (!KeepsRecord(call, row)) {
          return status::PermissionDenied("会议记录由召集单位或成果处修改");
        }
        if (!update.etag().empty() && update.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, update.etag(), row);
        }
        const v1::WorkMeeting before = row;
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &row));
        CHANYAN_RETURN_IF_ERROR(Complete(change, before, titles, unknown, &row));
        if (request.validate_only() ||
            google::protobuf::util::MessageDifferencer::Equals(before, row)) {
          return Present(call, std::move(row));
        }
        CHANYAN_RETURN_IF_ERROR(meetings_.Update(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("updated", &before, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::WorkMeeting> MeetingService::CompleteWorkMeetingItem(
    const rpc::Call& call, const v1::CompleteWorkMeetingItemRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::WorkMeeting meeting,
      rpc::Edit<v1::WorkMeeting>(
          deps_.store, call, request, meetings_, request.name(), request.etag(), "item done",
          [&](rpc::Change& change, v1::WorkMeeting& row) -> absl::Status {
            if (request.item() > row.items_size()) {
              return status::InvalidField(
                  "item", absl::StrCat("该会议只有", row.items_size(), "项跟踪事项"));
            }
            v1::WorkMeetingItem& item = *row.mutable_items(request.item() - 1);
            if (item.owner() != call.principal.organization && !KeepsRecord(call, row)) {
              return status::PermissionDenied(
                  absl::StrCat("由承办单位“", item.owner_title(), "”或召集单位报告完成情况"));
            }
            if (IsDone(item)) {
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "该事项已报告完成");
            }
            item.set_outcome(request.outcome());
            *item.mutable_done_date() = time::ToProto(time::DayOf(change.now()));
            CountItems(&row);
            NoteTerms(deps_.pack.pack(), time::DayOf(change.now()), &row);
            return absl::OkStatus();
          }));
  return Present(call, std::move(meeting));
}

absl::StatusOr<google::api::HttpBody> MeetingService::ExportWorkMeetings(
    const rpc::Call& call, const v1::ExportWorkMeetingsRequest& request) {
  std::vector<v1::WorkMeeting> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted, meetings_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, ExportRows(session, meetings_,
                             db::And(auth::Readable<v1::WorkMeeting>(call.principal), wanted),
                             "meet_date, name"));
        return absl::OkStatus();
      }));
  for (v1::WorkMeeting& row : rows) WriteItemsText(&row);
  return rpc::ExportSheet<v1::WorkMeeting>("会议记录", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::triage
