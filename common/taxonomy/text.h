// A pack's files with other taxonomies in them (REG-7): what did not change stays byte for byte,
// with its comments.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/policy/pack.h"
#include "common/taxonomy/sheet.h"

namespace chanyan::taxonomy {

// The files that differ, in the order given; `new_file` (a path, such as
// "city/industries.textproto") takes what no file has yet and may itself be new. A block is what
// lies between a line "taxonomies {" or "mappings {" and the next line "}"; INVALID_ARGUMENT
// (INVALID_FILE) if what is to be changed stands in no such block.
absl::StatusOr<std::vector<policy::PackFile>> RewriteTaxonomies(
    const std::vector<policy::PackFile>& files, const TaxonomyEdition& edition,
    absl::string_view new_file);

}  // namespace chanyan::taxonomy
