#include "services/pairing/problem_service.h"

#include "absl/strings/str_cat.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/pairing/problem_life.h"
#include "services/pairing/problem_rules.h"
#include "services/pairing/record_acts.h"

namespace chanyan::pairing {
namespace {

// Problems that are not solved and past their due time.
db::Predicate OverdueProblems(absl::Time now) {
  return {"state IN ('OPEN', 'ASSIGNED', 'ESCALATED') AND due_time <= ?",
          {LatestPastDeadline(now)}};
}

// The unit that is to work on a problem, as the registry has it.
absl::StatusOr<registry::v1::Organization> AssigneeOf(rpc::Peers& peers, const rpc::Call& call,
                                                      const std::string& name) {
  registry::v1::GetOrganizationRequest request;
  request.set_name(name);
  CHANYAN_ASSIGN_OR_RETURN(
      const auto unit, rpc::CallPeer<registry::v1::Organization>(
                           peers, "registry", "chanyan.registry.v1.RegistryService.GetOrganization",
                           request, rpc::AsService(call)));
  const std::string unfit = AssigneeProblem(unit);
  if (!unfit.empty()) return status::InvalidField("assignee", unfit);
  return unit;
}

}  // namespace

std::vector<rpc::UnaryMethod> ProblemService::Methods() {
  using S = ProblemService;
  return {
      rpc::Unary("GetProblem", this, &S::GetProblem),
      rpc::Unary("ListProblems", this, &S::ListProblems),
      rpc::Unary("ListOverdueProblems", this, &S::ListOverdueProblems),
      rpc::Unary("CreateProblem", this, &S::CreateProblem),
      rpc::Unary("AssignProblem", this, &S::AssignProblem),
      rpc::Unary("DeclineProblem", this, &S::DeclineProblem),
      rpc::Unary("ResolveProblem", this, &S::ResolveProblem),
      rpc::Unary("ConfirmProblem", this, &S::ConfirmProblem),
      rpc::Unary("ReopenProblem", this, &S::ReopenProblem),
      rpc::Unary("EscalateProblem", this, &S::EscalateProblem),
      rpc::Unary("WithdrawProblem", this, &S::WithdrawProblem),
      rpc::Unary("ExportOverdueProblems", this, &S::ExportOverdueProblems),
      rpc::Unary("ExportProblems", this, &S::ExportProblems),
  };
}

v1::Problem ProblemService::Present(const rpc::Call& call, v1::Problem problem) const {
  problem.set_overdue(IsUnsolved(problem.state()) && problem.has_due_time() &&
                      time::IsPastDeadline(deps_.store.clock.Now(), TimeIn(problem.due_time())));
  if (auth::Reaches(call.principal, problem, options::v1::ACCESS_WRITE)) {
    for (std::string& verb : rpc::ActionsOf(call, ProblemLife(), problem.state(), "Problem")) {
      if (MayAct(problem, verb, ActorOf(call.principal))) problem.add_actions(std::move(verb));
    }
  }
  return problem;
}

absl::StatusOr<v1::Problem> ProblemService::GetProblem(const rpc::Call& call,
                                                       const v1::GetProblemRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Problem problem,
                           rpc::Fetch(deps_.store.db, call, book_.table(), request.name()));
  return Present(call, std::move(problem));
}

absl::StatusOr<v1::ListProblemsResponse> ProblemService::ListProblems(
    const rpc::Call& call, const v1::ListProblemsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, book_.table(), request,
                                                     absl::StrCat(request.parent(), "/problems"),
                                                     request.filter(), request.order_by()));
  v1::ListProblemsResponse response;
  for (v1::Problem& problem : page.rows) {
    *response.add_problems() = Present(call, std::move(problem));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListOverdueProblemsResponse> ProblemService::ListOverdueProblems(
    const rpc::Call& call, const v1::ListOverdueProblemsRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  CHANYAN_ASSIGN_OR_RETURN(auto page, PageWhere(deps_.store.db, call, book_.table(), request,
                                                OverdueProblems(now), "due_time"));
  v1::ListOverdueProblemsResponse response;
  for (v1::Problem& problem : page.rows) {
    *response.add_problems() = Present(call, std::move(problem));
  }
  response.set_next_page_token(page.next_page_token);
  api::SetTime(now, response.mutable_as_of());
  return response;
}

absl::StatusOr<v1::Problem> ProblemService::CreateProblem(const rpc::Call& call,
                                                          const v1::CreateProblemRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Problem problem,
      rpc::Mutate<v1::Problem>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Problem> {
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::Project project,
                LockProject(change.session(), call, projects_, request.parent()));
            v1::Problem row = request.problem();
            row.set_name(absl::StrCat(project.name(), "/problems/", api::NewShortId()));
            row.set_origin(v1::PROBLEM_ORIGIN_RAISED);
            row.set_raised_by(call.principal.organization);
            CHANYAN_RETURN_IF_ERROR(book_.Raise(change, project, request.validate_only(), &row));
            return row;
          }));
  return Present(call, std::move(problem));
}

absl::StatusOr<v1::Problem> ProblemService::Transit(const rpc::Call& call,
                                                    const google::protobuf::Message& request,
                                                    const std::string& name,
                                                    const std::string& etag, absl::string_view verb,
                                                    absl::string_view reason, RowEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Problem problem,
      rpc::Edit<v1::Problem>(
          deps_.store, call, request, book_.table(), name, etag, verb,
          [&](rpc::Change& change, v1::Problem& row) -> absl::Status {
            if (!MayAct(row, verb, ActorOf(call.principal))) {
              return status::PermissionDenied(WhoMayAct(verb));
            }
            CHANYAN_ASSIGN_OR_RETURN(const v1::ProblemState next,
                                     policy::Next(ProblemLife(), row.state(), verb));
            row.set_state(next);
            CHANYAN_RETURN_IF_ERROR(edit(change, row));
            AddStep(change.now(), verb, call.principal.organization, reason, &row);
            return absl::OkStatus();
          }));
  return Present(call, std::move(problem));
}

absl::StatusOr<v1::Problem> ProblemService::AssignProblem(const rpc::Call& call,
                                                          const v1::AssignProblemRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Organization unit,
                           AssigneeOf(deps_.peers, call, request.assignee()));
  const std::string words =
      AssignmentInWords(unit.display_name(), request.owner(), request.instruction());
  return Transit(call, request, request.name(), request.etag(), "assign", words,
                 [&](rpc::Change& change, v1::Problem& row) -> absl::Status {
                   CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {unit.name()}));
                   CHANYAN_ASSIGN_OR_RETURN(
                       const policy::Term term,
                       TermOf(deps_.pack, time::DayOf(change.now()),
                              request.has_due_date() ? &request.due_date() : nullptr));
                   row.set_assignee(unit.name());
                   row.set_assignee_title(unit.display_name());
                   row.set_owner(request.owner());
                   return book_.SetTerm(change.session(), change.now(), term, &row);
                 });
}

absl::StatusOr<v1::Problem> ProblemService::DeclineProblem(
    const rpc::Call& call, const v1::DeclineProblemRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "decline", request.reason(),
                 [](rpc::Change&, v1::Problem& row) -> absl::Status {
                   // The term runs on: nobody gains time by giving it back.
                   row.clear_assignee();
                   row.clear_assignee_title();
                   row.clear_owner();
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Problem> ProblemService::ResolveProblem(
    const rpc::Call& call, const v1::ResolveProblemRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "resolve", request.resolution(),
                 [&](rpc::Change& change, v1::Problem& row) -> absl::Status {
                   row.set_resolution(request.resolution());
                   api::SetTime(change.now(), row.mutable_resolve_time());
                   return ClearAlarms(change.session(), row.name());
                 });
}

absl::StatusOr<v1::Problem> ProblemService::ConfirmProblem(
    const rpc::Call& call, const v1::ConfirmProblemRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "confirm", "",
                 [](rpc::Change&, v1::Problem&) { return absl::OkStatus(); });
}

absl::StatusOr<v1::Problem> ProblemService::ReopenProblem(const rpc::Call& call,
                                                          const v1::ReopenProblemRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "reopen", request.reason(),
                 [&](rpc::Change& change, v1::Problem& row) -> absl::Status {
                   row.clear_assignee();
                   row.clear_assignee_title();
                   row.clear_owner();
                   row.clear_resolution();
                   row.clear_resolve_time();
                   CHANYAN_ASSIGN_OR_RETURN(const policy::Term term,
                                            LatestTermOf(deps_.pack, time::DayOf(change.now())));
                   return book_.SetTerm(change.session(), change.now(), term, &row);
                 });
}

absl::StatusOr<v1::Problem> ProblemService::EscalateProblem(
    const rpc::Call& call, const v1::EscalateProblemRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Problem problem,
      rpc::Edit<v1::Problem>(
          deps_.store, call, request, book_.table(), request.name(), request.etag(), "escalate",
          [&](rpc::Change& change, v1::Problem& row) -> absl::Status {
            if (!MayAct(row, "escalate", ActorOf(call.principal))) {
              return status::PermissionDenied(WhoMayAct("escalate"));
            }
            CHANYAN_RETURN_IF_ERROR(policy::Next(ProblemLife(), row.state(), "escalate").status());
            if (row.state() == v1::PROBLEM_STATE_ESCALATED &&
                !HasLevelAbove(deps_.pack, row.escalation_level())) {
              return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                                "问题已提到最高一级，不能再提级");
            }
            return book_.Escalate(change.session(), change.now(), call.principal.organization,
                                  request.reason(), &row);
          }));
  return Present(call, std::move(problem));
}

absl::StatusOr<v1::Problem> ProblemService::WithdrawProblem(
    const rpc::Call& call, const v1::WithdrawProblemRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "withdraw", request.reason(),
                 [](rpc::Change& change, v1::Problem& row) {
                   return ClearAlarms(change.session(), row.name());
                 });
}

absl::StatusOr<google::api::HttpBody> ProblemService::ExportOverdueProblems(
    const rpc::Call& call, const v1::ExportOverdueProblemsRequest& request) {
  return ExportWhere<v1::ProblemRow>(deps_.store, call, book_.table(),
                                     OverdueProblems(deps_.store.clock.Now()), request.filter(),
                                     "due_time, name", "逾期未解决的痛点难点");
}

absl::StatusOr<google::api::HttpBody> ProblemService::ExportProblems(
    const rpc::Call& call, const v1::ExportProblemsRequest& request) {
  return ExportRecords<v1::ProblemRow>(deps_.store, call, book_.table(), request.parent(),
                                       request.filter(), "痛点难点");
}

}  // namespace chanyan::pairing
