#include "common/sheet/workbook.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace chanyan::sheet {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;
// Day 0 of the 1900 system as it holds from 1900-03-01 on.
constexpr absl::CivilDay kSerialEpoch(1899, 12, 30);

}  // namespace

const Cell* Row::Find(uint32_t column) const {
  const auto at = std::lower_bound(cells.begin(), cells.end(), column,
                                   [](const Cell& cell, uint32_t c) { return cell.column < c; });
  return at != cells.end() && at->column == column ? &*at : nullptr;
}

const Sheet* Workbook::FirstVisible() const {
  const auto at =
      std::find_if(sheets.begin(), sheets.end(), [](const Sheet& sheet) { return !sheet.hidden; });
  return at == sheets.end() ? nullptr : &*at;
}

const Sheet* Workbook::Find(absl::string_view name) const {
  const auto at = std::find_if(sheets.begin(), sheets.end(),
                               [&](const Sheet& sheet) { return sheet.name == name; });
  return at == sheets.end() ? nullptr : &*at;
}

std::string CellName(uint32_t column, uint32_t row) {
  std::string letters;
  for (uint32_t left = column + 1; left > 0; left = (left - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (left - 1) % 26));
  }
  return absl::StrCat(letters, row);
}

std::string PlaceOf(absl::string_view file_name, absl::string_view sheet, absl::string_view cell) {
  return absl::StrCat(file_name, " / ", sheet, " / ", cell);
}

absl::CivilSecond CivilOfSerial(double serial) {
  return absl::CivilSecond(kSerialEpoch) + std::llround(serial * kSecondsPerDay);
}

double SerialOfCivil(absl::CivilSecond time) {
  return static_cast<double>(time - absl::CivilSecond(kSerialEpoch)) / kSecondsPerDay;
}

}  // namespace chanyan::sheet
