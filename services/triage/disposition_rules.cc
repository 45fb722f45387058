#include "services/triage/disposition_rules.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/policy/life.h"

namespace chanyan::triage {
namespace {

using policy::v1::DispositionRule;
using policy::v1::FactCondition;

constexpr char kYes[] = "yes";

// MAJOR_GROUND_NATIONAL_AWARD is "national-award".
template <class Enum>
std::string IdOf(Enum value, absl::string_view prefix) {
  const auto* found = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value);
  if (found == nullptr || found->number() == 0) return "";
  return absl::StrReplaceAll(absl::AsciiStrToLower(found->name().substr(prefix.size())),
                             {{"_", "-"}});
}

// STAGE_MATURE is "MATURE".
template <class Enum>
std::string ShortOf(Enum value, absl::string_view prefix) {
  const auto* found = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value);
  return found == nullptr || found->number() == 0 ? "" : found->name().substr(prefix.size());
}

// Whether the condition holds. A fact that should be a number and is none holds nothing.
bool Holds(const FactCondition& condition, const policy::Facts& facts) {
  const std::vector<std::string>& values = facts.Values(condition.fact().name());
  if (condition.absent()) return values.empty();
  if (values.empty()) return false;
  if (!condition.any_of().empty() &&
      std::none_of(values.begin(), values.end(), [&](const std::string& value) {
        return std::find(condition.any_of().begin(), condition.any_of().end(), value) !=
               condition.any_of().end();
      })) {
    return false;
  }
  if (values.size() < condition.values_at_least()) return false;
  if (!condition.has_at_least() && !condition.has_at_most()) return true;
  int64_t number = 0;
  if (values.size() != 1 || !absl::SimpleAtoi(values.front(), &number)) return false;
  return (!condition.has_at_least() || number >= condition.at_least()) &&
         (!condition.has_at_most() || number <= condition.at_most());
}

// "所处阶段为MATURE" – what was found, for people.
std::string Found(const FactCondition& condition, const policy::Facts& facts) {
  const std::vector<std::string>& values = facts.Values(condition.fact().name());
  return absl::StrCat(condition.fact().display_name(),
                      values.empty() ? "未填写" : absl::StrCat("为", absl::StrJoin(values, "、")));
}

policy::v1::Verdict Judge(const DispositionRule& rule, const policy::Facts& facts) {
  policy::v1::Verdict verdict;
  verdict.set_rule_id(rule.id());
  verdict.set_strength(policy::v1::STRENGTH_SOFT);
  *verdict.mutable_clause() = rule.clause();
  std::vector<std::string> held;
  std::string failed;
  std::set<std::string> used;
  for (const FactCondition& condition : rule.when()) {
    used.insert(condition.fact().name());
    if (Holds(condition, facts)) {
      held.push_back(Found(condition, facts));
    } else if (failed.empty()) {
      failed = Found(condition, facts);
    }
  }
  for (const FactCondition& condition : rule.unless()) {
    used.insert(condition.fact().name());
    if (failed.empty() && Holds(condition, facts)) {
      failed = absl::StrCat(Found(condition, facts), "，属例外情形");
    }
  }
  for (const std::string& name : used) {
    policy::v1::Fact* fact = verdict.add_facts();
    fact->set_name(name);
    for (const std::string& value : facts.Values(name)) fact->add_values(value);
  }
  const std::string label = policy::LabelOf(rule.triage_class());
  verdict.set_outcome(failed.empty() ? policy::v1::OUTCOME_SATISFIED
                                     : policy::v1::OUTCOME_NOT_SATISFIED);
  verdict.set_reason(failed.empty() ? absl::StrCat(rule.display_name(), "：",
                                                   absl::StrJoin(held, "，"), "，归入“", label, "”")
                                    : absl::StrCat(rule.display_name(), "：", failed,
                                                   "，不按本条归入“", label, "”"));
  return verdict;
}

}  // namespace

policy::Facts DispositionFacts(const TriagePack& pack, const v1::Result& result) {
  policy::Facts facts;
  for (const int mode : result.conversion_modes()) {
    facts.Add("conversion_modes", IdOf(static_cast<v1::ConversionMode>(mode), "CONVERSION_MODE_"));
  }
  facts.Set("stage", ShortOf(result.stage(), "STAGE_"));
  facts.Set("application_state", ShortOf(result.application_state(), "APPLICATION_STATE_"));
  facts.Set("form", ShortOf(result.form(), "RESULT_FORM_"));
  for (const v1::Maturity& maturity : result.maturity()) {
    facts.SetNumber(absl::StrCat("maturity_", maturity.scale()), maturity.level());
  }
  int64_t granted = 0;
  int64_t pending = 0;
  for (const v1::Right& right : result.rights()) {
    granted += right.status() == v1::RIGHT_STATUS_GRANTED ? 1 : 0;
    pending += right.status() == v1::RIGHT_STATUS_PENDING ? 1 : 0;
  }
  const auto number = [&facts](const char* name, int64_t value) {
    if (value > 0) facts.SetNumber(name, value);
  };
  number("ip_granted", granted);
  number("ip_pending", pending);
  number("financing_yuan", result.financing_yuan());
  facts.Set("founding_team", result.founding_team() ? kYes : "");
  facts.Set("bottleneck", result.bottleneck() ? kYes : "");
  facts.Set("novelty", result.novelty() ? kYes : "");
  facts.Set("owner_objections", result.ownership_disputed() ? kYes : "");
  for (const int ground : result.major_grounds()) {
    facts.Add("major_grounds", IdOf(static_cast<v1::MajorGround>(ground), "MAJOR_GROUND_"));
  }
  facts.Set("settle_place", pack.DistrictOf(result.settle_place()));
  for (const std::string& name : result.fields()) {
    const policy::v1::TechnologyField* field = pack.FindFieldByName(name);
    if (field != nullptr) facts.Add("fields", field->id());
  }
  for (const std::string& name : result.industries()) {
    for (const std::string& id : pack.pack().FindIndustriesByName(name)) {
      facts.Add("industries", id);
    }
  }
  return facts;
}

DispositionProposal ProposeDisposition(const TriagePack& pack, const policy::Facts& facts) {
  DispositionProposal proposal;
  proposal.verdicts.set_pack_id(pack.pack().id());
  proposal.verdicts.set_pack_version(pack.pack().version());
  std::vector<const DispositionRule*> rules;
  for (const DispositionRule& rule : pack.proto().disposition_rules()) rules.push_back(&rule);
  std::sort(rules.begin(), rules.end(),
            [](const auto* a, const auto* b) { return a->id() < b->id(); });
  std::set<policy::v1::TriageClass> classes;
  for (const DispositionRule* rule : rules) {
    policy::v1::Verdict verdict = Judge(*rule, facts);
    if (verdict.outcome() == policy::v1::OUTCOME_SATISFIED) classes.insert(rule->triage_class());
    *proposal.verdicts.add_verdicts() = std::move(verdict);
  }
  proposal.classes.assign(classes.begin(), classes.end());
  return proposal;
}

bool HasMainClass(const std::vector<policy::v1::TriageClass>& classes) {
  return std::any_of(classes.begin(), classes.end(), [](policy::v1::TriageClass one) {
    return one == policy::v1::TRIAGE_CLASS_TRANSFER || one == policy::v1::TRIAGE_CLASS_HORIZONTAL ||
           one == policy::v1::TRIAGE_CLASS_SPINOUT;
  });
}

}  // namespace chanyan::triage
