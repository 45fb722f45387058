#include "common/auth/flat_json.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace chanyan::auth {
namespace {

// Each step consumes what it reads and says whether that was well-formed.
class Reader {
 public:
  explicit Reader(absl::string_view text) : rest_(text) {}

  bool Object(FlatObject* out) {
    if (!Take('{')) return false;
    if (Take('}')) return AtEnd();
    do {
      std::string name;
      FlatValue value;
      if (!String(&name) || !Take(':') || !Value(&value)) return false;
      if (!out->emplace(std::move(name), std::move(value)).second) return false;
      if (out->size() > kMaxFlatMembers) return false;
    } while (Take(','));
    return Take('}') && AtEnd();
  }

 private:
  void SkipSpace() {
    while (!rest_.empty() &&
           (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\n' || rest_[0] == '\r')) {
      rest_.remove_prefix(1);
    }
  }
  bool AtEnd() {
    SkipSpace();
    return rest_.empty();
  }
  bool Take(char wanted) {
    SkipSpace();
    if (rest_.empty() || rest_[0] != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool TakeWord(absl::string_view word) {
    if (rest_.substr(0, word.size()) != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool Value(FlatValue* out) {
    SkipSpace();
    if (rest_.empty()) return false;
    switch (rest_[0]) {
      case '"':
        return String(&out->emplace<std::string>());
      case '[':
        return Strings(&out->emplace<std::vector<std::string>>());
      case 't':
        *out = true;
        return TakeWord("true");
      case 'f':
        *out = false;
        return TakeWord("false");
      default:
        return Integer(&out->emplace<int64_t>());
    }
  }

  bool Strings(std::vector<std::string>* out) {
    if (!Take('[')) return false;
    if (Take(']')) return true;
    do {
      if (out->size() == kMaxFlatItems || !String(&out->emplace_back())) return false;
    } while (Take(','));
    return Take(']');
  }

  bool Integer(int64_t* out) {
    size_t length = !rest_.empty() && rest_[0] == '-' ? 1 : 0;
    const size_t first = length;
    while (length < rest_.size() && absl::ascii_isdigit(rest_[length])) ++length;
    const bool leading_zero = length - first > 1 && rest_[first] == '0';
    if (length == first || leading_zero) return false;
    if (!absl::SimpleAtoi(rest_.substr(0, length), out)) return false;
    rest_.remove_prefix(length);
    return true;
  }

  bool String(std::string* out) {
    if (!Take('"')) return false;
    while (!rest_.empty() && rest_[0] != '"') {
      const char c = rest_[0];
      if (static_cast<unsigned char>(c) < 0x20) return false;
      rest_.remove_prefix(1);
      if (c != '\\') {
        out->push_back(c);
      } else if (!Escape(out)) {
        return false;
      }
    }
    // Not by Take: spaces inside are the string's own.
    if (rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // \uXXXX stays out: nothing of ours needs it, and it is a second spelling of every name.
  bool Escape(std::string* out) {
    if (rest_.empty()) return false;
    const char c = rest_[0];
    if (c != '"' && c != '\\' && c != '/') return false;
    out->push_back(c);
    rest_.remove_prefix(1);
    return true;
  }

  absl::string_view rest_;
};

std::string Quoted(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

struct Writer {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(int64_t value) const { return absl::StrCat(value); }
  std::string operator()(const std::string& value) const { return Quoted(value); }
  std::string operator()(const std::vector<std::string>& values) const {
    std::string out = "[";
    for (const std::string& value : values) {
      absl::StrAppend(&out, out.size() > 1 ? "," : "", Quoted(value));
    }
    return out + "]";
  }
};

}  // namespace

std::optional<FlatObject> ParseFlatJson(absl::string_view text) {
  FlatObject out;
  if (!Reader(text).Object(&out)) return std::nullopt;
  return out;
}

std::string WriteFlatJson(const FlatObject& object) {
  std::string out = "{";
  for (const auto& [name, value] : object) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", Quoted(name), ":",
                    std::visit(Writer(), value));
  }
  return out + "}";
}

}  // namespace chanyan::auth
