// Cells of queries that count and sum.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "common/db/value.h"

namespace chanyan::pairing {

// Empty for what is no text.
inline std::string TextOf(const db::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

// COUNT is an integer, SUM a DECIMAL that travels as text; 0 for NULL.
inline int64_t WholeOf(const db::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* number = std::get_if<double>(&value)) return static_cast<int64_t>(*number);
  int64_t whole = 0;
  (void)absl::SimpleAtoi(TextOf(value), &whole);
  return whole;
}

}  // namespace chanyan::pairing
