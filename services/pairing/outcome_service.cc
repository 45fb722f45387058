#include "services/pairing/outcome_service.h"

#include "absl/strings/str_cat.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/pairing/outcome_life.h"
#include "services/pairing/outcome_rules.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/record_acts.h"
#include "services/pairing/stored_files.h"

namespace chanyan::pairing {
namespace {

// To the next state, by the side that may.
absl::Status Move(const rpc::Call& call, absl::string_view verb, v1::Outcome* outcome) {
  if (!MayAct(*outcome, verb, call.principal.organization)) {
    return status::PermissionDenied(verb == "confirm" || verb == "dispute"
                                        ? "成效由项目的对方单位确认或提出异议"
                                        : "成效只能由申报单位修改或撤回");
  }
  CHANYAN_ASSIGN_OR_RETURN(const v1::OutcomeState next,
                           policy::Next(OutcomeLife(), outcome->state(), verb));
  outcome->set_state(next);
  return absl::OkStatus();
}

}  // namespace

std::vector<rpc::UnaryMethod> OutcomeService::Methods() {
  using S = OutcomeService;
  return {
      rpc::Unary("GetOutcome", this, &S::GetOutcome),
      rpc::Unary("ListOutcomes", this, &S::ListOutcomes),
      rpc::Unary("CreateOutcome", this, &S::CreateOutcome),
      rpc::Unary("UpdateOutcome", this, &S::UpdateOutcome),
      rpc::Unary("ConfirmOutcome", this, &S::ConfirmOutcome),
      rpc::Unary("DisputeOutcome", this, &S::DisputeOutcome),
      rpc::Unary("WithdrawOutcome", this, &S::WithdrawOutcome),
      rpc::Unary("QueryOutcomes", this, &S::QueryOutcomes),
      rpc::Unary("ExportOutcomes", this, &S::ExportOutcomes),
  };
}

v1::Outcome OutcomeService::Present(const rpc::Call& call, v1::Outcome outcome) const {
  for (std::string& verb : rpc::ActionsOf(call, OutcomeLife(), outcome.state(), "Outcome")) {
    if (MayAct(outcome, verb, call.principal.organization)) outcome.add_actions(std::move(verb));
  }
  return outcome;
}

absl::StatusOr<v1::Outcome> OutcomeService::Shown(const rpc::Call& call,
                                                  v1::Outcome outcome) const {
  CHANYAN_RETURN_IF_ERROR(ShowProjectFiles<v1::Outcome>(deps_.store.db, call, {&outcome}));
  return Present(call, std::move(outcome));
}

absl::StatusOr<v1::Outcome> OutcomeService::GetOutcome(const rpc::Call& call,
                                                       const v1::GetOutcomeRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Outcome outcome,
                           rpc::Fetch(deps_.store.db, call, outcomes_, request.name()));
  return Shown(call, std::move(outcome));
}

absl::StatusOr<v1::ListOutcomesResponse> OutcomeService::ListOutcomes(
    const rpc::Call& call, const v1::ListOutcomesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, outcomes_, request,
                                                     absl::StrCat(request.parent(), "/outcomes"),
                                                     request.filter(), request.order_by()));
  v1::ListOutcomesResponse response;
  for (v1::Outcome& outcome : page.rows) {
    *response.add_outcomes() = Present(call, std::move(outcome));
  }
  CHANYAN_RETURN_IF_ERROR(
      ShowProjectFiles(deps_.store.db, call, RowsOf(response.mutable_outcomes())));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::Status OutcomeService::Check(db::Session& session, absl::Time now,
                                   const v1::Outcome& outcome) const {
  CHANYAN_RETURN_IF_ERROR(
      Refuse(OutcomeViolations(deps_.pack, outcome, time::DayOf(now)), "outcome"));
  if (outcome.reference().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Outcome> same,
      outcomes_.Select(session, {"project = ? AND kind = ? AND reference = ? AND name <> ? AND "
                                 "state <> 'WITHDRAWN'",
                                 {ProjectOfName(outcome.name()), outcome.kind(),
                                  outcome.reference(), outcome.name()}}));
  if (same.empty()) return absl::OkStatus();
  return status::AlreadyExists(same.front().name(),
                               absl::StrCat("本项目已申报编号为“", outcome.reference(), "”的",
                                            outcome.kind(), "（", same.front().name(), "）"));
}

absl::StatusOr<v1::Outcome> OutcomeService::CreateOutcome(const rpc::Call& call,
                                                          const v1::CreateOutcomeRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Outcome outcome,
      rpc::Mutate<v1::Outcome>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Outcome> {
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::Project project,
                LockProject(change.session(), call, projects_, request.parent()));
            if (!IsSigned(project.state())) {
              return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                                "已签约的项目才能申报成效");
            }
            v1::Outcome row = request.outcome();
            ForgetFiles(row.mutable_evidence());
            row.set_name(absl::StrCat(project.name(), "/outcomes/", api::NewShortId()));
            DeclareOutcome(project, call.principal.organization, &row);
            CHANYAN_RETURN_IF_ERROR(Check(change.session(), change.now(), row));
            row.set_measure_unit(FindOutcomeKindByName(deps_.pack, row.kind())->unit());
            if (request.validate_only()) return row;
            CHANYAN_RETURN_IF_ERROR(outcomes_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return Shown(call, std::move(outcome));
}

absl::StatusOr<v1::Outcome> OutcomeService::Transit(const rpc::Call& call,
                                                    const google::protobuf::Message& request,
                                                    const std::string& name,
                                                    const std::string& etag, absl::string_view verb,
                                                    RowEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Outcome outcome,
      rpc::Edit<v1::Outcome>(deps_.store, call, request, outcomes_, name, etag, verb,
                             [&](rpc::Change& change, v1::Outcome& row) -> absl::Status {
                               CHANYAN_RETURN_IF_ERROR(Move(call, verb, &row));
                               return edit(change, row);
                             }));
  return Shown(call, std::move(outcome));
}

absl::StatusOr<v1::Outcome> OutcomeService::UpdateOutcome(const rpc::Call& call,
                                                          const v1::UpdateOutcomeRequest& request) {
  const v1::Outcome& update = request.outcome();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Outcome outcome,
      rpc::Edit<v1::Outcome>(
          deps_.store, call, request, outcomes_, update.name(), update.etag(), "update",
          [&](rpc::Change& change, v1::Outcome& row) -> absl::Status {
            v1::Outcome wanted = row;
            CHANYAN_RETURN_IF_ERROR(Move(call, "update", &wanted));
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
            ForgetFiles(wanted.mutable_evidence());
            CHANYAN_RETURN_IF_ERROR(Check(change.session(), change.now(), wanted));
            wanted.set_measure_unit(FindOutcomeKindByName(deps_.pack, wanted.kind())->unit());
            wanted.clear_dispute_reason();
            if (!request.validate_only()) row = std::move(wanted);
            return absl::OkStatus();
          }));
  return Shown(call, std::move(outcome));
}

absl::StatusOr<v1::Outcome> OutcomeService::ConfirmOutcome(
    const rpc::Call& call, const v1::ConfirmOutcomeRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "confirm",
                 [](rpc::Change& change, v1::Outcome& row) -> absl::Status {
                   api::SetTime(change.now(), row.mutable_confirm_time());
                   row.clear_dispute_reason();
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Outcome> OutcomeService::DisputeOutcome(
    const rpc::Call& call, const v1::DisputeOutcomeRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "dispute",
                 [&](rpc::Change&, v1::Outcome& row) -> absl::Status {
                   row.clear_confirm_time();
                   row.set_dispute_reason(request.reason());
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Outcome> OutcomeService::WithdrawOutcome(
    const rpc::Call& call, const v1::WithdrawOutcomeRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "withdraw",
                 [](rpc::Change&, v1::Outcome&) { return absl::OkStatus(); });
}

absl::StatusOr<google::api::HttpBody> OutcomeService::ExportOutcomes(
    const rpc::Call& call, const v1::ExportOutcomesRequest& request) {
  return ExportRecords<v1::OutcomeRow>(deps_.store, call, outcomes_, request.parent(),
                                       request.filter(), "共建成效");
}

}  // namespace chanyan::pairing
