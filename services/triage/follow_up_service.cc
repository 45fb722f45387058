#include "services/triage/follow_up_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/triage/contract_texts.h"
#include "services/triage/export_rows.h"
#include "services/triage/follow_up_rules.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/result_life.h"
#include "services/triage/result_log.h"

namespace chanyan::triage {

namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

// An error in a filter, as one in the field that the caller wrote it in.
absl::Status OfResultFilter(const absl::Status& wrong) {
  std::vector<status::Violation> violations = status::ViolationsOf(wrong);
  if (violations.empty()) return wrong;
  for (status::Violation& one : violations) {
    if (one.field == "filter") one.field = "result_filter";
  }
  return status::InvalidFields(std::move(violations), status::ReasonOf(wrong));
}

}  // namespace

std::vector<rpc::UnaryMethod> FollowUpService::Methods() {
  using S = FollowUpService;
  return {
      rpc::Unary("GetFollowUp", this, &S::GetFollowUp),
      rpc::Unary("ListFollowUps", this, &S::ListFollowUps),
      rpc::Unary("CreateFollowUp", this, &S::CreateFollowUp),
      rpc::Unary("VoidFollowUp", this, &S::VoidFollowUp),
      rpc::Unary("QueryFunnel", this, &S::QueryFunnel),
      rpc::Unary("ListStageEntries", this, &S::ListStageEntries),
      rpc::Unary("ExportFollowUps", this, &S::ExportFollowUps),
  };
}

v1::FollowUp FollowUpService::Present(const rpc::Call& call, v1::FollowUp row) const {
  WriteContractTexts(&row);
  if (row.state() == v1::FOLLOW_UP_STATE_RECORDED &&
      auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
    row.add_actions("void");
  }
  return row;
}

absl::StatusOr<v1::FollowUp> FollowUpService::GetFollowUp(const rpc::Call& call,
                                                          const v1::GetFollowUpRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::FollowUp row,
                           rpc::Fetch(deps_.store.db, call, follow_ups_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<db::Predicate> FollowUpService::OfResults(const rpc::Call& call,
                                                         absl::string_view result_filter) const {
  if (result_filter.empty()) return db::Predicate::Everything();
  absl::StatusOr<db::Predicate> parsed = book_.table().core().Where(result_filter);
  if (!parsed.ok()) return OfResultFilter(parsed.status());
  db::Predicate wanted = db::And(*std::move(parsed), auth::Readable<v1::Result>(call.principal));
  wanted.sql = absl::StrCat("result IN (SELECT name FROM result WHERE ", wanted.sql, ")");
  return wanted;
}

absl::StatusOr<v1::ListFollowUpsResponse> FollowUpService::ListFollowUps(
    const rpc::Call& call, const v1::ListFollowUpsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, FetchOfResults(call, follow_ups_, request, "followUps"));
  v1::ListFollowUpsResponse response;
  for (v1::FollowUp& row : page.rows) *response.add_follow_ups() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::Status FollowUpService::CheckRegistration(rpc::Change& change, const rpc::Call& call,
                                                const v1::FollowUp& row) const {
  if (row.kind() != v1::FOLLOW_UP_KIND_REGISTRATION) return absl::OkStatus();
  const absl::StatusOr<v1::FollowUp> contract =
      follow_ups_.GetForUpdate(change.session(), row.contract_follow_up());
  if (absl::IsNotFound(contract.status()) ||
      (contract.ok() && (ResultOfName(contract->name()) != ResultOfName(row.name()) ||
                         contract->kind() != v1::FOLLOW_UP_KIND_CONTRACT ||
                         contract->state() != v1::FOLLOW_UP_STATE_RECORDED))) {
    return status::InvalidField("follow_up.contract_follow_up", "应为本成果的一份有效技术合同记录");
  }
  CHANYAN_RETURN_IF_ERROR(contract.status());
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::FollowUp> taken,
      follow_ups_.Select(change.session(),
                         {"kind = 'REGISTRATION' AND state = 'RECORDED' AND "
                          "(registration_number = ? OR contract_follow_up = ?)",
                          {row.registration_number(), row.contract_follow_up()}}));
  if (taken.empty()) return absl::OkStatus();
  // Another team's log is named to nobody who does not read it.
  const bool seen = auth::Reaches(call.principal, taken.front(), options::v1::ACCESS_READ);
  return status::AlreadyExists(
      seen ? absl::string_view(taken.front().name()) : "",
      taken.front().registration_number() == row.registration_number()
          ? absl::StrCat("登记编号“", row.registration_number(), "”已经登记过")
          : absl::StrCat("该合同已登记，编号“", taken.front().registration_number(), "”"));
}

absl::StatusOr<v1::FollowUp> FollowUpService::CreateFollowUp(
    const rpc::Call& call, const v1::CreateFollowUpRequest& request) {
  v1::FollowUp wanted = request.follow_up();
  TakeNames(deps_.pack.pack(), &wanted);
  CHANYAN_RETURN_IF_ERROR(
      Refuse(FollowUpViolations(deps_.pack.pack(), wanted, time::DayOf(deps_.store.clock.Now())),
             "follow_up"));
  if (wanted.has_company() && !wanted.company().organization().empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const auto company,
                             OrganizationOf(deps_, call, wanted.company().organization(),
                                            "follow_up.company.organization"));
    if (company.unified_social_credit_code() != wanted.company().code()) {
      return status::InvalidField(
          "follow_up.company.code",
          absl::StrCat("与名录中“", company.display_name(), "”的统一社会信用代码不一致"));
    }
  }
  CHANYAN_ASSIGN_OR_RETURN(
      v1::FollowUp follow_up,
      rpc::Mutate<v1::FollowUp>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::FollowUp> {
            CHANYAN_ASSIGN_OR_RETURN(v1::Result result, book_.Lock(change, call, request.parent()));
            if (!IsOpen(result.state())) {
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                                "已撤回或已合并的成果不再登记跟踪");
            }
            v1::FollowUp row = wanted;
            row.set_name(absl::StrCat(result.name(), "/followUps/", api::NewShortId()));
            row.set_state(v1::FOLLOW_UP_STATE_RECORDED);
            row.set_amount_yuan(AmountOf(row));
            row.set_author(call.principal.account);
            row.set_organization(call.principal.organization);
            CopyParties(result, &row);
            CHANYAN_RETURN_IF_ERROR(CheckRegistration(change, call, row));
            if (request.validate_only()) return row;
            const v1::Result before = result;
            CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::FollowUp> log,
                                     CountedLog(change.session(), result.name()));
            CHANYAN_RETURN_IF_ERROR(follow_ups_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            if (call.principal.organization == result.holder()) {
              ResultBook::Act(change.now(), &result);
            }
            CHANYAN_RETURN_IF_ERROR(book_.Reach(change, StageOf(row.kind()), &result));
            log.push_back(row);
            CHANYAN_RETURN_IF_ERROR(book_.Conclude(change, IsConcluded(log), &result));
            CHANYAN_RETURN_IF_ERROR(book_.Save(change, "followed up", before, &result));
            return row;
          }));
  return Present(call, std::move(follow_up));
}

v1::FunnelStage FollowUpService::StageLeft(const v1::Result& result,
                                           const std::vector<v1::FollowUp>& log) {
  v1::FunnelStage stage = v1::FUNNEL_STAGE_COLLECTED;
  if (!result.disposition().empty()) stage = v1::FUNNEL_STAGE_CLASSIFIED;
  if (!result.recipients().empty()) stage = v1::FUNNEL_STAGE_PUSHED;
  for (const v1::FollowUp& row : log) stage = std::max(stage, StageOf(row.kind()));
  return stage;
}

absl::StatusOr<v1::FollowUp> FollowUpService::VoidFollowUp(const rpc::Call& call,
                                                           const v1::VoidFollowUpRequest& request) {
  return rpc::Mutate<v1::FollowUp>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::FollowUp> {
        absl::StatusOr<v1::Result> result = book_.LockAny(change, ResultOfName(request.name()));
        if (absl::IsNotFound(result.status())) return status::NotFound(request.name());
        CHANYAN_RETURN_IF_ERROR(result.status());
        CHANYAN_ASSIGN_OR_RETURN(
            v1::FollowUp row,
            follow_ups_.GetForUpdate(change.session(), request.name(),
                                     auth::Writable<v1::FollowUp>(call.principal)));
        if (!request.etag().empty() && request.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, request.etag(), row);
        }
        if (row.state() != v1::FOLLOW_UP_STATE_RECORDED) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "该记录已作废");
        }
        CHANYAN_ASSIGN_OR_RETURN(
            const int64_t registrations,
            follow_ups_.Count(change.session(),
                              {"result = ? AND contract_follow_up = ? AND state = 'RECORDED'",
                               {result->name(), row.name()}}));
        if (registrations > 0) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                            "该合同已认定登记，请先作废登记记录");
        }
        const v1::FollowUp before = row;
        row.set_state(v1::FOLLOW_UP_STATE_VOIDED);
        row.set_void_reason(request.reason());
        CHANYAN_RETURN_IF_ERROR(follow_ups_.Update(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("voided", &before, &row));
        const v1::Result was = *result;
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::FollowUp> log,
                                 CountedLog(change.session(), result->name()));
        CHANYAN_RETURN_IF_ERROR(book_.FallBack(change, StageLeft(*result, log), &*result));
        CHANYAN_RETURN_IF_ERROR(book_.Conclude(change, IsConcluded(log), &*result));
        CHANYAN_RETURN_IF_ERROR(book_.Save(change, "follow-up voided", was, &*result));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<google::api::HttpBody> FollowUpService::ExportFollowUps(
    const rpc::Call& call, const v1::ExportFollowUpsRequest& request) {
  std::vector<v1::FollowUp> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted, follow_ups_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate of, OfResults(call, request.result_filter()));
        wanted = db::And(db::And(std::move(wanted), Below(request.parent())), of);
        CHANYAN_ASSIGN_OR_RETURN(
            rows, ExportRows(session, follow_ups_,
                             db::And(auth::Readable<v1::FollowUp>(call.principal), wanted)));
        return absl::OkStatus();
      }));
  for (v1::FollowUp& row : rows) WriteContractTexts(&row);
  return rpc::ExportSheet<v1::FollowUp>("跟踪记录", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::triage
