// Packs for tests: the shipped ones and a minimal one.
#pragma once

#include <memory>
#include <string>

#include "common/policy/pack.h"

namespace chanyan::policy {

// A city's pack as shipped in deploy/policies; the test fails if it is refused.
std::unique_ptr<const Pack> LoadShipped(const std::string& city);

// deploy/policies in the source tree.
std::string ShippedRoot();

// The least a pack must have, in text format.
inline constexpr char kMinimalPack[] = R"(id: "test"
display_name: "试验市"
version: "1"
effective_from { year: 2025 month: 1 day: 1 }
calendars {
  year: 2025
  note: "试验"
  holidays {
    display_name: "元旦"
    first_date { year: 2025 month: 1 day: 1 }
    last_date { year: 2025 month: 1 day: 1 }
  }
}
)";

}  // namespace chanyan::policy
