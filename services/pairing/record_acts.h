// What the first act on a record, and those that sheets do as well, make of it in memory (PAIR-2,
// PAIR-4, PAIR-5, PAIR-7). What may be done is said by the rules before.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/contact.pb.h"
#include "chanyan/pairing/v1/outcome.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "chanyan/pairing/v1/report_version.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/auth/principal.h"
#include "common/policy/pack.h"
#include "services/pairing/problem_rules.h"

namespace chanyan::pairing {

// Makes `contact`, which has what was said, an entry of the project that `writer` writes at `now`;
// of an approach also who answers by when.
absl::Status OpenContact(const policy::Pack& pack, const v1::Project& project,
                         const auth::Principal& writer, absl::Time now, v1::Contact* contact);

// Who acts on problems.
Actor ActorOf(const auth::Principal& principal);

// The term's last second and where it comes from.
void SetTerm(const policy::Term& term, v1::Problem* problem);

// Makes `problem`, which has its words, origin and who raised it, an open one of the project with
// the latest term; without one while the calendar does not reach, for what is wrong is not wrong
// for want of holidays. FAILED_PRECONDITION if the pack has no such term.
absl::Status OpenProblem(const policy::Pack& pack, const v1::Project& project, absl::Time now,
                         v1::Problem* problem);

// `organization` assigns a problem whose state allows it: state, unit, owner, term, step.
void AssignProblem(absl::Time now, absl::string_view organization,
                   const registry::v1::Organization& unit, const std::string& owner,
                   const policy::Term& term, v1::Problem* problem);
// `organization` solves a problem whose state allows it.
void ResolveProblem(absl::Time now, absl::string_view organization, absl::string_view resolution,
                    v1::Problem* problem);

// Makes `outcome`, which has its content, one of the project that `organization` declares.
void DeclareOutcome(const v1::Project& project, absl::string_view organization,
                    v1::Outcome* outcome);

// A draft of the quarter's report that `writer` types: the words of `said`, on the base that it
// names, or on the version submitted last. `versions` are all of the report.
v1::ReportVersion TypeVersion(const v1::Project& project, absl::string_view quarter,
                              const std::vector<v1::ReportVersion>& versions,
                              const auth::Principal& writer, const v1::ReportVersion& said);

}  // namespace chanyan::pairing
