// Files that must be refused, each for one reason.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "tools/seed_program/catalog.h"
#include "tools/seed_program/city.h"

namespace chanyan::seed {

// broken/ with expected.tsv under `out`: each file to be imported as the form of `university`, with
// what the refusal must name (place in the file, words of the reason).
absl::Status WriteBroken(const Catalog& catalog, const City& city, const std::string& out);

}  // namespace chanyan::seed
