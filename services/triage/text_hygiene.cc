#include "services/triage/text_hygiene.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/api/normalize.h"
#include "common/sheet/text.h"

namespace chanyan::triage {
namespace {

constexpr char kControl[] = "控制字符";
constexpr char kBidi[] = "双向文字控制符";
constexpr char kInvisible[] = "不可见字符";
constexpr char kTail[] = "网页转贴的页脚或广告";

bool In(char32_t c, char32_t first, char32_t last) { return first <= c && c <= last; }

// What kind of unusual character it is; null for a usual one.
const char* Unusual(char32_t c) {
  if (c == U'\n' || c == U'\t') return nullptr;
  if (c < 0x20 || In(c, 0x7F, 0x9F) || c == 0xFFFD || In(c, 0xFDD0, 0xFDEF) ||
      (c & 0xFFFE) == 0xFFFE || c == 0x2028 || c == 0x2029 || In(c, 0xFFF9, 0xFFFC)) {
    return kControl;
  }
  if (c == 0x061C || c == 0x200E || c == 0x200F || In(c, 0x202A, 0x202E) || In(c, 0x2066, 0x2069)) {
    return kBidi;
  }
  if (c == 0x00AD || c == 0x034F || c == 0x115F || c == 0x1160 || In(c, 0x17B4, 0x17B5) ||
      In(c, 0x180B, 0x180F) || In(c, 0x200B, 0x200D) || In(c, 0x2060, 0x2065) ||
      In(c, 0x206A, 0x206F) || c == 0x3164 || In(c, 0xFE00, 0xFE0F) || c == 0xFEFF || c == 0xFFA0 ||
      In(c, 0xE0000, 0xE0FFF)) {
    return kInvisible;
  }
  return nullptr;
}

bool IsWord(char32_t c) { return u_isalnum(static_cast<UChar32>(c)); }

bool EndsSentence(char32_t c) {
  return c == U'。' || c == U'！' || c == U'？' || c == U'；' || c == U'!' || c == U'?' ||
         c == U';' || c == U'.' || c == U'|' || c == U'｜' || c == U'…';
}

// The characters that `line` has beside the found markers are no words, or digits.
bool NothingElse(std::u32string line, const std::vector<std::u32string>& markers) {
  for (const std::u32string& marker : markers) {
    for (size_t at = line.find(marker); at != std::u32string::npos; at = line.find(marker)) {
      line.replace(at, marker.size(), U" ");
    }
  }
  return std::none_of(line.begin(), line.end(),
                      [](char32_t c) { return IsWord(c) && !u_isdigit(static_cast<UChar32>(c)); });
}

}  // namespace

TextHygiene::TextHygiene(const policy::v1::TextHygiene& policy) {
  for (const std::string& marker : policy.tail_markers()) {
    std::u32string folded = api::Normalize(marker).text;
    if (!folded.empty()) markers_.push_back(std::move(folded));
  }
  // So that of 取消收藏 not only 收藏 is found.
  std::sort(markers_.begin(), markers_.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

size_t TextHygiene::ContentOf(absl::string_view line, bool first, bool* and_all_after) const {
  const api::Normalized folded = api::Normalize(line);
  std::vector<std::u32string> found;
  size_t earliest = std::u32string::npos;
  for (const std::u32string& marker : markers_) {
    const size_t at = folded.text.find(marker);
    if (at == std::u32string::npos) continue;
    found.push_back(marker);
    earliest = std::min(earliest, at);
  }
  if (found.empty()) return line.size();
  if (NothingElse(folded.text, found)) return 0;
  const bool begins = std::none_of(folded.text.begin(), folded.text.begin() + earliest, IsWord);
  if (begins && !first) {
    *and_all_after = true;
    return 0;
  }
  if (found.size() < 2) return line.size();
  const std::u32string original = api::FromUtf8(line);
  const size_t cut = folded.begin[earliest];
  size_t before = cut;
  while (before > 0 && !IsWord(original[before - 1]) && !EndsSentence(original[before - 1])) {
    --before;
  }
  if (before == 0 || !EndsSentence(original[before - 1])) return line.size();
  *and_all_after = true;
  return api::ToUtf8(std::u32string_view(original).substr(0, cut)).size();
}

CleanText TextHygiene::Clean(absl::string_view text, bool one_line) const {
  std::map<std::string, std::string> aside;
  std::string kept;
  const std::u32string read = api::FromUtf8(text);
  for (size_t i = 0; i < read.size(); ++i) {
    // Line breaks of Windows and old Macs are line breaks.
    if (read[i] == U'\r') {
      if (i + 1 == read.size() || read[i + 1] != U'\n') kept += '\n';
      continue;
    }
    if (const char* what = Unusual(read[i])) {
      api::AppendUtf8(read[i], &aside[what]);
    } else {
      api::AppendUtf8(read[i], &kept);
    }
  }
  std::vector<std::string> lines;
  bool in_tail = false;
  bool first = true;
  for (const absl::string_view line : absl::StrSplit(kept, '\n')) {
    const size_t content = in_tail ? 0 : ContentOf(line, first, &in_tail);
    if (content < line.size()) {
      std::string& tail = aside[kTail];
      absl::StrAppend(&tail, tail.empty() ? "" : "\n", line.substr(content));
    }
    if (content > 0 || line.empty()) lines.emplace_back(line.substr(0, content));
    first = first && sheet::TrimBlanks(line).empty();
  }
  CleanText clean;
  clean.text = absl::StrJoin(lines, one_line ? " " : "\n");
  if (one_line) std::replace(clean.text.begin(), clean.text.end(), '\t', ' ');
  absl::string_view trimmed = sheet::TrimBlanks(clean.text);
  clean.text = std::string(trimmed);
  for (auto& [what, removed] : aside) clean.aside.push_back({what, std::move(removed)});
  return clean;
}

std::string Escaped(absl::string_view text) {
  std::string out;
  for (const char32_t c : api::FromUtf8(text)) {
    if (Unusual(c) != nullptr) {
      absl::StrAppendFormat(&out, "<U+%04X>", static_cast<uint32_t>(c));
    } else {
      api::AppendUtf8(c, &out);
    }
  }
  return out;
}

}  // namespace chanyan::triage
