// Row scope for an index outside the database: the same grants as scope.h, as words.
//
// A row carries one label for each grant that it fulfils, whoever the grant is for; a caller
// carries the labels of the grants that cover it, those of its own rows also for each organization
// that has become part of it. The caller may see the row exactly if the two
// have a label in common:
//
//   Reaches(principal, row, ACCESS_READ)  ⇔  RowLabels(row) ∩ CallerLabels(principal, type) ≠ ∅
//
// A label is made of what a grant says (type, owner's value, condition), not of its place in the
// proto: an index that was made under other grants shows less, never more.
#pragma once

#include <string>
#include <vector>

#include "common/auth/principal.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::auth {

// Each once, 17 characters of ASCII.
std::vector<std::string> RowLabels(const google::protobuf::Message& row);
std::vector<std::string> CallerLabels(const Principal& principal,
                                      const google::protobuf::Descriptor* resource);

}  // namespace chanyan::auth
