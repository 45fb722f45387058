#include "common/log/log.h"

#include <errno.h>
#include <unistd.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"

namespace chanyan::log {
namespace {

constexpr absl::string_view kLevelNames[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
constexpr char kHex[] = "0123456789abcdef";

// One character and its length in bytes; 0 if the bytes are not UTF-8.
struct Decoded {
  uint32_t rune = 0;
  size_t bytes = 0;
};

Decoded Decode(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {};
  uint32_t rune = first & (0xff >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    rune = rune << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (bytes == 3 && rune < 0x800) || (bytes == 4 && rune < 0x10000);
  const bool surrogate = rune >= 0xd800 && rune <= 0xdfff;
  if (overlong || surrogate || rune > 0x10ffff) return {};
  return {rune, bytes};
}

// Characters that change how the rest of a line is shown, or are not shown at all.
bool Deceptive(uint32_t rune) {
  return rune < 0x20 || (rune >= 0x7f && rune <= 0x9f) || rune == 0xad || rune == 0x61c ||
         (rune >= 0x200b && rune <= 0x200f) || (rune >= 0x2028 && rune <= 0x202e) ||
         (rune >= 0x2060 && rune <= 0x206f) || rune == 0xfeff;
}

void AppendUnicode(uint32_t rune, std::string* out) {
  out->append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out->push_back(kHex[rune >> shift & 0xf]);
}

// Two to six digits with leading zeros: absl's formatter costs more than the rest of the line.
void AppendDigits(int value, int digits, std::string* out) {
  char text[8];
  for (int i = digits - 1; i >= 0; --i, value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out->append(text, static_cast<size_t>(digits));
}

void AppendTime(absl::Time time, std::string* out) {
  const auto info = absl::UTCTimeZone().At(time);
  AppendDigits(static_cast<int>(info.cs.year()), 4, out);
  out->push_back('-');
  AppendDigits(info.cs.month(), 2, out);
  out->push_back('-');
  AppendDigits(info.cs.day(), 2, out);
  out->push_back('T');
  AppendDigits(info.cs.hour(), 2, out);
  out->push_back(':');
  AppendDigits(info.cs.minute(), 2, out);
  out->push_back(':');
  AppendDigits(info.cs.second(), 2, out);
  out->push_back('.');
  AppendDigits(static_cast<int>(absl::ToInt64Microseconds(info.subsecond)), 6, out);
  out->push_back('Z');
}

void AppendText(absl::string_view text, std::string* out) {
  out->push_back('"');
  if (text.size() <= kMaxValueBytes) {
    AppendEscaped(text, out);
  } else {
    size_t cut = kMaxValueBytes;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
    AppendEscaped(text.substr(0, cut), out);
    out->append("…");
  }
  out->push_back('"');
}

void AppendValue(const Field& field, std::string* out) {
  if (const auto* text = std::get_if<absl::string_view>(&field.value)) {
    AppendText(*text, out);
  } else if (const auto* integer = std::get_if<int64_t>(&field.value)) {
    absl::StrAppend(out, *integer);
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    // JSON has no word for the others.
    if (std::isfinite(*number)) {
      absl::StrAppend(out, *number);
    } else {
      out->append("null");
    }
  } else {
    out->append(std::get<bool>(field.value) ? "true" : "false");
  }
}

}  // namespace

std::optional<Level> ParseLevel(absl::string_view name) {
  if (name == "debug") return Level::kDebug;
  if (name == "info") return Level::kInfo;
  if (name == "warning") return Level::kWarning;
  if (name == "error") return Level::kError;
  return std::nullopt;
}

void AppendEscaped(absl::string_view text, std::string* out) {
  while (!text.empty()) {
    const Decoded next = Decode(text);
    if (next.bytes == 0) {
      AppendUnicode(0xfffd, out);
      text.remove_prefix(1);
      continue;
    }
    if (next.rune == '"' || next.rune == '\\') {
      out->push_back('\\');
      out->push_back(static_cast<char>(next.rune));
    } else if (next.rune == '\n') {
      out->append("\\n");
    } else if (Deceptive(next.rune)) {
      AppendUnicode(next.rune, out);
    } else {
      out->append(text.data(), next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
}

std::string FormatLine(absl::Time time, Level level, absl::string_view service,
                       absl::string_view message, std::initializer_list<Field> fields) {
  std::string line;
  line.reserve(512);
  line.append("{\"time\":\"");
  AppendTime(time, &line);
  absl::StrAppend(&line, "\",\"level\":\"", kLevelNames[static_cast<size_t>(level)],
                  "\",\"service\":");
  AppendText(service, &line);
  line.append(",\"message\":");
  AppendText(message, &line);
  for (const Field& field : fields) {
    absl::StrAppend(&line, ",\"", field.key, "\":");
    AppendValue(field, &line);
  }
  line.push_back('}');
  return line;
}

void Logger::Write(Level level, absl::string_view message,
                   std::initializer_list<Field> fields) const {
  if (!Enabled(level)) return;
  std::string line = FormatLine(absl::Now(), level, service_, message, fields);
  line.push_back('\n');
  // One write a line: the kernel keeps lines of up to 4 KiB whole, whoever else writes there.
  absl::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    // A log that cannot be written has nobody to tell.
    if (written <= 0) return;
    rest.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace chanyan::log
