// Which organizations became one while a cycle ran (REG-1). In a cycle that had ended before, the
// two stay what they were.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/database.h"

namespace chanyan::cycle {

struct CycleSuccession {
  // Organization → the one that goes on for it in this cycle.
  std::map<std::string, std::string> successors;
  // Those that go on → their names.
  std::map<std::string, std::string> titles;

  // Who answers for it in this cycle.
  const std::string& Living(const std::string& organization) const {
    const auto found = successors.find(organization);
    return found == successors.end() ? organization : found->second;
  }
};

absl::StatusOr<CycleSuccession> LoadSuccession(db::Session& session, absl::string_view cycle);

}  // namespace chanyan::cycle
