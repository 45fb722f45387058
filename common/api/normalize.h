// Text as it is compared: width, case and compatibility forms folded (NFKC), traditional characters
// as simplified ones, invisible characters gone.
//
//   Normalize("ＡＩ與機器人") = "ai与机器人"
//
// Character by character, so that whatever is part of a text is, folded, part of the folded text:
// OpenCC's table of characters is used and its table of phrases is not, by which 乾 would be
// another character in 乾坤 than in 乾燥. Both sides of a comparison are folded the same way, so
// nothing is lost by it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace chanyan::api {

// Positions are code points.
struct Normalized {
  std::u32string text;
  // Where each character of `text` comes from in the original: [begin, end).
  std::vector<uint32_t> begin;
  std::vector<uint32_t> end;
};

// Bytes that are no UTF-8 become U+FFFD, which is no part of any word. Thread-safe.
Normalized Normalize(absl::string_view text);

// Whether the tables could be loaded; INTERNAL that names the missing file. Until then, and without
// them, traditional characters stay as they are. Ask once at start.
absl::Status CheckTables();

// One character, or many, as UTF-8.
void AppendUtf8(char32_t c, std::string* out);
std::string ToUtf8(std::u32string_view text);
// The code points of a UTF-8 text, bytes that are none as U+FFFD.
std::u32string FromUtf8(absl::string_view text);

// What names and titles are compared by: folded, letters and digits alone, so that signs and blanks
// make no difference either. At most 255 bytes of it, cut at a character; empty if nothing is left.
//
//   TextKey("古鎮口（Ａ 区）") = "古镇口a区"
std::string TextKey(absl::string_view text);

}  // namespace chanyan::api
