// What happened to organizations, put down for people in the transaction that made it happen
// (REG-1).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/registry/v1/directory.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "services/registry/organization_rules.h"

namespace chanyan::registry {

// By what right, and from which day on.
struct Basis {
  absl::CivilDay day;
  std::string reason;
  std::string document;
};

// An event of `of`, with the titles of `parties` as the other side and `of`'s own as it is now;
// what `facts` says besides is taken from it. `account` put it down.
v1::OrganizationEvent EventOf(const v1::Organization& of, const Basis& basis,
                              absl::string_view account, EventFacts facts,
                              const std::vector<const v1::Organization*>& parties);
// A change of name, from `before` to the present one.
v1::OrganizationEvent RenameEvent(const v1::Organization& before, const v1::Organization& after,
                                  const Basis& basis, absl::string_view account);

// Writes and journals them.
absl::Status RecordEvents(rpc::Change& change, const db::Table<v1::OrganizationEvent>& table,
                          std::vector<v1::OrganizationEvent> events);

}  // namespace chanyan::registry
