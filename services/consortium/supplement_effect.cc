// What the pack says of a supplement, what the bureau sets aside for it, and how it takes effect
// (S2 三(二), 七(三)).
#include "services/consortium/supplement_effect.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "common/policy/verdict.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/consortium/eligibility_rules.h"
#include "services/consortium/parties.h"
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

// Of this day: who has left since it was proposed need not sign, who has come must.
bool AllHaveSigned(const v1::Consortium& row, const v1::Supplement& supplement) {
  const std::vector<std::string> required = RequiredOf(row, supplement);
  std::vector<std::string> has(supplement.signed_by().begin(), supplement.signed_by().end());
  std::sort(has.begin(), has.end());
  return std::includes(has.begin(), has.end(), required.begin(), required.end());
}

}  // namespace

absl::Status RequireProposed(const v1::Supplement& supplement) {
  if (supplement.state() == v1::SUPPLEMENT_STATE_PROPOSED) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("补充协议", policy::LabelOf(supplement.state()), "，不能再办理"));
}

v1::Supplement ShownSupplement(const rpc::Call& call, v1::Supplement row) {
  row.clear_actions();
  if (row.state() != v1::SUPPLEMENT_STATE_PROPOSED) return row;
  const std::string& own = call.principal.organization;
  const auto has = [&own](const auto& list) {
    return std::find(list.begin(), list.end(), own) != list.end();
  };
  if (has(row.required_units()) && !has(row.signed_by())) row.add_actions("sign");
  if (own == row.proposer()) row.add_actions("cancel");
  if (IsOffice(call, row) && AsksForOverride(row.verdicts())) row.add_actions("overrideRule");
  return row;
}

absl::Status SupervisionService::RefuseBarred(rpc::Change& change,
                                              const v1::Supplement& supplement) const {
  if (!supplement.new_lead().empty()) {
    CHANYAN_RETURN_IF_ERROR(bars_.Refuse(change, supplement.new_lead()));
  }
  for (const v1::ConsortiumMember& member : supplement.joining()) {
    if (member.layer() != v1::MEMBER_LAYER_CORE) continue;
    CHANYAN_RETURN_IF_ERROR(bars_.Refuse(change, member.organization()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<policy::v1::Fact>> SupervisionService::SupplementFacts(
    rpc::Change& change, const v1::Consortium& row, bool all_signed,
    const v1::Supplement& supplement) const {
  bool has_project = !supplement.new_lead().empty();
  if (!supplement.held_project().empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const v1::HeldProject project,
                             projects_.GetForUpdate(change.session(), supplement.held_project()));
    has_project = has_project || project.state() == v1::HELD_PROJECT_STATE_OPEN;
  }
  const v1::Consortium after = AfterSupplement(row, supplement);
  CHANYAN_ASSIGN_OR_RETURN(const Grounds grounds, deps_.book.GroundsOf(change, after));
  return MemberChangeFacts(deps_.pack, supplement, after, grounds,
                           {.all_signed = all_signed,
                            .has_project = has_project,
                            .has_document = !supplement.document().empty()});
}

void SupervisionService::JudgeBy(const std::vector<policy::v1::Fact>& facts,
                                 v1::Supplement* supplement) const {
  *supplement->mutable_verdicts() =
      JudgeChange(deps_.pack, facts, !supplement->new_lead().empty(), supplement->overrides());
}

absl::Status SupervisionService::TakeEffect(rpc::Change& change, v1::Consortium* row,
                                            v1::Supplement* supplement) const {
  supplement->set_state(v1::SUPPLEMENT_STATE_EFFECTIVE);
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
  // The records of the dossier have followed it, this one with them.
  CopyParties(*row, supplement);
  CHANYAN_ASSIGN_OR_RETURN(const v1::Supplement followed,
                           supplements_.GetForUpdate(change.session(), supplement->name()));
  supplement->set_etag(followed.etag());
  return absl::OkStatus();
}

absl::Status SupervisionService::Complete(rpc::Change& change, v1::Consortium* row,
                                          v1::Supplement* supplement) const {
  // Since it was proposed, members and lead may have changed.
  CHANYAN_RETURN_IF_ERROR(Refuse(SupplementViolations(*row, *supplement), "supplement"));
  CHANYAN_RETURN_IF_ERROR(RefuseBarred(change, *supplement));
  CHANYAN_RETURN_IF_ERROR(policy::RequireHard(supplement->verdicts()));
  // A rule of principle is the bureau's to set aside: until then it waits, signed by all.
  supplement->set_awaiting_override(AsksForOverride(supplement->verdicts()));
  return supplement->awaiting_override() ? absl::OkStatus() : TakeEffect(change, row, supplement);
}

absl::Status SupervisionService::Advance(rpc::Change& change, v1::Consortium* row,
                                         v1::Supplement* supplement) const {
  const bool all = AllHaveSigned(*row, *supplement);
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<policy::v1::Fact> facts,
                           SupplementFacts(change, *row, all, *supplement));
  JudgeBy(facts, supplement);
  return all ? Complete(change, row, supplement) : absl::OkStatus();
}

absl::StatusOr<v1::Supplement> SupervisionService::OverrideSupplementRule(
    const rpc::Call& call, const v1::OverrideSupplementRuleRequest& request) {
  return rpc::Mutate<v1::Supplement>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Supplement> {
        const auto dossier = deps_.book.LockAny(change, ConsortiumOfName(request.name()));
        if (absl::IsNotFound(dossier.status())) return status::NotFound(request.name());
        CHANYAN_RETURN_IF_ERROR(dossier.status());
        CHANYAN_ASSIGN_OR_RETURN(
            v1::Supplement supplement,
            supplements_.GetForUpdate(change.session(), request.name(),
                                      auth::Writable<v1::Supplement>(call.principal)));
        if (!request.etag().empty() && request.etag() != supplement.etag()) {
          return rpc::StaleEdit(change.session(), call, request.etag(), supplement);
        }
        CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
        CHANYAN_RETURN_IF_ERROR(RequireProposed(supplement));
        v1::Consortium row = *dossier;
        v1::Supplement before = supplement;
        const bool all = AllHaveSigned(row, supplement);
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<policy::v1::Fact> facts,
                                 SupplementFacts(change, row, all, supplement));
        JudgeBy(facts, &supplement);
        CHANYAN_RETURN_IF_ERROR(
            Waive(deps_.pack, supplement.verdicts(),
                  {request.rule_id(), request.reason(), call.principal.account, change.now()},
                  supplement.mutable_overrides()));
        // The same facts, set aside or not.
        JudgeBy(facts, &supplement);
        const bool waits = AsksForOverride(supplement.verdicts());
        supplement.set_awaiting_override(all && waits);
        CHANYAN_RETURN_IF_ERROR(supplements_.Update(change.session(), change.now(), &supplement));
        CHANYAN_RETURN_IF_ERROR(change.Record("override", &before, &supplement));
        if (!all || waits) return ShownSupplement(call, std::move(supplement));
        before = supplement;
        CHANYAN_RETURN_IF_ERROR(Complete(change, &row, &supplement));
        CHANYAN_RETURN_IF_ERROR(supplements_.Update(change.session(), change.now(), &supplement));
        CHANYAN_RETURN_IF_ERROR(change.Record("effective", &before, &supplement));
        return ShownSupplement(call, std::move(supplement));
      });
}

}  // namespace chanyan::consortium
