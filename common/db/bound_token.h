// Page tokens of lists that have an argument of their own besides filter and order, such as an
// instant or a filter over another resource: bound to it beside what a table binds them to, so that
// a page is not continued under another.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::db {

// A table's token → the caller's. Empty tokens stay empty, and so does a token of a list whose
// argument is empty stay as it is.
std::string BindPageToken(absl::string_view token, absl::string_view argument);
// And back. INVALID_ARGUMENT (INVALID_PAGE_TOKEN) if it was bound to another argument.
absl::StatusOr<std::string> UnbindPageToken(absl::string_view token, absl::string_view argument);

}  // namespace chanyan::db
