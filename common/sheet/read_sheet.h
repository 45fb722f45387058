// The cells of one worksheet part.
#pragma once

#include <string>
#include <vector>

#include <pugixml.hpp>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/sheet/package.h"
#include "common/sheet/workbook.h"

namespace chanyan::sheet {

// What the sheets of one file share, and what they have used up together.
struct SheetContext {
  std::vector<std::string> shared_strings;
  // By style index.
  std::vector<bool> date_styles;
  // Serials count from 1904-01-01.
  bool system_1904 = false;
  size_t cells = 0;
  size_t text_bytes = 0;
};

// Text of <si> or <is>: plain, or the runs of rich text; phonetic guides are no text.
std::string RichText(pugi::xml_node item);

// Fills the rows of `sheet`, whose name is used in errors.
absl::Status ReadSheet(Package& package, absl::string_view part, SheetContext& context,
                       Sheet& sheet);

}  // namespace chanyan::sheet
