// The grants of a resource's proto, read once: what scope.cc turns into SQL and labels.cc into
// words of an index.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chanyan/options/v1/options.pb.h"
#include "common/auth/condition.h"
#include "common/auth/principal.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::auth {

// One grant. One whose text cannot be read is no grant and not among GrantsOf.
struct Grant {
  std::vector<Role> roles;
  options::v1::Access access = options::v1::ACCESS_UNSPECIFIED;
  // Field that must equal the caller's organization; empty = every row.
  std::string owner;
  // As written, and as read.
  std::string where_text;
  std::optional<Condition> where;
};

// In the order of the proto. Thread-safe; lives as long as the program.
const std::vector<Grant>& GrantsOf(const google::protobuf::Descriptor* resource);

// Whether the grant gives `access` to the caller, for the rows that it names.
bool Covers(const Grant& grant, const Principal& principal, options::v1::Access access);

// Organizations whose rows are the caller's own for `access`: its organization, and for reading
// also what has become part of it. Ask only where a grant with an owner covers the caller.
std::vector<std::string> OwnersFor(const Principal& principal, options::v1::Access access);

}  // namespace chanyan::auth
