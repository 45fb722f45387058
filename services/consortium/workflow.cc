// The steps of a dossier that somebody takes by hand.
#include "absl/strings/str_cat.h"
#include "common/policy/verdict.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/consortium/again.h"
#include "services/consortium/consortium_service.h"
#include "services/consortium/digests.h"
#include "services/consortium/dossier_rules.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

constexpr char kConsents[] =
    "SELECT DISTINCT organization FROM signature WHERE consortium = ? AND digest = ? "
    "AND subject = 'DISSOLUTION'";

absl::Status Nothing(rpc::Change&, const v1::Consortium&) { return absl::OkStatus(); }

}  // namespace

absl::StatusOr<v1::Consortium> ConsortiumService::Do(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, const std::string& words, RowWork first,
    RowWork then) const {
  return rpc::Mutate<v1::Consortium>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Consortium> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, deps_.book.Lock(change, call, name));
        if (!etag.empty() && etag != row.etag()) {
          return rpc::StaleEdit(change.session(), call, etag, row);
        }
        CHANYAN_ASSIGN_OR_RETURN(const Actor actor, ActorOf(call, row));
        // The table speaks first, so that a wrong state is told before a rule.
        CHANYAN_RETURN_IF_ERROR(FindStep(row.state(), verb, actor.part).status());
        CHANYAN_RETURN_IF_ERROR(first(change, row));
        const v1::Consortium before = row;
        CHANYAN_RETURN_IF_ERROR(deps_.book.Step(change, actor, verb, words, &row));
        CHANYAN_RETURN_IF_ERROR(then(change, before));
        return Present(deps_.pack, call, std::move(row));
      });
}

absl::StatusOr<v1::Consortium> ConsortiumService::SubmitConsortium(
    const rpc::Call& call, const v1::SubmitConsortiumRequest& request) {
  return Do(
      call, request, request.name(), request.etag(), "submit", "",
      [&](rpc::Change& change, const v1::Consortium& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(bars_.Refuse(change, row.lead_unit()));
        CHANYAN_RETURN_IF_ERROR(Refuse(HalfWritten(row), "consortium"));
        if (!row.district().empty()) return absl::OkStatus();
        return status::FailedPrecondition(
            options::v1::ERROR_REASON_RULE_VIOLATED,
            "无法确定所在区（市、功能区）科技主管部门，请先在单位名录中补全行政区划");
      },
      Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::RecommendConsortium(
    const rpc::Call& call, const v1::RecommendConsortiumRequest& request) {
  return Do(call, request, request.name(), request.etag(), "recommend", request.opinion(), Nothing,
            Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::ReturnConsortium(
    const rpc::Call& call, const v1::ReturnConsortiumRequest& request) {
  return Do(call, request, request.name(), request.etag(), "return", request.reason(), Nothing,
            Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::ReopenConsortium(
    const rpc::Call& call, const v1::ReopenConsortiumRequest& request) {
  return Do(call, request, request.name(), request.etag(), "reopen", request.reason(), Nothing,
            Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::ReexamineConsortium(
    const rpc::Call& call, const v1::ReexamineConsortiumRequest& request) {
  return Do(call, request, request.name(), request.etag(), "reexamine", request.reason(), Nothing,
            Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::RejectConsortium(
    const rpc::Call& call, const v1::RejectConsortiumRequest& request) {
  return Do(call, request, request.name(), request.etag(), "reject", request.reason(), Nothing,
            Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::AcceptConsortium(
    const rpc::Call& call, const v1::AcceptConsortiumRequest& request) {
  return Do(call, request, request.name(), request.etag(), "accept", request.opinion(), Nothing,
            Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::InspectConsortium(
    const rpc::Call& call, const v1::InspectConsortiumRequest& request) {
  return Do(call, request, request.name(), request.etag(), "inspect", request.opinion(), Nothing,
            Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::DefendConsortium(
    const rpc::Call& call, const v1::DefendConsortiumRequest& request) {
  return Do(call, request, request.name(), request.etag(), "defend", request.opinion(), Nothing,
            Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::SelectConsortium(
    const rpc::Call& call, const v1::SelectConsortiumRequest& request) {
  return Do(call, request, request.name(), request.etag(), "select", request.opinion(), Nothing,
            Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::WithdrawConsortium(
    const rpc::Call& call, const v1::WithdrawConsortiumRequest& request) {
  return Do(call, request, request.name(), request.etag(), "withdraw", request.reason(), Nothing,
            Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::CancelConsortium(
    const rpc::Call& call, const v1::CancelConsortiumRequest& request) {
  return Do(call, request, request.name(), request.etag(), "cancel", request.reason(), Nothing,
            Nothing);
}

absl::StatusOr<v1::Consortium> ConsortiumService::RemoveLead(const rpc::Call& call,
                                                             const v1::RemoveLeadRequest& request) {
  const auto bar = [&](rpc::Change& change, const v1::Consortium& before) -> absl::Status {
    return bars_
        .Lay(change, before.lead_unit(), before.lead_unit_title(), before.name(), request.reason())
        .status();
  };
  // A draft with the barred one may come at the same moment.
  return AgainOnConflict([&] {
    return Do(call, request, request.name(), request.etag(), "removeLead", request.reason(),
              Nothing, bar);
  });
}

absl::StatusOr<v1::Consortium> ConsortiumService::DissolveConsortium(
    const rpc::Call& call, const v1::DissolveConsortiumRequest& request) {
  return Do(
      call, request, request.name(), request.etag(), "dissolve", request.reason(),
      [&](rpc::Change& change, const v1::Consortium& row) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const db::Rows consents,
            change.session().Query(kConsents, {row.name(), DissolutionDigest(row)}));
        const bool all = consents.rows.size() == ParticipantsOf(row).size();
        constexpr policy::v1::Decision kDecision = policy::v1::DECISION_CONSORTIUM_DISSOLVE;
        const ConsortiumBook::Judged judged = {DissolutionFacts(row, all),
                                               RulesOf(deps_.pack, kDecision)};
        const policy::v1::Verdicts verdicts = Judge(deps_.pack, kDecision, judged.facts, {});
        CHANYAN_RETURN_IF_ERROR(policy::RequireSatisfied(verdicts));
        return deps_.book.KeepDecision(change, "dissolve", judged, verdicts, {}, row);
      },
      Nothing);
}

absl::StatusOr<v1::ListTransitionsResponse> ConsortiumService::ListTransitions(
    const rpc::Call& call, const v1::ListTransitionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, transitions_, request,
                                absl::StrCat(request.parent(), "/transitions"), request.filter(),
                                request.order_by().empty() ? "number" : request.order_by()));
  v1::ListTransitionsResponse response;
  for (v1::Transition& row : page.rows) *response.add_transitions() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::consortium
