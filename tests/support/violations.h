// What a refusal names, as tests compare it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/status/status.h"

namespace chanyan::testing {

// The fields or cells of all violations, in their order; empty if there are none.
inline std::vector<std::string> FieldsOf(const std::vector<status::Violation>& violations) {
  std::vector<std::string> fields;
  for (const status::Violation& violation : violations) fields.push_back(violation.field);
  return fields;
}
inline std::vector<std::string> FieldsOf(const absl::Status& refusal) {
  return FieldsOf(status::ViolationsOf(refusal));
}

}  // namespace chanyan::testing
