// What is asked of others before experts are drawn or looked at again (CON-4): organizations and
// what is above them of the registry, co-building and its contracts of pairing. Asked before the
// transaction; kept with what was decided by it.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/expert.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/peers.h"
#include "services/consortium/expert_rules.h"

namespace chanyan::consortium {

using Organizations = absl::flat_hash_map<std::string, registry::v1::Organization>;

// Those of `names` that the registry has, in few calls.
absl::StatusOr<Organizations> LookUp(rpc::Peers& peers, const rpc::Caller& caller,
                                     std::vector<std::string> names);

// INVALID_FIELD of `field` unless the registry has all of `names`; an ended one is allowed if
// `may_be_ended` (an employer of the past).
absl::Status RequireKnown(const Organizations& known, const std::string& name,
                          absl::string_view field, bool may_be_ended);

// In whose name is asked: of organizations and projects in our own, of agreements in that of who
// draws or checks.
struct Asker {
  rpc::Caller own;
  rpc::Caller agreements;
};
Asker AskerOf(const rpc::Call& call);
// A job, which nobody called: in our own name.
Asker AskerOfJob(absl::Time deadline);

// Facts and candidates of one review, as of `day`.
struct Reviewed {
  v1::ReviewFacts facts;
  // In the order of `experts`.
  std::vector<v1::DrawCandidate> candidates;
};

// What pairing is there for and does not give, being older than we are or not letting us read it,
// is named in the facts (`missing`) and everything else goes on; if it is away, that is the error.
// Offices of the state, zones and towns are above nearly everybody: what is above an organization
// ends at the first of them. `pairs`: the pack has pairing; where it has not, nobody builds with
// anybody and nobody is there to ask.
absl::StatusOr<Reviewed> Ask(rpc::Peers& peers, const Asker& asker,
                             const v1::Consortium& consortium,
                             const std::vector<v1::Expert>& experts, const Successions& successions,
                             absl::CivilDay day, bool pairs);

}  // namespace chanyan::consortium
