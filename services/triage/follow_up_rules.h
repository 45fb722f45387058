// What an entry of the log must be, and what stage it brings a result to (TRI-6). Pure.
#pragma once

#include <vector>

#include "absl/time/civil_time.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"

namespace chanyan::triage {

// The place of a founded company and the fields of a registration become what the pack calls them,
// however they are written; what it does not know stays.
void TakeNames(const policy::Pack& pack, v1::FollowUp* row);

// Everything wrong with an entry on `today`: what its kind needs is there, what belongs to another
// is not, and nothing lies ahead; a company is founded at a place of the pack, and a registration
// has what the pack's contract_fields ask for. SPINOUT is no contract (Civil Code art. 843 ff.).
std::vector<status::Violation> FollowUpViolations(const policy::Pack& pack, const v1::FollowUp& row,
                                                  absl::CivilDay today);

// UNSPECIFIED if it brings it to none. A company founded or money obtained is a contact at least.
v1::FunnelStage StageOf(v1::FollowUpKind kind);

// What converted a result: contract, its registration, company, money.
bool IsDeal(v1::FollowUpKind kind);

// Whether every way that a log opened has come to its end: a contract is registered or a company
// founded, no contract waits for its registration, and nobody was contacted for another way since.
// `log` has the entries that count, in the order in which they were written; an entry that tells of
// a day before that of the end opens nothing. Financing and notes neither open nor end.
bool IsConcluded(const std::vector<v1::FollowUp>& log);

// Of contract or financing, in yuan; 0 of others.
int64_t AmountOf(const v1::FollowUp& row);

}  // namespace chanyan::triage
