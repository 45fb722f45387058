// LibreOffice, as the people who fill in forms and sign documents have it
// (tools/packages-of-tests).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::testing {

// Cell such as "C7" and what is typed into it.
using TypedCells = std::vector<std::pair<std::string, std::string>>;

// Opens an .xlsx, types into cells of its first sheet, and saves it as .xlsx: the new bytes.
// FAILED_PRECONDITION if a cell is locked.
absl::StatusOr<std::string> FilledInOffice(absl::string_view xlsx, const TypedCells& cells);

// What cells of the first sheet of an .xlsx show to whoever opens it.
absl::StatusOr<std::vector<std::string>> ShownInOffice(absl::string_view xlsx,
                                                       const std::vector<std::string>& cells);

// What a document (extension such as "docx") says to whoever opens it, as text.
absl::StatusOr<std::string> TextInOffice(absl::string_view document, absl::string_view extension);

}  // namespace chanyan::testing
