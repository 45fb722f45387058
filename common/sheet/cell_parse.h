// Dates, times and numbers as people type them into a cell. Pure; text is width-folded and trimmed
// by these functions. Each returns what is wrong in Chinese, empty = read.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace chanyan::sheet {

// Years that a date may have; beyond them it is a slip of the hand.
inline constexpr int kMinYear = 1900;
inline constexpr int kMaxYear = 2199;

// 2025-03-18, 2025/3/18, 2025.3.18, 2025年3月18日 (or 号), 20250318; a time of 00:00[:00] behind
// it, as programs write, is let pass. 3月18日 is refused for want of its year.
std::string ParseDate(absl::string_view text, absl::CivilDay& day);
// A date, alone or followed by 09:30[:00] after a blank or T.
std::string ParseDateTime(absl::string_view text, absl::CivilSecond& time);

// 1234, 1,234, -12.
std::string ParseInteger(absl::string_view text, int64_t& value);
// The same with decimals; no exponent, no percent sign, no unit.
std::string ParseDecimal(absl::string_view text, double& value);
// As ParseDecimal in yuan with at most two decimals: whole yuan and billionths of a yuan of one
// sign.
std::string ParseMoney(absl::string_view text, int64_t& units, int32_t& nanos);

}  // namespace chanyan::sheet
