#include "services/triage/escalation_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/triage/escalation_life.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/result_life.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

// By escalation_result; locked, so that of two who raise the same one sees the other's, which a
// snapshot would not show.
constexpr char kSame[] = "result = ? AND state = 'RAISED' AND matter = ? AND raiser = ?";

// Whoever may act on a matter: at its rung, in its department, or who raised it; the office keeps
// what nobody else may end.
bool MayAct(const rpc::Call& call, const v1::Escalation& row, absl::string_view verb) {
  const std::string& caller = call.principal.organization;
  if (verb == "pass" || verb == "decide") return caller == row.decider();
  if (verb == "receive") return caller == row.department();
  if (verb == "close") return caller == row.department() || IsOffice(call, row.office());
  return caller == row.raiser() || IsOffice(call, row.office());
}

absl::Status RefuseOthers(const v1::Escalation& row, absl::string_view verb) {
  if (verb == "pass" || verb == "decide") {
    return status::PermissionDenied(
        absl::StrCat("现由“", row.decider_title(), "”（", row.rung_title(), "）批示或上报"));
  }
  if (verb == "receive") return status::PermissionDenied("批示由事项所属业务处室签收");
  if (verb == "close") return status::PermissionDenied("由事项所属业务处室或成果处办结");
  return status::PermissionDenied("由提请单位或成果处撤回");
}

bool MayAct(const rpc::Call& call, const v1::EscalationTask& row, absl::string_view verb) {
  const std::string& caller = call.principal.organization;
  if (verb == "complete") return caller == row.owner();
  return caller == row.decider() || IsOffice(call, row.office());
}

}  // namespace

std::vector<rpc::UnaryMethod> EscalationService::Methods() {
  using S = EscalationService;
  return {
      rpc::Unary("GetEscalation", this, &S::GetEscalation),
      rpc::Unary("ListEscalations", this, &S::ListEscalations),
      rpc::Unary("RaiseEscalation", this, &S::RaiseEscalation),
      rpc::Unary("PassEscalation", this, &S::PassEscalation),
      rpc::Unary("DecideEscalation", this, &S::DecideEscalation),
      rpc::Unary("ReceiveEscalation", this, &S::ReceiveEscalation),
      rpc::Unary("CloseEscalation", this, &S::CloseEscalation),
      rpc::Unary("WithdrawEscalation", this, &S::WithdrawEscalation),
      rpc::Unary("ListEscalationTasks", this, &S::ListEscalationTasks),
      rpc::Unary("CompleteEscalationTask", this, &S::CompleteEscalationTask),
      rpc::Unary("CancelEscalationTask", this, &S::CancelEscalationTask),
  };
}

v1::Escalation EscalationService::Present(const rpc::Call& call, v1::Escalation row) const {
  row.set_overdue(row.state() == v1::ESCALATION_STATE_RAISED &&
                  time::IsPastDeadline(deps_.store.clock.Now(), TimeIn(row.due_time())));
  for (std::string& verb : rpc::ActionsOf(call, EscalationLife(), row.state(), "Escalation")) {
    if (MayAct(call, row, verb)) row.add_actions(std::move(verb));
  }
  return row;
}

v1::EscalationTask EscalationService::Present(const rpc::Call& call, v1::EscalationTask row) const {
  const auto due = api::DayOf(row.due_date());
  row.set_overdue(row.state() == v1::ESCALATION_TASK_STATE_OPEN && due.has_value() &&
                  *due < time::DayOf(deps_.store.clock.Now()));
  for (std::string& verb :
       rpc::ActionsOf(call, EscalationTaskLife(), row.state(), "EscalationTask")) {
    if (MayAct(call, row, verb)) row.add_actions(std::move(verb));
  }
  return row;
}

absl::StatusOr<v1::Escalation> EscalationService::GetEscalation(
    const rpc::Call& call, const v1::GetEscalationRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Escalation row,
                           rpc::Fetch(deps_.store.db, call, book_.table(), request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListEscalationsResponse> EscalationService::ListEscalations(
    const rpc::Call& call, const v1::ListEscalationsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, book_.table(), request,
                                                     "", request.filter(), request.order_by()));
  v1::ListEscalationsResponse response;
  for (v1::Escalation& row : page.rows) {
    *response.add_escalations() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Escalation> EscalationService::RaiseEscalation(
    const rpc::Call& call, const v1::RaiseEscalationRequest& request) {
  const v1::Escalation& wanted = request.escalation();
  const std::string& raiser = call.principal.organization;
  CHANYAN_ASSIGN_OR_RETURN(const std::string title, TitleOf(deps_, call, raiser));
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Escalation escalation,
      rpc::Mutate<v1::Escalation>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Escalation> {
            v1::Escalation row;
            row.set_name(absl::StrCat("escalations/", api::NewShortId()));
            row.set_result(wanted.result());
            row.set_matter(wanted.matter());
            row.set_reason(wanted.reason());
            row.set_cause(v1::ESCALATION_CAUSE_PERSON);
            row.set_state(v1::ESCALATION_STATE_RAISED);
            row.set_raiser(raiser);
            row.set_raiser_title(title);
            row.set_author(call.principal.account);
            row.set_office(deps_.pack.Office());
            if (!wanted.result().empty()) {
              CHANYAN_ASSIGN_OR_RETURN(const v1::Result result,
                                       results_.Lock(change, call, wanted.result()));
              if (!IsOpen(result.state())) {
                return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                                  "已撤回或已合并的成果不再提请协调");
              }
              book_.CopyResult(result, &row);
            } else {
              const policy::v1::TriageUnit* unit = deps_.pack.FindOrganization(raiser);
              const bool department =
                  unit != nullptr && unit->kind() == policy::v1::TRIAGE_UNIT_KIND_DEPARTMENT;
              row.set_department(department ? raiser : deps_.pack.Office());
            }
            CHANYAN_ASSIGN_OR_RETURN(
                const std::vector<v1::Escalation> same,
                book_.table().Select(change.session(),
                                     {kSame, {row.result(), row.matter(), row.raiser()}},
                                     db::kByNameLocked));
            if (!same.empty()) {
              return status::AlreadyExists(same.front().name(),
                                           "同一事项已提请，正待批示，不必重复提请");
            }
            CHANYAN_RETURN_IF_ERROR(book_.Place(change.now(), 0, raiser, &row));
            book_.Note(change.now(), "raise", raiser, title, call.principal.account, row.reason(),
                       &row);
            CHANYAN_RETURN_IF_ERROR(book_.table().Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("raise", nullptr, &row));
            return row;
          }));
  return Present(call, std::move(escalation));
}

absl::StatusOr<v1::Escalation> EscalationService::Transit(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, absl::string_view text, RowEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string title,
                           TitleOf(deps_, call, call.principal.organization));
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Escalation row,
      rpc::Edit<v1::Escalation>(deps_.store, call, request, book_.table(), name, etag, verb,
                                [&](rpc::Change& change, v1::Escalation& matter) -> absl::Status {
                                  if (!MayAct(call, matter, verb))
                                    return RefuseOthers(matter, verb);
                                  CHANYAN_ASSIGN_OR_RETURN(
                                      const auto next,
                                      policy::Next(EscalationLife(), matter.state(), verb));
                                  matter.set_state(next);
                                  // At the rung at which it was taken, whatever the step leads to.
                                  book_.Note(change.now(), verb, call.principal.organization, title,
                                             call.principal.account, text, &matter);
                                  return edit(change, matter);
                                }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::Escalation> EscalationService::PassEscalation(
    const rpc::Call& call, const v1::PassEscalationRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "pass", request.reason(),
                 [&](rpc::Change& change, v1::Escalation& row) -> absl::Status {
                   return book_.Place(change.now(), book_.RungOf(row) + 1, row.decider(), &row);
                 });
}

absl::StatusOr<std::vector<v1::EscalationTask>> EscalationService::TasksOf(
    const rpc::Call& call, const Tasks& wanted) const {
  const absl::CivilDay today = time::DayOf(deps_.store.clock.Now());
  std::vector<v1::EscalationTask> tasks;
  std::vector<status::Violation> violations;
  for (int i = 0; i < wanted.size(); ++i) {
    v1::EscalationTask task;
    task.set_task(wanted[i].task());
    task.set_owner(wanted[i].owner());
    *task.mutable_due_date() = wanted[i].due_date();
    const std::string at = absl::StrCat("tasks[", i, "].");
    if (const auto day = api::DayOf(wanted[i].due_date()); !day.has_value() || *day < today) {
      violations.push_back({absl::StrCat(at, "due_date"), "完成期限应为今天或以后的日期"});
    }
    if (const auto* unit = deps_.pack.FindOrganization(task.owner()); unit != nullptr) {
      task.set_owner_title(unit->display_name());
    } else {
      const auto owner = OrganizationOf(deps_, call, task.owner(), absl::StrCat(at, "owner"));
      if (absl::IsInvalidArgument(owner.status())) {
        for (auto& one : status::ViolationsOf(owner.status())) violations.push_back(std::move(one));
      } else {
        CHANYAN_RETURN_IF_ERROR(owner.status());
        task.set_owner_title(owner->display_name());
      }
    }
    tasks.push_back(std::move(task));
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  return tasks;
}

absl::Status EscalationService::Give(rpc::Change& change, std::vector<v1::EscalationTask> tasks,
                                     v1::Escalation* row) const {
  if (tasks.empty()) return absl::OkStatus();
  std::vector<std::string> owners;
  for (v1::EscalationTask& task : tasks) {
    task.set_name(absl::StrCat(row->name(), "/tasks/", api::NewShortId()));
    task.set_state(v1::ESCALATION_TASK_STATE_OPEN);
    task.set_matter(row->matter());
    task.set_department(row->department());
    task.set_decider(row->decider());
    task.set_office(row->office());
    owners.push_back(task.owner());
    auto& all = *row->mutable_task_owners();
    if (std::find(all.begin(), all.end(), task.owner()) == all.end()) *all.Add() = task.owner();
  }
  CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), owners));
  row->set_open_tasks(row->open_tasks() + static_cast<int>(tasks.size()));
  CHANYAN_RETURN_IF_ERROR(book_.tasks().InsertAll(change.session(), change.now(), &tasks));
  std::vector<journal::Alteration> given;
  for (const v1::EscalationTask& task : tasks) given.push_back({nullptr, &task});
  return change.RecordAll("given", given);
}

absl::StatusOr<v1::Escalation> EscalationService::DecideEscalation(
    const rpc::Call& call, const v1::DecideEscalationRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const auto tasks, TasksOf(call, request.tasks()));
  return Transit(call, request, request.name(), request.etag(), "decide", request.decision(),
                 [&](rpc::Change& change, v1::Escalation& row) -> absl::Status {
                   row.set_decision(request.decision());
                   api::SetTime(change.now(), row.mutable_decide_time());
                   return Give(change, tasks, &row);
                 });
}

absl::StatusOr<v1::Escalation> EscalationService::ReceiveEscalation(
    const rpc::Call& call, const v1::ReceiveEscalationRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const auto tasks, TasksOf(call, request.tasks()));
  return Transit(call, request, request.name(), request.etag(), "receive", "",
                 [&](rpc::Change& change, v1::Escalation& row) -> absl::Status {
                   return Give(change, tasks, &row);
                 });
}

absl::StatusOr<v1::Escalation> EscalationService::CloseEscalation(
    const rpc::Call& call, const v1::CloseEscalationRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "close", request.conclusion(),
      [&](rpc::Change& change, v1::Escalation& row) -> absl::Status {
        if (row.open_tasks() > 0) {
          return status::FailedPrecondition(
              ERROR_REASON_WRONG_STATE,
              absl::StrCat("还有", row.open_tasks(), "项跟踪事项未完成，完成或取消后才能办结"));
        }
        row.set_conclusion(request.conclusion());
        api::SetTime(change.now(), row.mutable_end_time());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Escalation> EscalationService::WithdrawEscalation(
    const rpc::Call& call, const v1::WithdrawEscalationRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "withdraw", request.reason(),
                 [&](rpc::Change& change, v1::Escalation& row) -> absl::Status {
                   row.set_conclusion(request.reason());
                   api::SetTime(change.now(), row.mutable_end_time());
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::ListEscalationTasksResponse> EscalationService::ListEscalationTasks(
    const rpc::Call& call, const v1::ListEscalationTasksRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, book_.tasks(), request,
                                                     absl::StrCat(request.parent(), "/tasks"),
                                                     request.filter(), request.order_by()));
  v1::ListEscalationTasksResponse response;
  for (v1::EscalationTask& row : page.rows) {
    *response.add_escalation_tasks() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::EscalationTask> EscalationService::TransitTask(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, const std::string& outcome) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::EscalationTask task,
      rpc::Mutate<v1::EscalationTask>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::EscalationTask> {
            // The matter first, as by everybody.
            absl::StatusOr<v1::Escalation> matter =
                book_.table().GetForUpdate(change.session(), ResultOfName(name));
            if (absl::IsNotFound(matter.status())) return status::NotFound(name);
            CHANYAN_RETURN_IF_ERROR(matter.status());
            CHANYAN_ASSIGN_OR_RETURN(
                v1::EscalationTask row,
                book_.tasks().GetForUpdate(change.session(), name,
                                           auth::Writable<v1::EscalationTask>(call.principal)));
            if (!etag.empty() && etag != row.etag()) {
              return rpc::StaleEdit(change.session(), call, etag, row);
            }
            if (!MayAct(call, row, verb)) {
              return status::PermissionDenied(verb == "complete" ? "由承办单位报告完成情况"
                                                                 : "由交办单位或成果处取消");
            }
            const v1::EscalationTask before = row;
            CHANYAN_ASSIGN_OR_RETURN(const auto next,
                                     policy::Next(EscalationTaskLife(), row.state(), verb));
            row.set_state(next);
            row.set_outcome(outcome);
            api::SetTime(change.now(), row.mutable_end_time());
            const auto due = api::DayOf(row.due_date());
            row.set_late(verb == "complete" && due.has_value() && *due < time::DayOf(change.now()));
            CHANYAN_RETURN_IF_ERROR(book_.tasks().Update(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record(verb, &before, &row));
            const v1::Escalation was = *matter;
            matter->set_open_tasks(matter->open_tasks() - 1);
            CHANYAN_RETURN_IF_ERROR(book_.table().Update(change.session(), change.now(), &*matter));
            CHANYAN_RETURN_IF_ERROR(change.Record("task ended", &was, &*matter));
            return row;
          }));
  return Present(call, std::move(task));
}

absl::StatusOr<v1::EscalationTask> EscalationService::CompleteEscalationTask(
    const rpc::Call& call, const v1::CompleteEscalationTaskRequest& request) {
  return TransitTask(call, request, request.name(), request.etag(), "complete", request.outcome());
}

absl::StatusOr<v1::EscalationTask> EscalationService::CancelEscalationTask(
    const rpc::Call& call, const v1::CancelEscalationTaskRequest& request) {
  return TransitTask(call, request, request.name(), request.etag(), "cancel", request.reason());
}

}  // namespace chanyan::triage
