#include "common/sheet/number_format.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace chanyan::sheet {

bool IsBuiltinDateFormat(uint32_t id) {
  // 14–17 dates, 22 date with time; 27–31, 36 and 50–54, 57, 58 the East Asian dates of ECMA-376
  // 18.8.30. 18–21, 32–35, 45–47, 55 and 56 are times.
  return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
         (id >= 50 && id <= 54) || id == 57 || id == 58;
}

bool IsDateFormat(absl::string_view code) {
  bool day_or_year = false;
  bool month = false;
  bool time = false;
  for (size_t i = 0; i < code.size(); ++i) {
    switch (absl::ascii_tolower(static_cast<unsigned char>(code[i]))) {
      case '"':
        // Quoted text, and the section that has no end.
        i = code.find('"', i + 1);
        if (i == absl::string_view::npos) {
          return false;
        }
        break;
      case '[':
        // Colour, locale, condition, or a duration's unit.
        i = code.find(']', i + 1);
        if (i == absl::string_view::npos) {
          return false;
        }
        break;
      case '\\':
      case '_':
      case '*':
        ++i;
        break;
      case ';':
        // Later sections are for negative numbers and text.
        i = code.size();
        break;
      case 'y':
      case 'd':
        day_or_year = true;
        break;
      case 'a':
        // The day of the week, 星期二 or 二; else that of AM/PM.
        if (absl::StartsWithIgnoreCase(code.substr(i), "aaa")) {
          day_or_year = true;
        }
        break;
      case 'e':
        // The year in East Asian formats, but the exponent in 0.00E+00.
        day_or_year |= i + 1 >= code.size() || (code[i + 1] != '+' && code[i + 1] != '-');
        break;
      case 'm':
        month = true;
        break;
      case 'h':
      case 's':
        time = true;
        break;
      case 'g':
        // "General".
        if (absl::StartsWithIgnoreCase(code.substr(i), "general")) {
          return false;
        }
        break;
      default:
        break;
    }
  }
  return day_or_year || (month && !time);
}

}  // namespace chanyan::sheet
