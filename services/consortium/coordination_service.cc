#include "services/consortium/coordination_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "common/rpc/get.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/coordination_life.h"
#include "services/consortium/coordination_rules.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

v1::CoordinationItem WithActions(const rpc::Call& call, v1::CoordinationItem row) {
  row.clear_actions();
  if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) return row;
  for (std::string& verb :
       rpc::ActionsOf(call, CoordinationLife(), row.state(), "CoordinationItem")) {
    if (MayCoordinate(row, verb, call.principal.organization)) row.add_actions(std::move(verb));
  }
  return row;
}

absl::Status NothingBefore(rpc::Change&) { return absl::OkStatus(); }

}  // namespace

std::vector<rpc::UnaryMethod> CoordinationService::Methods() {
  using S = CoordinationService;
  return {
      rpc::Get<v1::GetCoordinationItemRequest>("GetCoordinationItem", deps_.store.db, items_,
                                               [](const rpc::Call& call, v1::CoordinationItem row) {
                                                 return WithActions(call, std::move(row));
                                               }),
      rpc::Unary("ListCoordinationItems", this, &S::ListCoordinationItems),
      rpc::Unary("CreateCoordinationItem", this, &S::CreateCoordinationItem),
      rpc::Unary("AssignCoordinationItem", this, &S::AssignCoordinationItem),
      rpc::Unary("AnswerCoordinationItem", this, &S::AnswerCoordinationItem),
      rpc::Unary("ConcludeCoordinationItem", this, &S::ConcludeCoordinationItem),
  };
}

absl::StatusOr<v1::ListCoordinationItemsResponse> CoordinationService::ListCoordinationItems(
    const rpc::Call& call, const v1::ListCoordinationItemsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page,
                           rpc::FetchPage(deps_.store.db, call, items_, request,
                                          absl::StrCat(request.parent(), "/coordinationItems"),
                                          request.filter(), request.order_by()));
  v1::ListCoordinationItemsResponse response;
  for (v1::CoordinationItem& row : page.rows) {
    *response.add_coordination_items() = WithActions(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::CoordinationItem> CoordinationService::CreateCoordinationItem(
    const rpc::Call& call, const v1::CreateCoordinationItemRequest& request) {
  return rpc::Mutate<v1::CoordinationItem>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::CoordinationItem> {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium dossier,
                                 deps_.book.Lock(change, call, request.parent()));
        CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
        if (!In(dossier.state(), kInForce)) {
          return status::FailedPrecondition(
              ERROR_REASON_WRONG_STATE,
              absl::StrCat("当前状态为“", policy::LabelOf(dossier.state()),
                           "”，协调事项只对备案有效的创新联合体提出"));
        }
        v1::CoordinationItem row;
        row.set_name(absl::StrCat(dossier.name(), "/coordinationItems/", api::NewShortId()));
        row.set_content(request.coordination_item().content());
        row.set_raised_by(call.principal.organization);
        row.set_state(v1::COORDINATION_STATE_OPEN);
        CopyParties(dossier, &row);
        CHANYAN_RETURN_IF_ERROR(items_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return WithActions(call, std::move(row));
      });
}

absl::StatusOr<v1::CoordinationItem> CoordinationService::Transit(
    const rpc::Call& call, const google::protobuf::Message& request, const Move& move,
    Before before, ItemEdit edit) {
  return rpc::Mutate<v1::CoordinationItem>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::CoordinationItem> {
        db::Session& session = change.session();
        const db::Predicate scope = auth::Writable<v1::CoordinationItem>(call.principal);
        CHANYAN_RETURN_IF_ERROR(items_.Get(session, move.name, scope).status());
        CHANYAN_RETURN_IF_ERROR(before(change));
        // What was given to somebody is seen to also after the filing.
        CHANYAN_RETURN_IF_ERROR(deps_.book.LockAny(change, ConsortiumOfName(move.name)).status());
        CHANYAN_ASSIGN_OR_RETURN(v1::CoordinationItem row,
                                 items_.GetForUpdate(session, move.name, scope));
        if (!move.etag.empty() && move.etag != row.etag()) {
          return rpc::StaleEdit(session, call, move.etag, row);
        }
        CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
        if (!MayCoordinate(row, move.verb, call.principal.organization)) {
          return status::PermissionDenied(move.verb == "answer" ? "协调事项由承办单位答复"
                                                                : "协调事项由备案单位交办和办结");
        }
        const v1::CoordinationItem was = row;
        CHANYAN_ASSIGN_OR_RETURN(const v1::CoordinationState next,
                                 policy::Next(CoordinationLife(), row.state(), move.verb));
        row.set_state(next);
        row.set_overdue(false);
        CHANYAN_RETURN_IF_ERROR(edit(change, row));
        CHANYAN_RETURN_IF_ERROR(items_.Update(session, change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record(move.verb, &was, &row));
        return WithActions(call, std::move(row));
      });
}

absl::StatusOr<v1::CoordinationItem> CoordinationService::AssignCoordinationItem(
    const rpc::Call& call, const v1::AssignCoordinationItemRequest& request) {
  // Nobody learns of an organization by an item that is another's.
  CHANYAN_RETURN_IF_ERROR(rpc::Fetch(deps_.store.db, call, items_, request.name()).status());
  CHANYAN_ASSIGN_OR_RETURN(const auto news,
                           deps_.book.parties().Ask(deps_.store.db, deps_.peers, call,
                                                    {request.assignee()}, "assignee"));
  const auto know = [&](rpc::Change& change) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {request.assignee()}));
    for (const auto& one : news) {
      CHANYAN_RETURN_IF_ERROR(deps_.book.parties().Know(change, one).status());
    }
    return absl::OkStatus();
  };
  const auto give = [&](rpc::Change& change, v1::CoordinationItem& row) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const Parties parties,
                             deps_.book.parties().Of(change.session(), {request.assignee()}));
    const auto party = parties.find(request.assignee());
    if (party == parties.end()) {
      return status::InvalidField("assignee",
                                  absl::StrCat("“", request.assignee(), "”不在单位名录中"));
    }
    const std::string unfit = AssigneeProblem(party->second);
    if (!unfit.empty()) return status::InvalidField("assignee", unfit);
    CHANYAN_ASSIGN_OR_RETURN(const absl::Time due,
                             CoordinationTerm(request.due_date(), time::DayOf(change.now())));
    row.set_assignee(request.assignee());
    row.set_assignee_title(party->second.title());
    row.set_instruction(request.instruction());
    api::SetTime(change.now(), row.mutable_assign_time());
    api::SetTime(due, row.mutable_due_time());
    return absl::OkStatus();
  };
  return Transit(call, request, {request.name(), request.etag(), "assign"}, know, give);
}

absl::StatusOr<v1::CoordinationItem> CoordinationService::AnswerCoordinationItem(
    const rpc::Call& call, const v1::AnswerCoordinationItemRequest& request) {
  return Transit(
      call, request, {request.name(), request.etag(), "answer"}, NothingBefore,
      [&](rpc::Change& change, v1::CoordinationItem& row) {
        row.set_answer(request.answer());
        row.set_late(row.late() || time::IsPastDeadline(change.now(), TimeIn(row.due_time())));
        api::SetTime(change.now(), row.mutable_answer_time());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::CoordinationItem> CoordinationService::ConcludeCoordinationItem(
    const rpc::Call& call, const v1::ConcludeCoordinationItemRequest& request) {
  return Transit(call, request, {request.name(), request.etag(), "conclude"}, NothingBefore,
                 [&](rpc::Change& change, v1::CoordinationItem& row) {
                   row.set_finding(request.finding());
                   api::SetTime(change.now(), row.mutable_conclude_time());
                   return absl::OkStatus();
                 });
}

}  // namespace chanyan::consortium
