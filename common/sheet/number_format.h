// Which number formats show a date: an .xlsx stores dates as numbers, and only the format of the
// cell tells them apart.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace chanyan::sheet {

// One of the formats that files name by number alone, those of Chinese Excel included.
bool IsBuiltinDateFormat(uint32_t id);

// A custom format such as yyyy"年"m"月"d"日" or [$-804]yyyy-mm-dd: shows a year, a day or a month
// beside something else than minutes. Times without a date (h:mm) and durations ([h]:mm) are
// numbers.
bool IsDateFormat(absl::string_view code);

}  // namespace chanyan::sheet
