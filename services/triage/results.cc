// Handlers of results, but for sheets.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/db/predicate.h"
#include "common/policy/verdict.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/triage/broker_rules.h"
#include "services/triage/library_keys.h"
#include "services/triage/library_rules.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/result_life.h"
#include "services/triage/result_log.h"
#include "services/triage/result_service.h"
#include "services/triage/result_texts.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

absl::Status CheckEditable(const rpc::Call& call, const v1::Result& row) {
  if (!IsOpen(row.state())) {
    return status::FailedPrecondition(
        ERROR_REASON_WRONG_STATE,
        absl::StrCat("当前状态为“", policy::LabelOf(row.state()), "”，不能修改"));
  }
  if (row.state() == v1::RESULT_STATE_SUBMITTED && !IsInside(call)) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                      "审核中的成果须等待审核结果，不能修改");
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<rpc::UnaryMethod> ResultService::Methods() {
  using S = ResultService;
  return {
      rpc::Unary("GetResult", this, &S::GetResult),
      rpc::Unary("ListResults", this, &S::ListResults),
      rpc::Unary("CreateResult", this, &S::CreateResult),
      rpc::Unary("UpdateResult", this, &S::UpdateResult),
      rpc::Unary("SubmitResult", this, &S::SubmitResult),
      rpc::Unary("PublishResult", this, &S::PublishResult),
      rpc::Unary("ReturnResult", this, &S::ReturnResult),
      rpc::Unary("WithdrawResult", this, &S::WithdrawResult),
      rpc::Unary("MergeResult", this, &S::MergeResult),
      rpc::Unary("AssignTeam", this, &S::AssignTeam),
      rpc::Unary("ListResultRevisions", this, &S::ListResultRevisions),
      rpc::Unary("ListResultDuplicates", this, &S::ListResultDuplicates),
      rpc::Unary("ListQuarantinedTexts", this, &S::ListQuarantinedTexts),
      rpc::Unary("ImportResults", this, &S::ImportResults),
      rpc::Unary("ExportResults", this, &S::ExportResults),
  };
}

v1::Result ResultService::Present(const rpc::Call& call, v1::Result row) const {
  WriteTexts(deps_.pack, &row);
  if (auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
    for (std::string& verb : rpc::ActionsOf(call, ResultLife(), row.state(), "Result")) {
      row.add_actions(std::move(verb));
    }
  }
  return row;
}

void ResultService::NoteAct(const rpc::Call& call, absl::Time now, v1::Result* row) const {
  if (call.principal.organization == row->holder()) ResultBook::Act(now, row);
}

absl::StatusOr<v1::Result> ResultService::GetResult(const rpc::Call& call,
                                                    const v1::GetResultRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Result row,
                           rpc::Fetch(deps_.store.db, call, book_.table(), request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListResultsResponse> ResultService::ListResults(
    const rpc::Call& call, const v1::ListResultsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, book_.table(), request,
                                                     "", request.filter(), request.order_by()));
  v1::ListResultsResponse response;
  for (v1::Result& row : page.rows) *response.add_results() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<Holder> ResultService::FirstHolder(rpc::Change& change, const rpc::Call& call,
                                                  const std::string& caller_title,
                                                  const v1::Result& row) const {
  if (!IsInside(call)) {
    const std::string& agency = row.agency().empty() ? row.office() : row.agency();
    const policy::v1::TriageUnit* unit = deps_.pack.FindOrganization(agency);
    return Holder{agency, unit == nullptr ? agency : unit->display_name(), ""};
  }
  Holder holder = {call.principal.organization, caller_title, ""};
  if (!call.principal.Has(options::v1::ROLE_BROKER)) return holder;
  const db::Table<v1::Broker> brokers;
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Broker> found,
      brokers.Select(change.session(),
                     {"account = ? AND organization = ? AND state = 'ACTIVE'",
                      {call.principal.account, holder.organization}},
                     // So that whoever leaves at the same time leaves nothing behind.
                     db::kByNameLocked));
  if (found.empty()) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_RULE_VIOLATED,
                                      "尚未登记为本机构的技术经纪人，不能承接成果");
  }
  CHANYAN_RETURN_IF_ERROR(RequireQualified(deps_.pack, found.front(), time::DayOf(change.now())));
  holder.broker = found.front().name();
  return holder;
}

absl::Status ResultService::Place(rpc::Change& change, const registry::v1::Organization& owner,
                                  v1::Result* row) const {
  row->set_university(owner.name());
  row->set_university_title(owner.display_name());
  CHANYAN_ASSIGN_OR_RETURN(const v1::ServiceTeam team,
                           book_.TeamServing(change.session(), owner.display_name()));
  book_.SetTeam(team.name().empty() ? nullptr : &team, row);
  return absl::OkStatus();
}

absl::StatusOr<v1::Result> ResultService::CreateResult(const rpc::Call& call,
                                                       const v1::CreateResultRequest& request) {
  v1::Result wanted = request.result();
  if (!IsInside(call)) {
    if (!wanted.university().empty() && wanted.university() != call.principal.organization) {
      return status::InvalidField("result.university", "只能录入本单位的成果");
    }
    wanted.set_university(call.principal.organization);
  }
  CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Organization owner,
                           OrganizationOf(deps_, call, wanted.university(), "result.university"));
  if (!MayHaveResults(owner.kind())) {
    return status::InvalidField(
        "result.university",
        absl::StrCat("“", owner.display_name(), "”不是高校、科研机构或企业，不能作为成果单位"));
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::string caller_title,
                           TitleOf(deps_, call, call.principal.organization));
  const std::vector<Finding> findings = quarantine_.Clean(kResultTexts, &wanted);
  UsePackNames(deps_.pack, &wanted);
  CHANYAN_RETURN_IF_ERROR(Refuse(ResultViolations(deps_.pack, wanted), "result"));
  if (IsEnterpriseOnly(call)) {
    CHANYAN_RETURN_IF_ERROR(Refuse(EnterpriseViolations(deps_.pack, wanted), "result"));
  }
  return rpc::Mutate<v1::Result>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Result> {
        CHANYAN_RETURN_IF_ERROR(
            rpc::RefuseSucceeded(change.session(), {owner.name(), call.principal.organization}));
        v1::Result row = wanted;
        row.set_name(absl::StrCat("results/", api::NewShortId()));
        row.set_state(v1::RESULT_STATE_DRAFT);
        CHANYAN_RETURN_IF_ERROR(Place(change, owner, &row));
        CHANYAN_ASSIGN_OR_RETURN(const Holder holder, FirstHolder(change, call, caller_title, row));
        CHANYAN_RETURN_IF_ERROR(RefuseTwin(change.session(), book_.table(), row,
                                           row.university_title(),
                                           auth::Readable<v1::Result>(call.principal)));
        if (request.validate_only()) return Present(call, row);
        CHANYAN_ASSIGN_OR_RETURN(const auto notes,
                                 quarantine_.Keep(change, row.name(), row.university(), findings));
        AddNotes(notes, row.mutable_text_notes());
        std::vector<v1::Result> rows = {std::move(row)};
        CHANYAN_RETURN_IF_ERROR(book_.Begin(change, holder, &rows));
        return Present(call, std::move(rows.front()));
      });
}

absl::StatusOr<v1::Result> ResultService::UpdateResult(const rpc::Call& call,
                                                       const v1::UpdateResultRequest& request) {
  const v1::Result& update = request.result();
  return rpc::Mutate<v1::Result>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Result> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Result row, book_.Lock(change, call, update.name()));
        if (!update.etag().empty() && update.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, update.etag(), row);
        }
        CHANYAN_RETURN_IF_ERROR(CheckEditable(call, row));
        const v1::Result before = row;
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &row));
        const std::vector<Finding> findings = quarantine_.Clean(kResultTexts, &row);
        UsePackNames(deps_.pack, &row);
        CHANYAN_RETURN_IF_ERROR(Refuse(ResultViolations(deps_.pack, row), "result"));
        if (IsEnterpriseOnly(call)) {
          CHANYAN_RETURN_IF_ERROR(Refuse(EnterpriseViolations(deps_.pack, row), "result"));
        }
        CHANYAN_RETURN_IF_ERROR(RefuseTwin(change.session(), book_.table(), row,
                                           row.university_title(),
                                           auth::Readable<v1::Result>(call.principal)));
        if (request.validate_only()) return Present(call, row);
        CHANYAN_ASSIGN_OR_RETURN(const auto notes,
                                 quarantine_.Keep(change, row.name(), row.university(), findings));
        AddNotes(notes, row.mutable_text_notes());
        CHANYAN_RETURN_IF_ERROR(
            WriteContent(change, call, request.override_reason(), before, &row, "updated"));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::Result> ResultService::Transit(const rpc::Call& call,
                                                  const google::protobuf::Message& request,
                                                  const std::string& name, const std::string& etag,
                                                  absl::string_view verb, RowEdit edit) {
  return rpc::Mutate<v1::Result>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Result> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Result row, book_.Lock(change, call, name));
        if (!etag.empty() && etag != row.etag()) {
          return rpc::StaleEdit(change.session(), call, etag, row);
        }
        const v1::Result before = row;
        CHANYAN_ASSIGN_OR_RETURN(const v1::ResultState next,
                                 policy::Next(ResultLife(), row.state(), verb));
        row.set_state(next);
        NoteAct(call, change.now(), &row);
        CHANYAN_RETURN_IF_ERROR(edit(change, row));
        CHANYAN_RETURN_IF_ERROR(book_.Save(change, verb, before, &row));
        if (verb == "publish") {
          CHANYAN_RETURN_IF_ERROR(WriteRevision(change, call, v1::Result(), row));
        }
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::Result> ResultService::SubmitResult(const rpc::Call& call,
                                                       const v1::SubmitResultRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "submit",
                 [](rpc::Change&, v1::Result& row) -> absl::Status {
                   row.clear_return_reason();
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Result> ResultService::PublishResult(const rpc::Call& call,
                                                        const v1::PublishResultRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "publish",
      [&](rpc::Change& change, v1::Result& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {row.university()}));
        policy::v1::Verdicts verdicts = policy::Evaluate(
            deps_.pack.pack(), policy::v1::DECISION_RESULT_PUBLISH, PublishFacts(row));
        CHANYAN_RETURN_IF_ERROR(policy::SetAside(deps_.pack.pack(), call.principal.roles,
                                                 request.override_reason(), verdicts));
        CHANYAN_RETURN_IF_ERROR(policy::RequireSatisfied(verdicts));
        *row.mutable_publish_verdicts() = std::move(verdicts);
        row.set_revision(row.revision() + 1);
        api::SetTime(change.now(), row.mutable_publish_time());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Result> ResultService::ReturnResult(const rpc::Call& call,
                                                       const v1::ReturnResultRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "return",
                 [&](rpc::Change&, v1::Result& row) -> absl::Status {
                   row.set_return_reason(request.reason());
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Result> ResultService::WithdrawResult(const rpc::Call& call,
                                                         const v1::WithdrawResultRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "withdraw",
                 [&](rpc::Change& change, v1::Result& row) -> absl::Status {
                   row.set_return_reason(request.reason());
                   return book_.End(change, absl::StrCat("成果已撤回：", request.reason()), &row);
                 });
}

absl::StatusOr<v1::Result> ResultService::MergeResult(const rpc::Call& call,
                                                      const v1::MergeResultRequest& request) {
  if (request.into() == request.name()) {
    return status::InvalidField("into", "不能并入成果自身");
  }
  return rpc::Mutate<v1::Result>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Result> {
        // Two at once lock in one order.
        const auto [first, second] = std::minmax(request.name(), request.into());
        CHANYAN_RETURN_IF_ERROR(book_.Lock(change, call, first).status());
        CHANYAN_RETURN_IF_ERROR(book_.Lock(change, call, second).status());
        CHANYAN_ASSIGN_OR_RETURN(v1::Result row, book_.Lock(change, call, request.name()));
        CHANYAN_ASSIGN_OR_RETURN(v1::Result into, book_.Lock(change, call, request.into()));
        if (!request.etag().empty() && request.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, request.etag(), row);
        }
        if (!IsOpen(into.state())) {
          return status::FailedPrecondition(
              ERROR_REASON_WRONG_STATE,
              absl::StrCat("“", into.title(), "”", policy::LabelOf(into.state()), "，不能并入"));
        }
        const v1::Result before = row;
        const v1::Result was = into;
        CHANYAN_ASSIGN_OR_RETURN(const v1::ResultState next,
                                 policy::Next(ResultLife(), row.state(), "merge"));
        CHANYAN_RETURN_IF_ERROR(ResultLog(book_).Move(change, row, &into));
        CHANYAN_RETURN_IF_ERROR(book_.Save(change, "log taken over", was, &into));
        row.set_state(next);
        row.set_merged_into(into.name());
        CHANYAN_RETURN_IF_ERROR(
            book_.End(change, absl::StrCat("成果已并入“", into.title(), "”"), &row));
        CHANYAN_RETURN_IF_ERROR(book_.Save(change, "merge", before, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::Result> ResultService::AssignTeam(const rpc::Call& call,
                                                     const v1::AssignTeamRequest& request) {
  if (!IsOffice(call, deps_.pack.Office())) {
    return status::PermissionDenied("服务专班由领导小组办公室（成果处）调整");
  }
  return rpc::Mutate<v1::Result>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Result> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Result row, book_.Lock(change, call, request.name()));
        if (!request.etag().empty() && request.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, request.etag(), row);
        }
        if (!IsOpen(row.state())) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                            "已撤回或已合并的成果不再调整专班");
        }
        const db::Table<v1::ServiceTeam> teams;
        const absl::StatusOr<v1::ServiceTeam> team =
            teams.GetForUpdate(change.session(), request.team());
        if (absl::IsNotFound(team.status()) ||
            (team.ok() && team->state() != v1::TEAM_STATE_ACTIVE)) {
          return status::InvalidField("team", "没有这一服务专班，或已撤销");
        }
        CHANYAN_RETURN_IF_ERROR(team.status());
        const v1::Result before = row;
        book_.SetTeam(&*team, &row);
        CHANYAN_RETURN_IF_ERROR(book_.Save(change, "assigned", before, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::ListResultDuplicatesResponse> ResultService::ListResultDuplicates(
    const rpc::Call& call, const v1::ListResultDuplicatesRequest& request) {
  v1::ListResultDuplicatesResponse response;
  const db::Predicate scope = auth::Readable<v1::Result>(call.principal);
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        response.Clear();
        CHANYAN_ASSIGN_OR_RETURN(const v1::Result row,
                                 book_.table().Get(session, request.name(), scope));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<KeyHolder> holders,
                                 HoldersOf(session, "results/", row.name(), KeysOf(row)));
        std::map<std::string, v1::Likeness> found;
        for (const KeyHolder& holder : holders) {
          const auto known = found.find(holder.subject);
          if (known != found.end()) {
            known->second.add_reasons(holder.reason);
            continue;
          }
          // Of what the caller may not see not even the likeness is told.
          const absl::StatusOr<v1::Result> other =
              book_.table().Get(session, holder.subject, scope);
          if (absl::IsNotFound(other.status())) continue;
          CHANYAN_RETURN_IF_ERROR(other.status());
          if (!IsOpen(other->state())) continue;
          v1::Likeness& likeness = found[holder.subject];
          likeness.set_name(other->name());
          likeness.set_title(other->title());
          likeness.set_owner_title(other->university_title());
          likeness.add_reasons(holder.reason);
        }
        for (auto& [name, likeness] : found) *response.add_likenesses() = std::move(likeness);
        return absl::OkStatus();
      }));
  return response;
}

absl::StatusOr<v1::ListQuarantinedTextsResponse> ResultService::ListQuarantinedTexts(
    const rpc::Call& call, const v1::ListQuarantinedTextsRequest& request) {
  const db::Table<v1::QuarantinedText> texts;
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, texts, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListQuarantinedTextsResponse response;
  for (v1::QuarantinedText& row : page.rows) *response.add_quarantined_texts() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::triage
