#include "services/consortium/evaluation_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/consortium/construction_book.h"
#include "services/consortium/evaluation_rules.h"
#include "services/consortium/parties.h"
#include "services/consortium/supervision_life.h"

namespace chanyan::consortium {
namespace {

// What was reported of progress, as of now.
absl::Status TakeReports(rpc::Change& change, v1::Evaluation* evaluation) {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::EvaluationReport> reports,
                           ReportsFound(change.session(), ConsortiumOfName(evaluation->name())));
  evaluation->clear_reports();
  for (v1::EvaluationReport& one : reports) *evaluation->add_reports() = std::move(one);
  return absl::OkStatus();
}

v1::Evaluation Shown(v1::Evaluation row) {
  row.clear_actions();
  for (const absl::string_view verb : policy::VerbsFrom(EvaluationLife(), row.state())) {
    row.add_actions(std::string(verb));
  }
  return row;
}

}  // namespace

std::vector<rpc::UnaryMethod> EvaluationService::Methods() {
  using S = EvaluationService;
  return {
      rpc::Unary("CreateEvaluation", this, &S::CreateEvaluation),
      rpc::Unary("UpdateEvaluation", this, &S::UpdateEvaluation),
      rpc::Unary("ConcludeEvaluation", this, &S::ConcludeEvaluation),
      rpc::Unary("ListEvaluations", this, &S::ListEvaluations),
  };
}

absl::StatusOr<v1::Evaluation> EvaluationService::CreateEvaluation(
    const rpc::Call& call, const v1::CreateEvaluationRequest& request) {
  return rpc::Mutate<v1::Evaluation>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Evaluation> {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium row,
                                 deps_.book.Lock(change, call, request.parent()));
        if (!In(row.state(), kInForce)) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                           "”，绩效评价只对备案有效的创新联合体开展"));
        }
        v1::Evaluation evaluation = request.evaluation();
        CHANYAN_RETURN_IF_ERROR(
            Refuse(ScoreViolations(deps_.pack, evaluation, /*whole=*/false), "evaluation"));
        CHANYAN_ASSIGN_OR_RETURN(
            const int64_t open,
            evaluations_.Count(change.session(), {"open_consortium = ?", {row.name()}}));
        if (open > 0) {
          return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                            "已有一次绩效评价正在进行");
        }
        evaluation.set_name(absl::StrCat(row.name(), "/evaluations/", api::NewShortId()));
        evaluation.set_state(v1::EVALUATION_STATE_OPEN);
        CopyParties(row, &evaluation);
        CHANYAN_RETURN_IF_ERROR(TakeReports(change, &evaluation));
        CHANYAN_RETURN_IF_ERROR(evaluations_.Insert(change.session(), change.now(), &evaluation));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &evaluation));
        return Shown(std::move(evaluation));
      });
}

absl::StatusOr<v1::Evaluation> EvaluationService::UpdateEvaluation(
    const rpc::Call& call, const v1::UpdateEvaluationRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Evaluation row,
      rpc::Edit<v1::Evaluation>(
          deps_.store, call, request, evaluations_, request.evaluation().name(),
          request.evaluation().etag(), "updated",
          [&](rpc::Change& change, v1::Evaluation& evaluation) -> absl::Status {
            CHANYAN_RETURN_IF_ERROR(
                policy::Next(EvaluationLife(), evaluation.state(), "update").status());
            CHANYAN_RETURN_IF_ERROR(TakeReports(change, &evaluation));
            CHANYAN_RETURN_IF_ERROR(
                api::ApplyMask(request.update_mask(), request.evaluation(), &evaluation));
            return Refuse(ScoreViolations(deps_.pack, evaluation, /*whole=*/false), "evaluation");
          }));
  return Shown(std::move(row));
}

absl::StatusOr<v1::Evaluation> EvaluationService::ConcludeEvaluation(
    const rpc::Call& call, const v1::ConcludeEvaluationRequest& request) {
  return rpc::Mutate<v1::Evaluation>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Evaluation> {
        const auto dossier = deps_.book.Lock(change, call, ConsortiumOfName(request.name()));
        if (absl::IsNotFound(dossier.status())) return status::NotFound(request.name());
        CHANYAN_RETURN_IF_ERROR(dossier.status());
        CHANYAN_ASSIGN_OR_RETURN(
            v1::Evaluation evaluation,
            evaluations_.GetForUpdate(change.session(), request.name(),
                                      auth::Writable<v1::Evaluation>(call.principal)));
        CHANYAN_RETURN_IF_ERROR(
            api::CheckEtag(request.etag(), evaluation.etag(), evaluation.name()));
        CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
        CHANYAN_ASSIGN_OR_RETURN(const v1::EvaluationState next,
                                 policy::Next(EvaluationLife(), evaluation.state(), "conclude"));
        CHANYAN_RETURN_IF_ERROR(
            Refuse(ScoreViolations(deps_.pack, evaluation, /*whole=*/true), "evaluation"));
        const v1::Evaluation before = evaluation;
        CHANYAN_RETURN_IF_ERROR(TakeReports(change, &evaluation));
        Graded graded = GradeOf(deps_.pack, evaluation);
        evaluation.set_state(next);
        evaluation.set_total(graded.total);
        evaluation.set_grade(graded.grade);
        evaluation.set_derivation(graded.derivation);
        api::SetTime(change.now(), evaluation.mutable_conclude_time());
        CHANYAN_RETURN_IF_ERROR(evaluations_.Update(change.session(), change.now(), &evaluation));
        CHANYAN_RETURN_IF_ERROR(change.Record("conclude", &before, &evaluation));
        // What the parties are told, and what their filing package holds; also of those that were
        // concluded before dossiers said so.
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Evaluation> concluded,
            evaluations_.Select(change.session(),
                                db::And(Below(dossier->name()), {"state = 'CONCLUDED'", {}}),
                                "conclude_time, name FOR UPDATE"));
        v1::Consortium row = *dossier;
        row.clear_evaluation_results();
        for (const v1::Evaluation& one : concluded) {
          *row.add_evaluation_results() = EvaluationResultOf(one);
        }
        CHANYAN_RETURN_IF_ERROR(deps_.book.Save(change, "evaluated", *dossier, &row));
        // 对于评价结果不合格的，取消备案资格. One that has ended meanwhile is cancelled no more.
        const bool fails = graded.grade == v1::EVALUATION_GRADE_UNQUALIFIED;
        if (!fails || !In(row.state(), kInForce)) return evaluation;
        CHANYAN_ASSIGN_OR_RETURN(const Actor actor, ActorOf(call, row));
        CHANYAN_RETURN_IF_ERROR(deps_.book.Step(
            change, actor, "cancel", absl::StrCat("绩效评价不合格：", graded.derivation), &row));
        return evaluation;
      });
}

absl::StatusOr<v1::ListEvaluationsResponse> EvaluationService::ListEvaluations(
    const rpc::Call& call, const v1::ListEvaluationsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, evaluations_, request,
                                                     absl::StrCat(request.parent(), "/evaluations"),
                                                     request.filter(), request.order_by()));
  v1::ListEvaluationsResponse response;
  for (v1::Evaluation& row : page.rows) *response.add_evaluations() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::consortium
