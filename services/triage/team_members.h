// Members of teams (TRI-2): what a list of them must be, and since when each is one. The list of a
// team is who its members are now; the memberships are who was one, from when until when.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "chanyan/triage/v1/team.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"

namespace chanyan::triage {

// Most members of a team, and units that it serves; as the fields of ServiceTeam have it.
inline constexpr int kMostMembers = 50;
inline constexpr int kMostServed = 100;

// One person at one unit, however the names are spelled.
std::string MemberKey(const v1::TeamMember& member);

// Everything wrong with a team's members, fields as in the message.
std::vector<status::Violation> MemberViolations(const v1::ServiceTeam& team);

// Why the officer of a team, if it has one, cannot be: a member at its department, whose title
// stands in it.
std::vector<status::Violation> OfficerViolations(const v1::ServiceTeam& team);

// What a team that works lacks, for people (S1 二(一)).
std::vector<std::string> GapsOf(const v1::ServiceTeam& team);

// Adds those members of `from` that `to` does not have.
void JoinMembers(const v1::ServiceTeam& from, v1::ServiceTeam* to);

class MembershipBook {
 public:
  // What became of the members between `before` (empty: a new team) and `after`: who left, or has
  // another post, is one no longer from this moment on; who came, or has another post, is one. All
  // members of a team that does not work any more have left. The team is locked.
  absl::Status Follow(rpc::Change& change, const v1::ServiceTeam& before,
                      const v1::ServiceTeam& after) const;

 private:
  const db::Table<v1::TeamMembership> memberships_;
};

}  // namespace chanyan::triage
