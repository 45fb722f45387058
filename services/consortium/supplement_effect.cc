// What the pack says of a supplement, what the bureau sets aside for it, and how it takes effect
// (S2 三(二), 七(三)).
#include "services/consortium/supplement_effect.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/policy/verdict.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/consortium/eligibility_rules.h"
#include "services/consortium/parties.h"
#include "services/consortium/supervision_life.h"
#include "services/consortium/supervision_service.h"
#include "services/consortium/supplement_rules.h"

namespace chanyan::consortium {
namespace {

bool IsOffice(const rpc::Call& call, const v1::Supplement& supplement) {
  return call.principal.Has(options::v1::ROLE_DEPARTMENT) &&
         call.principal.organization == supplement.office();
}

// A rule of principle is not met, and nobody has set it aside.
bool AsksForOverride(const policy::v1::Verdicts& verdicts) {
  return std::any_of(verdicts.verdicts().begin(), verdicts.verdicts().end(),
                     [](const policy::v1::Verdict& verdict) {
                       return verdict.strength() == policy::v1::STRENGTH_SOFT &&
                              verdict.outcome() == policy::v1::OUTCOME_NOT_SATISFIED;
                     });
}

}  // namespace

v1::Supplement ShownSupplement(const rpc::Call& call, v1::Supplement row) {
  row.clear_actions();
  if (!policy::Next(SupplementLife(), row.state(), "sign").ok()) return row;
  const std::string& own = call.principal.organization;
  const auto has = [&own](const auto& list) {
    return std::find(list.begin(), list.end(), own) != list.end();
  };
  if (has(row.required_units()) && !has(row.signed_by())) row.add_actions("sign");
  if (own == row.proposer()) row.add_actions("cancel");
  if (IsOffice(call, row) && AsksForOverride(row.verdicts())) row.add_actions("overrideRule");
  return row;
}

absl::Status SupervisionService::RequireAllowed(rpc::Change& change, const v1::Consortium& row,
                                                const v1::Supplement& supplement,
                                                std::vector<status::Violation> wrong) const {
  for (status::Violation& one : SupplementViolations(row, supplement)) {
    wrong.push_back(std::move(one));
  }
  const size_t others = wrong.size();
  const auto look = [&](const std::string& organization, std::string at) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(std::string message, bars_.KeptOut(change, organization));
    if (!message.empty()) wrong.push_back({std::move(at), std::move(message)});
    return absl::OkStatus();
  };
  if (!supplement.new_lead().empty()) {
    CHANYAN_RETURN_IF_ERROR(look(supplement.new_lead(), "new_lead"));
  }
  for (int i = 0; i < supplement.joining_size(); ++i) {
    const v1::ConsortiumMember& member = supplement.joining(i);
    if (member.layer() != v1::MEMBER_LAYER_CORE) continue;
    CHANYAN_RETURN_IF_ERROR(
        look(member.organization(), absl::StrCat("joining[", i, "].organization")));
  }
  return Refuse(std::move(wrong), "supplement",
                others == 0 ? options::v1::ERROR_REASON_RULE_VIOLATED
                            : options::v1::ERROR_REASON_INVALID_FIELD);
}

absl::Status SupervisionService::TakeEffect(rpc::Change& change,
                                            const ConsortiumBook::Judged& judged,
                                            v1::Consortium* row, v1::Supplement* supplement) const {
  CHANYAN_ASSIGN_OR_RETURN(const v1::SupplementState next,
                           policy::Next(SupplementLife(), supplement->state(), "effective"));
  supplement->set_state(next);
  supplement->set_awaiting_override(false);
  api::SetTime(change.now(), supplement->mutable_effective_time());
  const v1::Consortium before = *row;
  *row = AfterSupplement(*row, *supplement);
  if (supplement->new_lead().empty()) {
    CHANYAN_RETURN_IF_ERROR(deps_.book.Save(change, "members changed", before, row));
  } else {
    CHANYAN_RETURN_IF_ERROR(deps_.book.Save(change, "lead changed", before, row));
    CHANYAN_RETURN_IF_ERROR(deps_.book.Step(change, {}, "installLead", supplement->name(), row));
  }
  CHANYAN_RETURN_IF_ERROR(memberships_book_.Align(change, *row, supplement->name()));
  CHANYAN_RETURN_IF_ERROR(deps_.book.KeepDecision(
      change, "supplement", judged, supplement->verdicts(), supplement->overrides(), *row));
  // The records of the dossier have followed it, this one with them.
  CopyParties(*row, supplement);
  CHANYAN_ASSIGN_OR_RETURN(const v1::Supplement followed,
                           supplements_.GetForUpdate(change.session(), supplement->name()));
  supplement->set_etag(followed.etag());
  return absl::OkStatus();
}

absl::Status SupervisionService::Complete(rpc::Change& change, const ConsortiumBook::Judged& judged,
                                          v1::Consortium* row, v1::Supplement* supplement) const {
  CHANYAN_RETURN_IF_ERROR(policy::RequireHard(supplement->verdicts()));
  // A rule of principle is the bureau's to set aside: until then it waits, signed by all.
  supplement->set_awaiting_override(AsksForOverride(supplement->verdicts()));
  return supplement->awaiting_override() ? absl::OkStatus()
                                         : TakeEffect(change, judged, row, supplement);
}

absl::Status SupervisionService::Advance(rpc::Change& change, v1::Consortium* row,
                                         v1::Supplement* supplement) const {
  CHANYAN_ASSIGN_OR_RETURN(const SupplementBook::Opinion opinion,
                           supplement_book_.Judge(change, *row, supplement));
  CHANYAN_RETURN_IF_ERROR(opinion.possible);
  return AllHaveSigned(*row, *supplement) ? Complete(change, opinion.judged, row, supplement)
                                          : absl::OkStatus();
}

absl::StatusOr<v1::Supplement> SupervisionService::OverrideSupplementRule(
    const rpc::Call& call, const v1::OverrideSupplementRuleRequest& request) {
  return rpc::Mutate<v1::Supplement>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Supplement> {
        CHANYAN_ASSIGN_OR_RETURN(Locked locked, LockSupplement(change, call, request.name()));
        v1::Supplement& supplement = locked.supplement;
        if (!request.etag().empty() && request.etag() != supplement.etag()) {
          return rpc::StaleEdit(change.session(), call, request.etag(), supplement);
        }
        CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
        CHANYAN_RETURN_IF_ERROR(
            policy::Next(SupplementLife(), supplement.state(), "overrideRule").status());
        v1::Consortium& row = locked.dossier;
        v1::Supplement before = supplement;
        // Since it was proposed, members, lead and bars may have changed.
        CHANYAN_RETURN_IF_ERROR(RequireAllowed(change, row, supplement));
        const bool all = AllHaveSigned(row, supplement);
        CHANYAN_RETURN_IF_ERROR(supplement_book_.Judge(change, row, &supplement).status());
        CHANYAN_RETURN_IF_ERROR(
            Waive(deps_.pack, supplement.verdicts(),
                  {request.rule_id(), request.reason(), call.principal.account, change.now()},
                  supplement.mutable_overrides()));
        // The same facts, set aside or not.
        CHANYAN_ASSIGN_OR_RETURN(const SupplementBook::Opinion opinion,
                                 supplement_book_.Judge(change, row, &supplement));
        const bool waits = AsksForOverride(supplement.verdicts());
        supplement.set_awaiting_override(all && waits);
        CHANYAN_RETURN_IF_ERROR(supplements_.Update(change.session(), change.now(), &supplement));
        CHANYAN_RETURN_IF_ERROR(change.Record("override", &before, &supplement));
        if (!all || waits) return ShownSupplement(call, std::move(supplement));
        before = supplement;
        CHANYAN_RETURN_IF_ERROR(Complete(change, opinion.judged, &row, &supplement));
        CHANYAN_RETURN_IF_ERROR(supplements_.Update(change.session(), change.now(), &supplement));
        CHANYAN_RETURN_IF_ERROR(change.Record("effective", &before, &supplement));
        return ShownSupplement(call, std::move(supplement));
      });
}

}  // namespace chanyan::consortium
