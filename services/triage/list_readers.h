// Who reads a list because it was issued to him, and who because it is published (TRI-7). Pure.
#pragma once

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/list.pb.h"
#include "common/auth/grants.h"
#include "common/auth/principal.h"
#include "common/db/predicate.h"
#include "services/triage/openness.h"

namespace chanyan::triage {

// Reads whatever is issued.
inline bool ReadsEveryList(const auth::Principal& principal) {
  return principal.Has(options::v1::ROLE_DEPARTMENT) ||
         principal.Has(options::v1::ROLE_SERVICE_TEAM) || principal.Has(options::v1::ROLE_BROKER) ||
         principal.Has(options::v1::ROLE_LEADER) || principal.Has(options::v1::ROLE_SERVICE);
}

// The list was sent to his task force.
inline bool WasSentList(const auth::Principal& principal, const v1::IndustryList& list) {
  if (!principal.Has(options::v1::ROLE_UNIT)) return false;
  const auto owners = auth::OwnersFor(principal, options::v1::ACCESS_READ);
  return std::any_of(owners.begin(), owners.end(), [&](const std::string& owner) {
    return !owner.empty() && std::find(list.recipients().begin(), list.recipients().end(), owner) !=
                                 list.recipients().end();
  });
}

// Of lines: those of his task force's industries, and those about what is his own.
inline db::Predicate OwnListLines(const auth::Principal& principal) {
  db::Predicate own = db::Predicate::Nothing();
  for (const std::string& owner : auth::OwnersFor(principal, options::v1::ACCESS_READ)) {
    if (owner.empty()) continue;
    own = db::Or(std::move(own),
                 {"proprietor = ? OR JSON_CONTAINS(recipients, JSON_QUOTE(?))", {owner, owner}});
  }
  return own;
}

// Of lines: what is read because it is published goes as soon as its entry is not open any more;
// those that the list was issued to keep what they got.
inline db::Predicate ListLinesStillOpen(const auth::Principal& principal) {
  if (ReadsEveryList(principal)) return db::Predicate::Everything();
  return db::Or(
      OwnListLines(principal),
      {absl::StrCat("subject IN (SELECT name FROM result WHERE ", kOpenToEverybody,
                    ") OR subject IN (SELECT name FROM demand WHERE ", kOpenToEverybody, ")"),
       {}});
}

}  // namespace chanyan::triage
