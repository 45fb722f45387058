// Hand-overs of many results at once (TRI-5): offered together or not at all, and answered
// together.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "services/triage/first_contact_service.h"
#include "services/triage/handover_checks.h"
#include "services/triage/handover_life.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kOfferedOfBatch[] = "batch = ? AND state = 'OFFERED'";

// Everything that speaks against offering these results, of which `rows` are those that the caller
// may change.
std::vector<status::Violation> WrongOffers(const rpc::Call& call,
                                           const v1::OfferHandoversRequest& request,
                                           const std::vector<v1::Result>& rows, const Holder& to) {
  absl::flat_hash_map<std::string, const v1::Result*> by_name;
  for (const v1::Result& row : rows) by_name[row.name()] = &row;
  absl::flat_hash_map<std::string, int> seen;
  std::vector<status::Violation> wrong;
  for (int i = 0; i < request.results_size(); ++i) {
    const std::string place = absl::StrCat("results[", i, "]");
    const auto [first, fresh] = seen.try_emplace(request.results(i), i);
    const auto found = by_name.find(request.results(i));
    if (!fresh) {
      wrong.push_back({place, absl::StrCat("与第", first->second + 1, "项重复，请只保留一项")});
    } else if (found == by_name.end()) {
      wrong.push_back(
          {place, absl::StrCat("没有成果“", request.results(i), "”，或不由本单位办理")});
    } else if (const absl::Status may = CheckOffer(call, *found->second, to); !may.ok()) {
      const std::vector<status::Violation> parts = status::ViolationsOf(may);
      wrong.push_back({place, absl::StrCat("“", found->second->title(), "”：",
                                           parts.empty() ? std::string(may.message())
                                                         : parts.front().description)});
    }
  }
  return wrong;
}

bool OfEarlierResult(const v1::Handover& a, const v1::Handover& b) {
  return ResultOfName(a.name()) < ResultOfName(b.name());
}

// All that an answer can carry of them; how many more there are is said.
absl::Status RefuseAll(std::vector<status::Violation> wrong) {
  if (wrong.empty()) return absl::OkStatus();
  const size_t most = rpc::MostViolations();
  if (wrong.size() > most) {
    const size_t more = wrong.size() - most;
    wrong.resize(most);
    wrong.push_back({"results", absl::StrCat("另有", more, "项不能移交，未逐一列出")});
  }
  return status::InvalidFields(std::move(wrong));
}

}  // namespace

absl::StatusOr<v1::HandoverBatch> FirstContactService::OfferHandovers(
    const rpc::Call& call, const v1::OfferHandoversRequest& request) {
  if (request.results().empty()) return status::InvalidField("results", "请选择要移交的成果");
  CHANYAN_ASSIGN_OR_RETURN(const std::string title, TitleOf(deps_, call, request.to_holder()));
  const Holder wanted = {request.to_holder(), title, request.to_broker()};
  return rpc::Mutate<v1::HandoverBatch>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::HandoverBatch> {
        CHANYAN_ASSIGN_OR_RETURN(
            std::vector<v1::Result> rows,
            book_.LockNamed(change, {request.results().begin(), request.results().end()},
                            auth::Writable<v1::Result>(call.principal)));
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {wanted.organization}));
        const absl::Status target = TargetOf(change, wanted).status();
        if (!target.ok() && !absl::IsInvalidArgument(target)) return target;
        std::vector<status::Violation> wrong = status::ViolationsOf(target);
        for (status::Violation& one : WrongOffers(call, request, rows, wanted)) {
          wrong.push_back(std::move(one));
        }
        CHANYAN_RETURN_IF_ERROR(RefuseAll(std::move(wrong)));
        CHANYAN_ASSIGN_OR_RETURN(const absl::Time until, AcceptUntil(change.now()));
        v1::HandoverBatch batch;
        batch.set_handovers(static_cast<int32_t>(rows.size()));
        batch.set_state(v1::HANDOVER_STATE_OFFERED);
        api::SetTime(until, batch.mutable_due_time());
        if (request.validate_only()) return batch;
        batch.set_batch(api::NewShortId());
        const std::vector<v1::Result> before = rows;
        std::vector<v1::Handover> offers;
        for (v1::Result& row : rows) {
          v1::Handover& offer = offers.emplace_back(OfferOf(row, wanted, request.reason()));
          offer.set_batch(batch.batch());
          *offer.mutable_due_time() = batch.due_time();
          // Giving it away is no progress: idleness goes on.
          row.set_open_handover(offer.name());
        }
        CHANYAN_RETURN_IF_ERROR(handovers_.InsertAll(change.session(), change.now(), &offers));
        std::vector<journal::Alteration> made;
        for (const v1::Handover& offer : offers) made.push_back({nullptr, &offer});
        CHANYAN_RETURN_IF_ERROR(change.RecordAll("offered", made));
        CHANYAN_RETURN_IF_ERROR(book_.SaveAll(change, "offered", before, &rows));
        return batch;
      });
}

absl::StatusOr<v1::HandoverBatch> FirstContactService::AnswerBatch(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& batch,
    absl::string_view verb, BatchEdit edit) {
  return rpc::Mutate<v1::HandoverBatch>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::HandoverBatch> {
        CHANYAN_ASSIGN_OR_RETURN(
            const int64_t seen,
            handovers_.Count(change.session(), db::And(auth::Writable<v1::Handover>(call.principal),
                                                       {"batch = ?", {batch}})));
        if (seen == 0) return status::NotFound(absl::StrCat("移交批次 ", batch));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Handover> offered,
                                 handovers_.Select(change.session(), {kOfferedOfBatch, {batch}}));
        // The results first, as by everybody.
        std::vector<std::string> names;
        for (const v1::Handover& row : offered) names.push_back(ResultOfName(row.name()));
        CHANYAN_ASSIGN_OR_RETURN(
            std::vector<v1::Result> results,
            book_.LockNamed(change, std::move(names), db::Predicate::Everything()));
        CHANYAN_ASSIGN_OR_RETURN(
            std::vector<v1::Handover> rows,
            handovers_.Select(change.session(), {kOfferedOfBatch, {batch}}, db::kByNameLocked));
        if (rows.empty()) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "本批移交已全部办结");
        }
        for (const v1::Handover& row : rows) {
          if (!MayAct(call, row, verb)) return RefuseOthers(verb);
        }
        // In the order of their results both: one offer of a result is open at a time.
        std::sort(rows.begin(), rows.end(), OfEarlierResult);
        std::erase_if(results, [&](const v1::Result& result) {
          v1::Handover like;
          like.set_name(absl::StrCat(result.name(), "/handovers/-"));
          return !std::binary_search(rows.begin(), rows.end(), like, OfEarlierResult);
        });
        const std::vector<v1::Result> were = results;
        const std::vector<v1::Handover> before = rows;
        CHANYAN_ASSIGN_OR_RETURN(const v1::HandoverState next,
                                 policy::Next(HandoverLife(), v1::HANDOVER_STATE_OFFERED, verb));
        for (v1::Result& result : results) result.clear_open_handover();
        for (v1::Handover& row : rows) {
          row.set_state(next);
          api::SetTime(change.now(), row.mutable_answer_time());
        }
        CHANYAN_RETURN_IF_ERROR(edit(change, results, rows));
        for (size_t i = 0; i < rows.size(); ++i) CopyParties(results[i], &rows[i]);
        CHANYAN_RETURN_IF_ERROR(handovers_.UpdateAll(change.session(), change.now(), &rows));
        std::vector<journal::Alteration> answered;
        for (size_t i = 0; i < rows.size(); ++i) answered.push_back({&before[i], &rows[i]});
        CHANYAN_RETURN_IF_ERROR(change.RecordAll(verb, answered));
        CHANYAN_RETURN_IF_ERROR(
            book_.SaveAll(change, absl::StrCat("handover ", verb), were, &results));
        v1::HandoverBatch reply;
        reply.set_batch(batch);
        reply.set_handovers(static_cast<int32_t>(rows.size()));
        reply.set_state(next);
        *reply.mutable_due_time() = rows.front().due_time();
        return reply;
      });
}

absl::StatusOr<v1::HandoverBatch> FirstContactService::AcceptHandovers(
    const rpc::Call& call, const v1::AcceptHandoversRequest& request) {
  return AnswerBatch(call, request, request.batch(), "accept",
                     [&](rpc::Change& change, std::vector<v1::Result>& results,
                         std::vector<v1::Handover>& rows) -> absl::Status {
                       // All were offered to one, by one day.
                       const v1::Handover& one = rows.front();
                       CHANYAN_RETURN_IF_ERROR(CheckAccept(change, one));
                       std::vector<v1::Result*> passed;
                       for (v1::Result& result : results) passed.push_back(&result);
                       return book_.PassAll(
                           change, {one.to_holder(), one.to_holder_title(), one.to_broker()},
                           v1::TENURE_CAUSE_HANDED_OVER, passed);
                     });
}

absl::StatusOr<v1::HandoverBatch> FirstContactService::DeclineHandovers(
    const rpc::Call& call, const v1::DeclineHandoversRequest& request) {
  return AnswerBatch(
      call, request, request.batch(), "decline",
      [&](rpc::Change&, std::vector<v1::Result>&, std::vector<v1::Handover>& rows) -> absl::Status {
        for (v1::Handover& row : rows) row.set_answer_reason(request.reason());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::HandoverBatch> FirstContactService::CancelHandovers(
    const rpc::Call& call, const v1::CancelHandoversRequest& request) {
  return AnswerBatch(
      call, request, request.batch(), "cancel",
      [&](rpc::Change&, std::vector<v1::Result>&, std::vector<v1::Handover>& rows) -> absl::Status {
        for (v1::Handover& row : rows) row.set_answer_reason(request.reason());
        return absl::OkStatus();
      });
}

}  // namespace chanyan::triage
