// Who may be told: accounts as identity's journal tells of them. Of personal data the name alone is
// kept, for receipts and traces (CYC-4).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/db/database.h"

namespace chanyan::cycle {

struct Person {
  // accounts/{a}.
  std::string account;
  // organizations/{o}.
  std::string organization;
  std::vector<options::v1::Role> roles;
  // As people call him.
  std::string display_name = {};

  bool Has(options::v1::Role role) const;
};

// Whether an entry of identity's journal is about an account.
bool ConcernsPeople(const journal::v1::Entry& entry);
// What such an entry says; others are passed over.
absl::Status FollowIdentity(db::Session& session, const journal::v1::Entry& entry);

// Everybody who can sign in, by organization and account.
using People = std::map<std::string, std::vector<Person>>;
absl::StatusOr<People> LoadPeople(db::Session& session);
// Those of some organizations; "" among them is all.
absl::StatusOr<People> LoadPeople(db::Session& session, const std::set<std::string>& organizations);

// Those of an organization that have one of `roles`; none if it is not known.
std::vector<Person> WithRoles(const People& people, const std::string& organization,
                              const std::vector<options::v1::Role>& roles);

}  // namespace chanyan::cycle
