// Who may not review whom (CON-4; S2 五、(六) 组织专家进行审查): conflicts of interest between an
// expert and a consortium, by the kinds that the pack looks at. Pure: everything that is known
// comes in as facts, and the same facts give the same answer.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "chanyan/policy/v1/consortium_review.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace chanyan::consortium {

using ConflictChecks = google::protobuf::RepeatedPtrField<policy::v1::ConflictCheck>;

// First day that still counts `months` before `day`: 2025-05-31 less 3 months is 2025-02-28.
absl::CivilDay MonthsBefore(absl::CivilDay day, uint32_t months);

// Every conflict, in the order of `checks` and, within one, of the parties; none = may review.
// The day of the facts must be a full date.
std::vector<v1::Conflict> FindConflicts(const ConflictChecks& checks,
                                        const v1::DrawCandidate& expert,
                                        const v1::ReviewFacts& facts);

// What FindConflicts looked at, check by check: organizations, accounts and names on both sides and
// how many comparisons that came to. A check that could not be made whole for want of facts is none
// that was made: it is `unchecked`. Digests, day and pack are the caller's.
v1::NonConflictProof ChecksDone(const ConflictChecks& checks, const v1::DrawCandidate& expert,
                                const v1::ReviewFacts& facts);

// Whether there is no proof of an expert yet: a check of the latest look could not be made.
inline bool IsUnchecked(const v1::ReviewAssignment& row) {
  return !row.latest_proof().unchecked().empty();
}

// Which facts could not be had, in one sentence for people; "" if all were there.
std::string MissingInWords(const v1::ReviewFacts& facts);

// "任职于牵头单位：青岛某公司（现任职单位）" and so on, in one sentence.
std::string GroundsOf(const std::vector<v1::Conflict>& conflicts);

}  // namespace chanyan::consortium
