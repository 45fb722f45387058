// Rules of following up enterprises that found no platform (PAIR-6): what a contact says, and what
// all contacts together come to. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "chanyan/pairing/v1/coverage.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"

namespace chanyan::pairing {

// What is wrong with a contact at `now`: ids that the pack does not know, a time to come. Fields as
// in the message; for a sheet the id fields are called by their titles' fields.
std::vector<status::Violation> ContactViolations(const policy::Pack& pack,
                                                 const v1::ContactAttempt& attempt, absl::Time now);

// Fills in what the contact says about the reason: its own reason, or else that of its result.
void SettleReason(const policy::Pack& pack, v1::ContactAttempt* attempt);

// Derives the follow-up's contact fields from its valid contacts, whatever their order: the last
// one by time, and the reason of the last one that says something about it.
void Derive(absl::Span<const v1::ContactAttempt> attempts, v1::Outreach* outreach);

// Whether two records say the same of one contact.
bool SameContact(const v1::ContactAttempt& a, const v1::ContactAttempt& b);

// Names of the pack's ids, for people; the id itself where the pack does not know it any more.
std::string ReasonTitle(const policy::Pack& pack, absl::string_view id);
std::string MethodTitle(const policy::Pack& pack, absl::string_view id);
std::string ResultTitle(const policy::Pack& pack, absl::string_view id);
// Fills in the titles.
void SetTitles(const policy::Pack& pack, v1::ContactAttempt* attempt);
// Ids for the titles of a sheet's row; violations of the title fields for what the pack does not
// know.
std::vector<status::Violation> TakeTitles(const policy::Pack& pack, v1::ContactAttempt* attempt);

}  // namespace chanyan::pairing
