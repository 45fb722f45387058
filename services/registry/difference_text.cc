#include "services/registry/difference_text.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace chanyan::registry {
namespace {

constexpr absl::string_view kUnset = "（空）";
constexpr absl::string_view kCutShort = "\n……";

size_t CharactersIn(absl::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

}  // namespace

bool AddCellLine(absl::string_view line, std::string* cell) {
  if (absl::EndsWith(*cell, kCutShort)) return false;
  if (CharactersIn(*cell) + CharactersIn(line) + 1 > kMaxLinesChars) {
    absl::StrAppend(cell, kCutShort);
    return false;
  }
  absl::StrAppend(cell, cell->empty() ? "" : "\n", line);
  return true;
}

std::string DifferencesText(
    const google::protobuf::RepeatedPtrField<v1::FieldDifference>& differences) {
  std::string cell;
  for (const v1::FieldDifference& one : differences) {
    const absl::string_view before = one.before().empty() ? kUnset : one.before();
    const absl::string_view after = one.after().empty() ? kUnset : one.after();
    if (!AddCellLine(absl::StrCat(one.label(), "：", before, " → ", after), &cell)) break;
  }
  return cell;
}

}  // namespace chanyan::registry
