// Files as strangers write them, part by part.
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace chanyan::sheet {

// Part name → XML; ordered, so that a test file is the same each time.
using Parts = std::map<std::string, std::string>;

// The parts of a workbook with one sheet 表 whose sheetData is given, as Excel names them, with
// styles: 0 plain, 1 date (14), 2 yyyy"年"m"月"d"日", 3 h:mm, 4 [$-804]yyyy-mm-dd hh:mm.
Parts ExcelParts(absl::string_view sheet_data, absl::string_view shared_strings = "");

// The same as WPS Office writes it: its namespaces and parts of its own, a protected sheet, a
// picture in a cell (ID_5A) and Chinese dates. Styles: 0 plain, 1 yyyy"年"m"月"d"日";@, 2 the same
// with h"时" mm"分" after it and [$-804] before it, 3 [DBNum1][$-804]yyyy"年"m"月"d"日";@, 4
// built-in 31, 5 yyyy/m/d;@, 6 an amount, 7 text, 8 [$-804]aaaa;@ (the day of the week), 9
// h"时"mm"分";@.
Parts WpsParts(absl::string_view sheet_data, absl::string_view shared_strings = "");

std::string Zip(const Parts& parts);

// A workbook with that sheetData and nothing special.
std::string ExcelFile(absl::string_view sheet_data, absl::string_view shared_strings = "");

// `bytes` with every occurrence of `from` replaced in place; of the same length.
std::string Patched(std::string bytes, absl::string_view from, absl::string_view to);

}  // namespace chanyan::sheet
