// What differs between two states of a taxonomy, in the words that people see (REG-7). Pure.
#pragma once

#include <vector>

#include "chanyan/registry/v1/difference.pb.h"
#include "chanyan/registry/v1/reference.pb.h"

namespace chanyan::taxonomy {

namespace v1 = registry::v1;

// Name, version, clause and note as any fields; then each industry that came, went, got another
// name, parent or mark, in the order of the trees; then each correspondence that came, went or has
// other grounds. One
// side may be empty: the taxonomy is new, or gone.
std::vector<v1::FieldDifference> TaxonomyDifferences(const v1::Taxonomy& before,
                                                     const v1::Taxonomy& after);

}  // namespace chanyan::taxonomy
