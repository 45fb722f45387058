#include "common/sheet/text.h"

#include <cstdint>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/api/text.h"

namespace chanyan::sheet {
namespace {

constexpr absl::string_view kBlanks[] = {" ",
                                         "\t",
                                         "\n",
                                         "\r",
                                         "\xE3\x80\x80" /* U+3000 */,
                                         "\xC2\xA0" /* U+00A0 */,
                                         "\xE2\x80\x8B" /* U+200B */,
                                         "\xEF\xBB\xBF" /* U+FEFF */};

// Value of _xHHHH_ at the front, or -1.
int EscapeAt(absl::string_view text) {
  constexpr size_t kLength = 7;
  if (text.size() < kLength || text[0] != '_' || text[1] != 'x' || text[6] != '_') {
    return -1;
  }
  uint32_t value = 0;
  for (char c : text.substr(2, 4)) {
    if (!absl::ascii_isxdigit(c)) {
      return -1;
    }
    value = value * 16 + (absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10);
  }
  return static_cast<int>(value);
}

void AppendCodePoint(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

}  // namespace

std::string FoldWidth(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto a = static_cast<unsigned char>(text[i]);
    if (i + 2 < text.size() && (a == 0xEF || a == 0xE3)) {
      const auto b = static_cast<unsigned char>(text[i + 1]);
      const auto c = static_cast<unsigned char>(text[i + 2]);
      const uint32_t code = ((a & 0x0Fu) << 12) | ((b & 0x3Fu) << 6) | (c & 0x3Fu);
      // U+FF01…U+FF5E stand 0xFEE0 above ASCII.
      if (code == 0x3000 || (code >= 0xFF01 && code <= 0xFF5E)) {
        out.push_back(code == 0x3000 ? ' ' : static_cast<char>(code - 0xFEE0));
        i += 2;
        continue;
      }
    }
    out.push_back(text[i]);
  }
  return out;
}

absl::string_view TrimBlanks(absl::string_view text) {
  bool again = true;
  while (again) {
    again = false;
    for (absl::string_view blank : kBlanks) {
      while (absl::ConsumePrefix(&text, blank) || absl::ConsumeSuffix(&text, blank)) again = true;
    }
  }
  return text;
}

std::string LabelKey(absl::string_view text) {
  std::string out;
  const std::string folded = FoldWidth(text);
  absl::string_view rest = folded;
  while (!rest.empty()) {
    bool blank = false;
    for (absl::string_view candidate : kBlanks) {
      blank = blank || absl::ConsumePrefix(&rest, candidate);
    }
    if (blank) {
      continue;
    }
    if (rest[0] != '*') {
      out.push_back(absl::ascii_tolower(static_cast<unsigned char>(rest[0])));
    }
    rest.remove_prefix(1);
  }
  return out;
}

std::string DecodeEscapes(absl::string_view text) {
  std::string out;
  if (!absl::StrContains(text, "_x")) {
    return std::string(text);
  }
  while (!text.empty()) {
    const int code = EscapeAt(text);
    // Halves of surrogate pairs and NUL are no text.
    if (code > 0 && (code < 0xD800 || code > 0xDFFF)) {
      AppendCodePoint(out, static_cast<uint32_t>(code));
      text.remove_prefix(7);
    } else {
      out.push_back(text[0]);
      text.remove_prefix(1);
    }
  }
  return out;
}

void AppendXmlText(std::string& out, absl::string_view text) {
  // Most text needs nothing: copied in runs up to the next byte that does.
  size_t run = 0;
  size_t i = 0;
  const auto flush = [&](size_t skip) {
    out.append(text.data() + run, i - run);
    i += skip;
    run = i;
  };
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      bool cut;
      const size_t length = api::CharacterBytes(text.substr(i), &cut);
      const absl::string_view character = text.substr(i, length);
      if (length == 0 || character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF") {
        flush(length == 0 ? 1 : length);
        out.append("\xEF\xBF\xBD");
      } else {
        i += length;
      }
    } else if (c == '&') {
      flush(1);
      out.append("&amp;");
    } else if (c == '<') {
      flush(1);
      out.append("&lt;");
    } else if (c == '>') {
      flush(1);
      out.append("&gt;");
    } else if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7F) {
      flush(1);
      absl::StrAppendFormat(&out, "_x%04X_", c);
    } else if (c == '_' && EscapeAt(text.substr(i)) >= 0) {
      flush(1);
      out.append("_x005F_");
    } else {
      ++i;
    }
  }
  flush(0);
}

}  // namespace chanyan::sheet
