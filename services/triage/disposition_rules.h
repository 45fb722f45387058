// Which classes a result belongs to, by the rules of the pack over its facts (TRI-3). Pure: the
// same pack and facts give verdicts of the same bytes.
#pragma once

#include <vector>

#include "chanyan/policy/v1/triage.pb.h"
#include "chanyan/policy/v1/verdict.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/policy/verdict.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

// conversion_modes (ids of contract kinds, "spinout"), stage and application_state (short names),
// form, maturity_<scale>, ip_granted, ip_pending, financing_yuan, founding_team, bottleneck,
// novelty, owner_objections ("yes"), major_grounds, settle_place (district or zone), fields,
// industries (ids). What is zero, false or empty is absent.
policy::Facts DispositionFacts(const TriagePack& pack, const v1::Result& result);

struct DispositionProposal {
  // In the order of the enum, each once; none = a person must decide.
  std::vector<policy::v1::TriageClass> classes;
  // One of each rule, in ascending order of id. SATISFIED gives the rule's class.
  policy::v1::Verdicts verdicts;
};

DispositionProposal ProposeDisposition(const TriagePack& pack, const policy::Facts& facts);

// The classes among TRANSFER, HORIZONTAL and SPINOUT: one of them at least is decided on.
bool HasMainClass(const std::vector<policy::v1::TriageClass>& classes);

}  // namespace chanyan::triage
