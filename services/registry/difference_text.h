// What changed, as a cell of a sheet (REG-10). Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/difference.pb.h"
#include "google/protobuf/repeated_field.h"

namespace chanyan::registry {

// Characters of a cell that we fill with lines; .xlsx holds 32,767.
inline constexpr size_t kMaxLinesChars = 20'000;

// “平台介绍：旧 → 新”, a field a line; what is not set is （空）.
std::string DifferencesText(
    const google::protobuf::RepeatedPtrField<v1::FieldDifference>& differences);

// Puts a line below those that are there. False, and "……" in its place once, if the cell would hold
// more than kMaxLinesChars.
bool AddCellLine(absl::string_view line, std::string* cell);

}  // namespace chanyan::registry
