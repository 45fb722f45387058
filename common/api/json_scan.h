// Says whether bytes are strict JSON (RFC 8259) of bearable size, before anything is built from
// them.
//
// Linear time, no recursion beyond kMaxJsonDepth, memory only for the keys of open objects. What
// passes has one reading: no duplicate keys, comments, trailing data, BOM, raw control characters,
// lone surrogates or NUL.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/api/json.h"

namespace chanyan::api {

// Values and keys in one body: a batch of 100 rows with 50 fields and some lists in them fits.
inline constexpr size_t kMaxJsonElements = 10'000;
// Bytes of a body; an upload may be larger.
inline constexpr size_t kMaxJsonBytes = 1024 * 1024;
// Characters of one number.
inline constexpr size_t kMaxJsonNumberBytes = 64;

struct JsonLimits {
  size_t max_bytes = kMaxJsonBytes;
  size_t max_elements = kMaxJsonElements;
  int max_depth = kMaxJsonDepth;
};

struct JsonFault {
  // Byte at which it was noticed.
  size_t offset = 0;
  // For people.
  std::string message;
};

std::optional<JsonFault> ScanJson(absl::string_view text, const JsonLimits& limits = {});

// The text of a JSON string that ScanJson passed, `raw` being what is between the quotes.
std::string UnescapeJson(absl::string_view raw);

}  // namespace chanyan::api
