// What an instrument keeps besides its hours and prices as cells of a sheet, an item a line, both
// ways (REG-10). Pure.
//
//   closures  2025-05-01 至 2025-05-05 | 放假
//             2025-04-10 08:30 至 2025-04-10 12:00 | 检修
//   terms     最短提前小时数 24
//             单次最长分钟数 480
//
// Days are whole ones and the last is among them; 至 12:00 is of the same day. What is written is
// read back to the same.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/status/status.h"

namespace chanyan::registry {

std::string ClosuresText(const v1::Instrument& instrument);
// One number a figure that the instrument sets of its own.
std::string OwnTermsText(const v1::Instrument& instrument);

// Read the cell in place of what the instrument has; a cell as it is written for that leaves it as
// it is. Nothing is taken if anything is wrong, and every wrong line is named ("第 2 项：…").
// Violations are of fields "closures_text" and "own_terms_text".
std::vector<status::Violation> ReadClosures(absl::string_view text, v1::Instrument* instrument);
std::vector<status::Violation> ReadOwnTerms(absl::string_view text, v1::Instrument* instrument);

}  // namespace chanyan::registry
