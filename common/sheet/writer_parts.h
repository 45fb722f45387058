// The parts of a written .xlsx beside its sheets, and the table of cell styles they share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::sheet {

// Cell styles by their index in styles.xml. Each has an unlocked twin kUnlockedOffset above it.
enum Style : uint32_t {
  kStylePlain,
  // As plain, with Excel's quote prefix.
  kStyleQuoted,
  kStyleHeader,
  kStyleTitle,
  kStyleWrapped,
  kStyleWrappedQuoted,
  kStyleNumber,
  kStyleInteger,
  kStyleDate,
  kStyleDateTime,
  kStyleCount,
};
inline constexpr uint32_t kUnlockedOffset = kStyleCount;

struct SheetEntry {
  std::string name;
  bool hidden;
  // Rows to repeat in print; 0 = none.
  uint32_t repeat_rows;
};

std::string StylesXml();
std::string ContentTypesXml(size_t sheets);
std::string RootRelationsXml();
std::string WorkbookXml(const std::vector<SheetEntry>& sheets);
std::string WorkbookRelationsXml(size_t sheets);
std::string CorePropertiesXml(absl::string_view title, absl::string_view creator,
                              absl::Time created);

}  // namespace chanyan::sheet
