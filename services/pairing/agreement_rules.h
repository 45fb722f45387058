// Rules of agreements (PAIR-3): when they are filed and changed, parties, term, documents and the
// technology contract of the pack. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/policy/pack.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"

namespace chanyan::pairing {

// The pack's contract kind of that name; null if there is none.
const policy::v1::ContractKind* FindContractKindByName(const policy::Pack& pack,
                                                       absl::string_view name);

// FAILED_PRECONDITION if no further agreement of the project is filed: the main one is from the
// signing on, however late; a supplement changes what is still going on.
absl::Status RequireFiling(const v1::Project& project);
// FAILED_PRECONDITION if the project's agreements stay as they are.
absl::Status RequireChangeable(const v1::Project& project);

// What is wrong with an agreement of `project` on `today`; fields of Agreement. The day of its
// signing must be filled in.
std::vector<status::Violation> AgreementViolations(const policy::Pack& pack,
                                                   const v1::Project& project,
                                                   const v1::Agreement& agreement,
                                                   absl::CivilDay today);

// What is wrong with its place among the others of the project: the main one bears the project's
// day, a supplement is not signed before the one it follows, and no number comes twice. `all` are
// the project's, in any order; one of its own name is itself.
std::vector<status::Violation> SequenceViolations(const v1::Project& project,
                                                  const v1::Agreement& agreement,
                                                  const std::vector<v1::Agreement>& all);

// AgreementViolations and SequenceViolations.
std::vector<status::Violation> ViolationsAmong(const policy::Pack& pack, const v1::Project& project,
                                               const v1::Agreement& agreement,
                                               const std::vector<v1::Agreement>& all,
                                               absl::CivilDay today);

// Whether the agreement has got a term, or another than that of `before`.
bool IsProlonged(const v1::Agreement& before, const v1::Agreement& agreement);
// The end of another term than that of `before` is reminded of anew.
void RemindAnewOf(const v1::Agreement& before, v1::Agreement* agreement);

// The facts that an agreement brings to the signing.
void AddAgreementFacts(const policy::Pack& pack, const v1::Agreement& agreement,
                       policy::Facts* facts);

}  // namespace chanyan::pairing
