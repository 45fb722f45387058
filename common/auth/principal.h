// Who is calling.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "chanyan/options/v1/options.pb.h"

namespace chanyan::auth {

using Role = options::v1::Role;

// Made from a verified token, or empty for the public. A value.
struct Principal {
  // accounts/{account} or apiClients/{client}; empty = not signed in.
  std::string account;
  // organizations/{organization} the caller acts for; empty for services.
  std::string organization;
  // Organizations that have become part of it. What was theirs may be read as one's own; it is
  // changed only once it has been handed over. Filled by the service from what it knows of mergers.
  std::vector<std::string> predecessors;
  // Roles of the account, without ROLE_PUBLIC and ROLE_SIGNED_IN.
  std::vector<Role> roles;
  // sessions/{session} the token was made for; empty for API clients.
  std::string session;
  // Only ChangePassword and SignOut are allowed.
  bool password_change_required = false;

  bool signed_in() const { return !account.empty(); }
  // Whether a grant to `role` covers the caller.
  bool Has(Role role) const {
    if (role == options::v1::ROLE_PUBLIC) return true;
    if (role == options::v1::ROLE_SIGNED_IN) return signed_in();
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  }
};

}  // namespace chanyan::auth
