// From a dossier and what is known of its parties to facts, from facts to verdicts, from verdicts
// to what is missing (CON-2). Pure: the same facts, rules and overrides give the same bytes.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/eligibility.pb.h"
#include "chanyan/policy/v1/verdict.pb.h"
#include "services/consortium/dossier_rules.h"

namespace chanyan::consortium {

// What a dossier rests on besides itself.
struct Grounds {
  Parties parties;
  // organizations/{organization} under a bar on the day.
  std::set<std::string> barred;
  absl::CivilDay day;
  // Of a renewal: first day on which it may be applied for; the filing still stands or has ended by
  // time.
  bool renewal_due = false;
};

// Names of all facts are in policy.proto at DECISION_CONSORTIUM_ELIGIBILITY. In ascending order of
// name, values in ascending byte order; an absent fact is not in the list.
std::vector<policy::v1::Fact> FactsOf(const ConsortiumPack& pack, const v1::Consortium& row,
                                      const Grounds& grounds);

// Facts of a change of members or of an end.
struct Consent {
  bool all_signed = false;
  bool has_project = false;
  bool has_document = false;
};
std::vector<policy::v1::Fact> MemberChangeFacts(const v1::Consortium& after, const Grounds& grounds,
                                                const Consent& consent);
std::vector<policy::v1::Fact> DissolutionFacts(const v1::Consortium& row, bool all_signed);

policy::v1::Verdicts Judge(const ConsortiumPack& pack, policy::v1::Decision decision,
                           const std::vector<policy::v1::Fact>& facts,
                           const google::protobuf::RepeatedPtrField<v1::RuleOverride>& overrides);

// The check once more: its facts by its rules.
policy::v1::Verdicts Replay(const ConsortiumPack& pack, const v1::EligibilityCheck& check);

// What verdicts still ask for, hard rules first, with the fields to look at.
std::vector<v1::MissingItem> MissingOf(const ConsortiumPack& pack,
                                       const policy::v1::Verdicts& verdicts);

}  // namespace chanyan::consortium
