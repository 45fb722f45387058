// From a dossier and what is known of its parties to facts, from facts to verdicts, from verdicts
// to what is missing (CON-2). Pure: the same facts, rules and overrides give the same bytes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/eligibility.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "chanyan/policy/v1/verdict.pb.h"
#include "services/consortium/dossier_rules.h"

namespace chanyan::consortium {

// What a dossier rests on besides itself.
struct Grounds {
  Parties parties;
  // Who is under a bar on the day, by organizations/{organization}.
  std::map<std::string, v1::BarredParty> barred;
  absl::CivilDay day;
  // Of a renewal: first day on which it may be applied for; the filing still stands or has ended by
  // time.
  bool renewal_due = false;
};

// Those of lead and core who are under a bar, by name of the organization.
std::vector<v1::BarredParty> BarredIn(const v1::Consortium& row, const Grounds& grounds);
using BarredParties = google::protobuf::RepeatedPtrField<v1::BarredParty>;
// Whether `after` has somebody that `before` had not, or for another term.
bool HasNew(const BarredParties& before, const BarredParties& after);
// What its journal says of a dossier or a supplement that was judged anew: "barred" where somebody
// comes to be kept out, "unbarred" where nobody is any longer, `otherwise` in all other cases.
template <class Record>
const char* JudgedKind(const Record& before, const Record& after, const char* otherwise) {
  if (HasNew(before.barred_parties(), after.barred_parties())) return "barred";
  const bool free = after.barred_parties().empty() && !before.barred_parties().empty();
  return free ? "unbarred" : otherwise;
}

// Names of the facts are in policy.proto at DECISION_CONSORTIUM_ELIGIBILITY; besides:
// member_resources (三(六)), enterprise_capabilities and research_capabilities (四(二)2, 3),
// plan_property, plan_talent and plan_promotion (三(五)), plan_joint (五(五)). In ascending order
// of name, values in ascending byte order; an absent fact is not in the list.
std::vector<policy::v1::Fact> FactsOf(const ConsortiumPack& pack, const v1::Consortium& row,
                                      const Grounds& grounds);

// Facts of a change of members or of an end.
struct Consent {
  bool all_signed = false;
  bool has_project = false;
  bool has_document = false;
};
// What the pack's names at DECISION_CONSORTIUM_MEMBER_CHANGE say; besides: supplement, which one it
// is; joining_bases and joining_capabilities, of all who join; and of a new lead what a first one
// is asked for.
std::vector<policy::v1::Fact> MemberChangeFacts(const ConsortiumPack& pack,
                                                const v1::Supplement& supplement,
                                                const v1::Consortium& after, const Grounds& grounds,
                                                const Consent& consent);
std::vector<policy::v1::Fact> DissolutionFacts(const v1::Consortium& row, bool all_signed);

using Overrides = google::protobuf::RepeatedPtrField<v1::RuleOverride>;

// A rule that was set aside counts as such while its verdict rests on the facts of that day.
policy::v1::Verdicts Judge(const ConsortiumPack& pack, policy::v1::Decision decision,
                           const std::vector<policy::v1::Fact>& facts, const Overrides& overrides);

// The same by the rules of a check instead of the pack's: verdicts of that pack and version.
policy::v1::Verdicts JudgeAsIn(const ConsortiumPack& pack, const v1::EligibilityCheck& check,
                               const std::vector<policy::v1::Fact>& facts,
                               const Overrides& overrides);

// A supplement by the rules of the pack for a change of members, and with a new lead by those rules
// of eligibility that look at nothing but the lead.
policy::v1::Verdicts JudgeChange(const ConsortiumPack& pack,
                                 const std::vector<policy::v1::Fact>& facts, bool new_lead,
                                 const Overrides& overrides);
// Those rules, in the order of their verdicts.
std::vector<policy::v1::Rule> RulesOfChange(const ConsortiumPack& pack, bool new_lead);
// Those of one decision, likewise.
std::vector<policy::v1::Rule> RulesOf(const ConsortiumPack& pack, policy::v1::Decision decision);

// SHA-256 of what a verdict rests on, lower-case hex.
std::string FactsDigest(const policy::v1::Verdict& verdict);

// Who sets a rule aside, and why.
struct Waiver {
  std::string rule_id;
  std::string reason;
  std::string account;
  absl::Time time;
};
// The department sets one rule of `verdicts` aside: kept in `overrides` in the place of an earlier
// one of the same rule. Errors as policy::ApplyOverride.
absl::Status Waive(const ConsortiumPack& pack, const policy::v1::Verdicts& verdicts,
                   const Waiver& waiver, Overrides* overrides);

// Takes away what does not rest on the facts of `verdicts`, and what does not say on which it
// rests.
void DropStale(const policy::v1::Verdicts& verdicts, Overrides* overrides);

// The check once more: its facts by its rules.
policy::v1::Verdicts Replay(const ConsortiumPack& pack, const v1::EligibilityCheck& check);

// What verdicts still ask for, hard rules first, with the fields to look at.
std::vector<v1::MissingItem> MissingOf(const ConsortiumPack& pack,
                                       const policy::v1::Verdicts& verdicts);

// What is half written, as one hard item of no rule with the places to look at; none if nothing is.
std::vector<v1::MissingItem> HalfWrittenOf(const v1::Consortium& row);

}  // namespace chanyan::consortium
