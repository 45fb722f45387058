#include "common/policy/replay.h"

#include "absl/strings/str_cat.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"

namespace chanyan::policy {

absl::StatusOr<v1::Verdicts> Replay(const Pack& pack, const v1::Verdicts& stored) {
  if (stored.pack_id() != pack.id() || stored.pack_version() != pack.version()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("该决定依据政策包“", stored.pack_id(), "”", stored.pack_version(),
                     "版作出，不能用“", pack.id(), "”", pack.version(), "版复核"));
  }
  v1::Verdicts again;
  again.set_pack_id(stored.pack_id());
  again.set_pack_version(stored.pack_version());
  for (const v1::Verdict& then : stored.verdicts()) {
    const v1::Rule* rule = pack.FindRule(then.rule_id());
    if (rule == nullptr) return status::NotFound(absl::StrCat("规则 ", then.rule_id()));
    Facts facts;
    for (const v1::Fact& fact : then.facts()) {
      for (const std::string& value : fact.values()) facts.Add(fact.name(), value);
    }
    v1::Verdict& verdict = *again.add_verdicts();
    verdict = Evaluate(pack, *rule, facts);
    if (then.outcome() == v1::OUTCOME_OVERRIDDEN &&
        verdict.outcome() == v1::OUTCOME_NOT_SATISFIED && rule->strength() == v1::STRENGTH_SOFT) {
      verdict.set_outcome(v1::OUTCOME_OVERRIDDEN);
      *verdict.mutable_override() = then.override();
    }
  }
  return again;
}

}  // namespace chanyan::policy
