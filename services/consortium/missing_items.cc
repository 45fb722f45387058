// What a dossier still lacks, with the fields to look at (CON-2).
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "services/consortium/eligibility_rules.h"

namespace chanyan::consortium {
namespace {

using policy::v1::Fact;
using policy::v1::Verdict;
using policy::v1::Verdicts;

// Where in the dossier a fact is made.
std::string FieldOf(absl::string_view fact) {
  static const auto& fields = *new std::map<absl::string_view, std::string>{
      {"lead_standing", "lead_standing"},
      {"chain_enterprises", "members"},
      {"research_units", "members"},
      {"nobody_barred", "members"},
      {"active_parties", "members"},
      {"member_bases", "members.basis"},
      {"task_split", "members.tasks"},
      {"member_resources", "members.resources"},
      {"all_signed", "signed_by"},
      {"agreement_document", "agreement.document"},
      {"research_topics", "plan.topics"},
      {"chief_expert", "chief_expert"},
      {"director", "director"},
      {"director_by_lead", "director.appointed_by_lead"},
      {"plan_significance", "plan.significance"},
      {"plan_organisation", "plan.organisation"},
      {"plan_schedule", "plan.schedule"},
      {"plan_funds", "plan.funds"},
      {"plan_targets", "plan.targets"},
      {"plan_acceptance", "plan.acceptance"},
      {"plan_property", "plan.property_layout"},
      {"plan_talent", "plan.talent_layout"},
      {"plan_promotion", "plan.promotion_layout"},
      {"plan_joint", "plan_confirmed_by"},
      {"enterprise_capabilities", "members.capability"},
      {"research_capabilities", "members.capability"},
      {"pledge", "pledge.accepted"},
      {"industries", "industries"},
      {"in_system", "industries"},
      {"track", "track"},
      {"renewal_due", "renews"}};
  if (absl::StartsWith(fact, "clause_")) return "agreement.clauses";
  if (absl::StartsWith(fact, "mechanism_")) return "plan.mechanisms";
  const auto it = fields.find(fact);
  return it == fields.end() ? "" : it->second;
}

}  // namespace

std::vector<v1::MissingItem> MissingOf(const ConsortiumPack& pack, const Verdicts& verdicts) {
  std::vector<v1::MissingItem> missing;
  for (const Verdict& verdict : verdicts.verdicts()) {
    if (verdict.outcome() != policy::v1::OUTCOME_NOT_SATISFIED) continue;
    v1::MissingItem& item = missing.emplace_back();
    const policy::v1::Rule* rule = pack.pack().FindRule(verdict.rule_id());
    item.set_rule_id(verdict.rule_id());
    item.set_title(rule == nullptr ? verdict.rule_id() : rule->display_name());
    item.set_reason(verdict.reason());
    *item.mutable_clause() = verdict.clause();
    item.set_hard(verdict.strength() == policy::v1::STRENGTH_HARD);
    std::set<std::string> fields;
    for (const Fact& fact : verdict.facts()) {
      const bool counts = rule != nullptr && rule->has_minimum_count();
      if (fact.values_size() == 0 || counts) fields.insert(FieldOf(fact.name()));
    }
    fields.erase("");
    for (const std::string& field : fields) item.add_fields(field);
  }
  std::stable_sort(
      missing.begin(), missing.end(),
      [](const v1::MissingItem& a, const v1::MissingItem& b) { return a.hard() && !b.hard(); });
  return missing;
}

std::vector<v1::MissingItem> HalfWrittenOf(const v1::Consortium& row) {
  const std::vector<status::Violation> half = HalfWritten(row);
  if (half.empty()) return {};
  v1::MissingItem item;
  item.set_title("已填条目不完整");
  std::vector<std::string> reasons;
  for (const status::Violation& one : half) {
    reasons.push_back(one.description);
    item.add_fields(one.field);
  }
  item.set_reason(absl::StrJoin(reasons, "；"));
  item.set_hard(true);
  return {std::move(item)};
}

}  // namespace chanyan::consortium
