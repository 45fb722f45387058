// Log lines: one JSON object a line, a constant message and fields. Goes to stderr, which belongs
// to whoever runs the program; nothing is rotated or buffered here.
//
//   logger.Info("sealed", {{"entries", count}, {"ms", elapsed}});
//
// No personal data in fields. ERROR only for faults of ours; a refused caller is INFO.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::log {

enum class Level : uint8_t { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning", "error"; nothing else.
std::optional<Level> ParseLevel(absl::string_view name);

// Bytes of one text value that are kept; the rest is cut at a character and shown as "…".
inline constexpr size_t kMaxValueBytes = 2048;

// Views: valid for the call that takes them.
struct Field {
  template <class T>
  Field(absl::string_view key, const T& value) : key(key), value(Convert(value)) {}

  absl::string_view key;
  std::variant<absl::string_view, int64_t, double, bool> value;

 private:
  template <class T>
  static decltype(value) Convert(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value;
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<int64_t>(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<double>(value);
    } else {
      return absl::string_view(value);
    }
  }
};

// Appends `text` as the inside of a JSON string. Control characters, line ends, escape sequences of
// terminals, bidi controls, zero-width characters and bytes that are not UTF-8 are all escaped, so
// a line in a terminal shows what it says.
void AppendEscaped(absl::string_view text, std::string* out);

// The line without its end, e.g. {"time":"2026-01-31T08:00:00.123456Z","level":"INFO",…}.
std::string FormatLine(absl::Time time, Level level, absl::string_view service,
                       absl::string_view message, std::initializer_list<Field> fields);

// Thread-safe. Copies are cheap and write to the same place.
class Logger {
 public:
  // `fd` stays open and is not owned; a full pipe makes the caller wait.
  explicit Logger(absl::string_view service, Level least = Level::kInfo, int fd = 2)
      : service_(service), least_(least), fd_(fd) {}

  bool Enabled(Level level) const { return level >= least_; }
  void Write(Level level, absl::string_view message, std::initializer_list<Field> fields) const;

  void Debug(absl::string_view message, std::initializer_list<Field> fields = {}) const {
    Write(Level::kDebug, message, fields);
  }
  void Info(absl::string_view message, std::initializer_list<Field> fields = {}) const {
    Write(Level::kInfo, message, fields);
  }
  void Warning(absl::string_view message, std::initializer_list<Field> fields = {}) const {
    Write(Level::kWarning, message, fields);
  }
  void Error(absl::string_view message, std::initializer_list<Field> fields = {}) const {
    Write(Level::kError, message, fields);
  }

 private:
  std::string service_;
  Level least_;
  int fd_;
};

}  // namespace chanyan::log
