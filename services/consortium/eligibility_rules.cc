#include "services/consortium/eligibility_rules.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::consortium {
namespace {

using policy::v1::Fact;
using policy::v1::Verdict;
using policy::v1::Verdicts;

constexpr char kYes[] = "是";

// Facts on their way: values in ascending order, each once.
class FactList {
 public:
  void Add(const std::string& name, const std::string& value) {
    if (!value.empty()) values_[name].insert(value);
  }
  void Is(const std::string& name, bool so) {
    if (so) Add(name, kYes);
  }
  void Count(const std::string& name, int64_t count) { Add(name, absl::StrCat(count)); }

  std::vector<Fact> Take() const {
    std::vector<Fact> facts;
    for (const auto& [name, values] : values_) {
      Fact& fact = facts.emplace_back();
      fact.set_name(name);
      for (const std::string& value : values) fact.add_values(value);
    }
    return facts;
  }

 private:
  std::map<std::string, std::set<std::string>> values_;
};

void LeadFacts(const ConsortiumPack& pack, const v1::Consortium& row, const Grounds& grounds,
               FactList* facts) {
  facts->Add("lead", row.lead_unit());
  if (!IsBlank(row.lead_standing())) facts->Add("lead_standing", row.lead_standing());
  const auto lead = grounds.parties.find(row.lead_unit());
  if (lead == grounds.parties.end()) return;
  facts->Is("lead_in_city",
            lead->second.kind() == "ENTERPRISE" && pack.InCity(lead->second.region_code()));
  facts->Is("lead_leading", pack.IsLeading(lead->second));
}

void MemberFacts(const v1::Consortium& row, const Grounds& grounds, FactList* facts) {
  int64_t chain = 0;
  int64_t research = 0;
  bool based = row.members_size() > 0;
  bool split = row.members_size() > 0;
  bool supported = row.members_size() > 0;
  for (const v1::ConsortiumMember& member : row.members()) {
    chain +=
        member.kind() == v1::MEMBER_KIND_UPSTREAM || member.kind() == v1::MEMBER_KIND_DOWNSTREAM;
    research +=
        member.kind() == v1::MEMBER_KIND_UNIVERSITY || member.kind() == v1::MEMBER_KIND_INSTITUTE;
    based &= !member.basis().empty();
    split &= !member.tasks().empty();
    supported &= !IsBlank(member.resources()) || member.funds_yuan() > 0;
  }
  facts->Count("chain_enterprises", chain);
  facts->Count("research_units", research);
  facts->Is("nobody_barred", BarredIn(row, grounds).empty());
  facts->Is("member_bases", based);
  facts->Is("task_split", split);
  facts->Is("member_resources", supported);
  bool active = true;
  for (const std::string& name : ParticipantsOf(row)) {
    const auto party = grounds.parties.find(name);
    active &= party != grounds.parties.end() && party->second.active();
  }
  facts->Is("active_parties", active);
}

// What members of each kind must be able to do: an enterprise supports the chain, a university has
// its team and laboratories.
void CapabilityFacts(const v1::Consortium& row, FactList* facts) {
  bool enterprises = row.members_size() > 0;
  bool research = row.members_size() > 0;
  for (const v1::ConsortiumMember& member : row.members()) {
    const bool stated = !IsBlank(member.capability());
    const bool studies =
        member.kind() == v1::MEMBER_KIND_UNIVERSITY || member.kind() == v1::MEMBER_KIND_INSTITUTE;
    (studies ? research : enterprises) &= stated;
  }
  facts->Is("enterprise_capabilities", enterprises);
  facts->Is("research_capabilities", research);
}

// Lead and members are all in `names`; a lead alone is no consortium.
bool AllIn(const v1::Consortium& row,
           const google::protobuf::RepeatedPtrField<std::string>& names) {
  const std::vector<std::string> all = ParticipantsOf(row);
  return all.size() > 1 && std::all_of(all.begin(), all.end(), [&](const std::string& name) {
           return std::find(names.begin(), names.end(), name) != names.end();
         });
}

void AgreementFacts(const v1::Consortium& row, FactList* facts) {
  facts->Add("agreement_document", row.agreement().document_sha256());
  for (const v1::ClausePlace& place : row.agreement().clauses()) {
    if (IsBlank(place.place())) continue;
    facts->Add(absl::StrCat("clause_", place.clause()), place.place());
  }
  facts->Is("all_signed", AllIn(row, row.signed_by()));
}

void PlanFacts(const v1::Consortium& row, FactList* facts) {
  const v1::ConstructionPlan& plan = row.plan();
  facts->Is("plan_significance", !plan.significance().empty());
  facts->Is("plan_organisation", !plan.organisation().empty());
  facts->Is("plan_schedule", !plan.schedule().empty());
  facts->Is("plan_funds", !plan.funds().empty() && plan.total_funds_yuan() > 0);
  facts->Is("plan_targets",
            std::any_of(plan.targets().begin(), plan.targets().end(),
                        [](const v1::PlanTarget& one) { return !IsBlank(one.value()); }));
  facts->Is("plan_acceptance", !plan.acceptance().empty());
  for (const v1::Mechanism& mechanism : plan.mechanisms()) {
    facts->Is(absl::StrCat("mechanism_", mechanism.mechanism()), !IsBlank(mechanism.description()));
  }
  for (const v1::ResearchTopic& topic : plan.topics()) facts->Add("research_topics", topic.title());
  facts->Is("plan_property", !IsBlank(plan.property_layout()));
  facts->Is("plan_talent", !IsBlank(plan.talent_layout()));
  facts->Is("plan_promotion", !IsBlank(plan.promotion_layout()));
  facts->Is("plan_joint", AllIn(row, row.plan_confirmed_by()));
}

policy::Facts AsFacts(const google::protobuf::RepeatedPtrField<Fact>& list) {
  policy::Facts facts;
  for (const Fact& fact : list) {
    for (const std::string& value : fact.values()) facts.Add(fact.name(), value);
  }
  return facts;
}

void SetAside(const Overrides& overrides, Verdict* verdict) {
  if (verdict->outcome() != policy::v1::OUTCOME_NOT_SATISFIED ||
      verdict->strength() != policy::v1::STRENGTH_SOFT) {
    return;
  }
  for (const v1::RuleOverride& one : overrides) {
    if (one.rule_id() != verdict->rule_id()) continue;
    // Checks from before the facts were kept are judged as they were then.
    if (!one.facts_sha256().empty() && one.facts_sha256() != FactsDigest(*verdict)) continue;
    verdict->set_outcome(policy::v1::OUTCOME_OVERRIDDEN);
    verdict->mutable_override()->set_role(one.role());
    verdict->mutable_override()->set_reason(one.reason());
    return;
  }
}

// Facts that are about the lead and nobody else.
bool IsOfLead(absl::string_view fact) {
  return fact == "lead" || fact == "lead_in_city" || fact == "lead_leading" ||
         fact == "lead_standing";
}

bool AsksOfLeadAlone(const policy::v1::Rule& rule) {
  return rule.has_required_facts() && !rule.required_facts().facts().empty() &&
         std::all_of(rule.required_facts().facts().begin(), rule.required_facts().facts().end(),
                     [](const auto& fact) { return IsOfLead(fact.name()); });
}

}  // namespace

std::vector<v1::BarredParty> BarredIn(const v1::Consortium& row, const Grounds& grounds) {
  std::set<std::string> close = {row.lead_unit()};
  for (const v1::ConsortiumMember& member : row.members()) {
    if (member.layer() == v1::MEMBER_LAYER_CORE) close.insert(member.organization());
  }
  std::vector<v1::BarredParty> barred;
  for (const auto& [name, party] : grounds.barred) {
    if (close.contains(name)) barred.push_back(party);
  }
  return barred;
}

bool HasNew(const BarredParties& before, const BarredParties& after) {
  const auto known = [&](const v1::BarredParty& party) {
    return std::any_of(before.begin(), before.end(), [&](const v1::BarredParty& one) {
      return google::protobuf::util::MessageDifferencer::Equals(one, party);
    });
  };
  return std::any_of(after.begin(), after.end(),
                     [&](const v1::BarredParty& party) { return !known(party); });
}

std::vector<Fact> FactsOf(const ConsortiumPack& pack, const v1::Consortium& row,
                          const Grounds& grounds) {
  FactList facts;
  LeadFacts(pack, row, grounds, &facts);
  MemberFacts(row, grounds, &facts);
  CapabilityFacts(row, &facts);
  AgreementFacts(row, &facts);
  PlanFacts(row, &facts);
  if (!IsBlank(row.chief_expert().unit_title())) {
    facts.Add("chief_expert", row.chief_expert().person());
  }
  facts.Add("director", row.director().person());
  facts.Is("director_by_lead", row.director().appointed_by_lead());
  facts.Is("pledge", row.pledge().accepted());
  facts.Add("track", row.track());
  for (const std::string& industry : row.industries()) {
    facts.Add("industries", industry);
    if (pack.HasIndustry(industry)) facts.Add("in_system", industry);
  }
  facts.Add("renews", row.renews());
  facts.Is("renewal_due", row.renews().empty() || grounds.renewal_due);
  facts.Add("as_of_date", time::FormatDate(grounds.day));
  return facts.Take();
}

std::vector<Fact> MemberChangeFacts(const ConsortiumPack& pack, const v1::Supplement& supplement,
                                    const v1::Consortium& after, const Grounds& grounds,
                                    const Consent& consent) {
  FactList facts;
  facts.Add("consortium", after.name());
  facts.Add("supplement", supplement.name());
  MemberFacts(after, grounds, &facts);
  const auto all_state = [&](auto text_of) {
    return std::all_of(
        supplement.joining().begin(), supplement.joining().end(),
        [&](const v1::ConsortiumMember& member) { return !IsBlank(text_of(member)); });
  };
  facts.Is("joining_bases", all_state([](const auto& member) { return member.basis(); }));
  facts.Is("joining_capabilities",
           all_state([](const auto& member) { return member.capability(); }));
  if (!supplement.new_lead().empty()) LeadFacts(pack, after, grounds, &facts);
  facts.Is("all_signed", consent.all_signed);
  facts.Is("project", consent.has_project);
  facts.Is("document", consent.has_document);
  return facts.Take();
}

std::vector<Fact> DissolutionFacts(const v1::Consortium& row, bool all_signed) {
  FactList facts;
  facts.Add("consortium", row.name());
  facts.Is("no_held_project", row.held_projects() == 0);
  facts.Is("all_signed", all_signed);
  return facts.Take();
}

std::string FactsDigest(const Verdict& verdict) {
  Verdicts facts;
  *facts.add_verdicts()->mutable_facts() = verdict.facts();
  return api::Sha256Hex(policy::Encode(facts));
}

absl::Status Waive(const ConsortiumPack& pack, const Verdicts& verdicts, const Waiver& waiver,
                   Overrides* overrides) {
  constexpr options::v1::Role kRole = options::v1::ROLE_DEPARTMENT;
  Verdicts waived = verdicts;
  CHANYAN_RETURN_IF_ERROR(
      policy::ApplyOverride(pack.pack(), waiver.rule_id, kRole, waiver.reason, waived));
  v1::RuleOverride kept;
  for (const Verdict& verdict : verdicts.verdicts()) {
    if (verdict.rule_id() == waiver.rule_id) kept.set_facts_sha256(FactsDigest(verdict));
  }
  kept.set_rule_id(waiver.rule_id);
  kept.set_role(kRole);
  kept.set_reason(waiver.reason);
  kept.set_account(waiver.account);
  *kept.mutable_override_time() = time::ToTimestamp(waiver.time);
  const auto same =
      std::remove_if(overrides->begin(), overrides->end(),
                     [&](const v1::RuleOverride& one) { return one.rule_id() == waiver.rule_id; });
  overrides->erase(same, overrides->end());
  *overrides->Add() = std::move(kept);
  return absl::OkStatus();
}

void DropStale(const Verdicts& verdicts, Overrides* overrides) {
  const auto stands = [&](const v1::RuleOverride& one) {
    return std::any_of(
        verdicts.verdicts().begin(), verdicts.verdicts().end(), [&](const Verdict& verdict) {
          return verdict.rule_id() == one.rule_id() && FactsDigest(verdict) == one.facts_sha256();
        });
  };
  const auto stale = std::remove_if(overrides->begin(), overrides->end(),
                                    [&](const v1::RuleOverride& one) { return !stands(one); });
  overrides->erase(stale, overrides->end());
}

Verdicts Judge(const ConsortiumPack& pack, policy::v1::Decision decision,
               const std::vector<Fact>& facts, const Overrides& overrides) {
  const google::protobuf::RepeatedPtrField<Fact> list(facts.begin(), facts.end());
  Verdicts verdicts = policy::Evaluate(pack.pack(), decision, AsFacts(list));
  for (Verdict& verdict : *verdicts.mutable_verdicts()) SetAside(overrides, &verdict);
  return verdicts;
}

Verdicts JudgeAsIn(const ConsortiumPack& pack, const v1::EligibilityCheck& check,
                   const std::vector<Fact>& facts, const Overrides& overrides) {
  const google::protobuf::RepeatedPtrField<Fact> list(facts.begin(), facts.end());
  Verdicts verdicts;
  verdicts.set_pack_id(check.verdicts().pack_id());
  verdicts.set_pack_version(check.verdicts().pack_version());
  for (const policy::v1::Rule& rule : check.rules()) {
    Verdict* verdict = verdicts.add_verdicts();
    *verdict = policy::Evaluate(pack.pack(), rule, AsFacts(list));
    SetAside(overrides, verdict);
  }
  return verdicts;
}

std::vector<policy::v1::Rule> RulesOf(const ConsortiumPack& pack, policy::v1::Decision decision) {
  std::vector<policy::v1::Rule> rules;
  for (const policy::v1::Rule* rule : pack.pack().RulesFor(decision)) rules.push_back(*rule);
  return rules;
}

std::vector<policy::v1::Rule> RulesOfChange(const ConsortiumPack& pack, bool new_lead) {
  std::vector<policy::v1::Rule> rules =
      RulesOf(pack, policy::v1::DECISION_CONSORTIUM_MEMBER_CHANGE);
  if (!new_lead) return rules;
  for (policy::v1::Rule& rule : RulesOf(pack, policy::v1::DECISION_CONSORTIUM_ELIGIBILITY)) {
    if (AsksOfLeadAlone(rule)) rules.push_back(std::move(rule));
  }
  return rules;
}

Verdicts JudgeChange(const ConsortiumPack& pack, const std::vector<Fact>& facts, bool new_lead,
                     const Overrides& overrides) {
  const google::protobuf::RepeatedPtrField<Fact> list(facts.begin(), facts.end());
  Verdicts verdicts;
  verdicts.set_pack_id(pack.pack().id());
  verdicts.set_pack_version(pack.pack().version());
  for (const policy::v1::Rule& rule : RulesOfChange(pack, new_lead)) {
    Verdict* verdict = verdicts.add_verdicts();
    *verdict = policy::Evaluate(pack.pack(), rule, AsFacts(list));
    SetAside(overrides, verdict);
  }
  return verdicts;
}

Verdicts Replay(const ConsortiumPack& pack, const v1::EligibilityCheck& check) {
  return JudgeAsIn(pack, check, {check.facts().begin(), check.facts().end()}, check.overrides());
}

}  // namespace chanyan::consortium
