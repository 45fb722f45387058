#include "common/api/json_scan.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/normalize.h"
#include "common/api/text.h"

namespace chanyan::api {
namespace {

// Up to so many keys are compared one by one, which is faster than hashing them.
constexpr size_t kFewKeys = 16;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Value of the four hex digits at `at`, or -1.
int ReadUnit(absl::string_view text, size_t at) {
  if (at + 4 > text.size()) return -1;
  int value = 0;
  for (size_t i = at; i < at + 4; ++i) {
    const int digit = HexDigit(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool IsHighSurrogate(int unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool IsLowSurrogate(int unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

// Keys of one open object.
class Keys {
 public:
  // False if it is there already.
  bool Add(std::string key) {
    if (few_.size() < kFewKeys) {
      if (std::find(few_.begin(), few_.end(), key) != few_.end()) return false;
      few_.push_back(std::move(key));
      return true;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return many_.insert(std::move(key)).second;
  }

 private:
  std::vector<std::string> few_;
  absl::flat_hash_set<std::string> many_;
};

class Scanner {
 public:
  Scanner(absl::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  std::optional<JsonFault> Run() {
    if (text_.size() > limits_.max_bytes) {
      return JsonFault{limits_.max_bytes,
                       absl::StrCat("请求体超过 ", limits_.max_bytes, " 字节的上限")};
    }
    if (absl::StartsWith(text_, "\xef\xbb\xbf"))
      return JsonFault{0, "JSON 开头不应有字节顺序标记（BOM）"};
    if (!IsValidUtf8(text_)) return JsonFault{0, "JSON 不是合法的 UTF-8 编码"};
    SkipSpace();
    if (Value(0)) {
      SkipSpace();
      if (at_ != text_.size()) Fail("JSON 结束之后还有多余内容");
    }
    return std::move(fault_);
  }

 private:
  bool Fail(absl::string_view message) {
    if (!fault_) fault_ = JsonFault{at_, std::string(message)};
    return false;
  }
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool Count() {
    if (++elements_ > limits_.max_elements) {
      return Fail(absl::StrCat("JSON 元素过多，最多 ", limits_.max_elements, " 个"));
    }
    return true;
  }
  bool Literal(absl::string_view word) {
    if (!absl::StartsWith(text_.substr(at_), word)) return Fail("此处应为 JSON 值");
    at_ += word.size();
    return true;
  }

  bool Value(int depth) {
    if (!Count()) return false;
    switch (Peek()) {
      case '{':
        return Object(depth + 1);
      case '[':
        return Array(depth + 1);
      case '"': {
        absl::string_view raw;
        return String(raw);
      }
      case 't':
        return Literal("true");
      case 'f':
        return Literal("false");
      case 'n':
        return Literal("null");
      default:
        return Number();
    }
  }

  bool Object(int depth) {
    if (depth > limits_.max_depth)
      return Fail(absl::StrCat("JSON 嵌套过深，最多 ", limits_.max_depth, " 层"));
    ++at_;
    SkipSpace();
    if (Peek() == '}') return ++at_, true;
    Keys keys;
    while (true) {
      if (Peek() != '"') return Fail("此处应为双引号括起的字段名");
      const size_t start = at_;
      absl::string_view raw;
      if (!Count() || !String(raw)) return false;
      if (!keys.Add(UnescapeJson(raw))) {
        at_ = start;
        return Fail("字段名重复");
      }
      SkipSpace();
      if (Peek() != ':') return Fail("字段名之后应为冒号");
      ++at_;
      SkipSpace();
      if (!Value(depth)) return false;
      SkipSpace();
      if (Peek() == '}') return ++at_, true;
      if (Peek() != ',') return Fail("此处应为逗号或右花括号");
      ++at_;
      SkipSpace();
    }
  }

  bool Array(int depth) {
    if (depth > limits_.max_depth)
      return Fail(absl::StrCat("JSON 嵌套过深，最多 ", limits_.max_depth, " 层"));
    ++at_;
    SkipSpace();
    if (Peek() == ']') return ++at_, true;
    while (true) {
      if (!Value(depth)) return false;
      SkipSpace();
      if (Peek() == ']') return ++at_, true;
      if (Peek() != ',') return Fail("此处应为逗号或右方括号");
      ++at_;
      SkipSpace();
    }
  }

  bool Escape() {
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c != 'u') {
      if (c == '\0' || absl::string_view("\"\\/bfnrt").find(c) == absl::string_view::npos) {
        return Fail("字符串中的转义不合法");
      }
      at_ += 2;
      return true;
    }
    const int unit = ReadUnit(text_, at_ + 2);
    if (unit < 0) return Fail("\\u 之后应为四位十六进制数字");
    if (unit == 0) return Fail("字符串中不允许空字符 \\u0000");
    if (IsLowSurrogate(unit)) return Fail("字符串中的代理对不完整");
    at_ += 6;
    if (!IsHighSurrogate(unit)) return true;
    if (text_.substr(at_, 2) != "\\u" || !IsLowSurrogate(ReadUnit(text_, at_ + 2))) {
      return Fail("字符串中的代理对不完整");
    }
    at_ += 6;
    return true;
  }

  bool String(absl::string_view& raw) {
    const size_t start = ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        raw = text_.substr(start, at_ - start);
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return Fail("字符串中不允许未转义的控制字符");
      if (c == '\\') {
        if (!Escape()) return false;
      } else {
        ++at_;
      }
    }
    return Fail("字符串没有结束");
  }

  bool Digits() {
    if (!absl::ascii_isdigit(Peek())) return Fail("数字格式不正确");
    while (absl::ascii_isdigit(Peek())) ++at_;
    return true;
  }

  bool Number() {
    const size_t start = at_;
    if (Peek() == '-') ++at_;
    if (!absl::ascii_isdigit(Peek())) return Fail("此处应为 JSON 值");
    if (Peek() == '0') {
      ++at_;
      if (absl::ascii_isdigit(Peek())) return Fail("数字不能以 0 开头");
    } else if (!Digits()) {
      return false;
    }
    if (Peek() == '.') {
      ++at_;
      if (!Digits()) return false;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      if (Peek() == '+' || Peek() == '-') ++at_;
      if (!Digits()) return false;
    }
    if (at_ - start > kMaxJsonNumberBytes) return Fail("数字过长");
    return true;
  }

  const absl::string_view text_;
  const JsonLimits& limits_;
  size_t at_ = 0;
  size_t elements_ = 0;
  std::optional<JsonFault> fault_;
};

}  // namespace

std::optional<JsonFault> ScanJson(absl::string_view text, const JsonLimits& limits) {
  return Scanner(text, limits).Run();
}

std::string UnescapeJson(absl::string_view raw) {
  std::string out;
  if (raw.find('\\') == absl::string_view::npos) return out.assign(raw.data(), raw.size());
  out.reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      out.push_back(raw[i]);
      continue;
    }
    switch (const char c = raw[++i]) {
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'u': {
        const int unit = ReadUnit(raw, i + 1);
        // Only in what ScanJson did not pass.
        uint32_t value = unit < 0 ? 0xfffd : static_cast<uint32_t>(unit);
        i += 4;
        if (IsHighSurrogate(unit) && IsLowSurrogate(ReadUnit(raw, i + 3))) {
          value = 0x10000 + ((value - 0xd800) << 10) + (ReadUnit(raw, i + 3) - 0xdc00);
          i += 6;
        }
        AppendUtf8(static_cast<char32_t>(value), &out);
        break;
      }
      default:
        out.push_back(c);
    }
  }
  return out;
}

}  // namespace chanyan::api
