#include "common/api/normalize.h"

#include <opencc/opencc.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <cstdlib>
#include <memory>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace chanyan::api {
namespace {

constexpr char kConversion[] = "t2s.json";
constexpr char32_t kBad = 0xFFFD;
constexpr size_t kMostKeyBytes = 255;
// Where Han characters are: the basic plane's, and those of the third and fourth plane.
constexpr char32_t kFirstHan = 0x3400, kLastHan = 0x9FFF;
constexpr char32_t kFirstRareHan = 0x20000, kLastRareHan = 0x323AF;

char32_t NextCharacter(absl::string_view text, size_t* at) {
  UChar32 c;
  int32_t i = static_cast<int32_t>(*at);
  U8_NEXT(text.data(), i, static_cast<int32_t>(text.size()), c);
  *at = static_cast<size_t>(i);
  return c < 0 ? kBad : static_cast<char32_t>(c);
}

// Traditional → simplified, one character for one.
class Simplifier {
 public:
  Simplifier() : common_(kLastHan - kFirstHan + 1, 0), rare_(kLastRareHan - kFirstRareHan + 1, 0) {
    Fill(kFirstHan, &common_);
    Fill(kFirstRareHan, &rare_);
  }

  char32_t operator()(char32_t c) const {
    if (c < kFirstHan) return c;
    if (c <= kLastHan) return common_[c - kFirstHan];
    return c >= kFirstRareHan && c <= kLastRareHan ? rare_[c - kFirstRareHan] : c;
  }
  const std::string& failure() const { return failure_; }

 private:
  void Fill(char32_t first, std::u32string* table) {
    std::string lines;
    for (size_t i = 0; i < table->size(); ++i) {
      (*table)[i] = first + static_cast<char32_t>(i);
      api::AppendUtf8((*table)[i], &lines);
      lines.push_back('\n');
    }
    const opencc_t converter = opencc_open(kConversion);
    if (converter == reinterpret_cast<opencc_t>(-1)) {
      failure_ = opencc_error();
      return;
    }
    char* const converted = opencc_convert_utf8(converter, lines.data(), lines.size());
    if (converted == nullptr) {
      failure_ = opencc_error();
    } else {
      Read(converted, table);
      opencc_convert_utf8_free(converted);
    }
    opencc_close(converter);
  }

  // A line that is not one character leaves its character as it is.
  static void Read(absl::string_view lines, std::u32string* table) {
    size_t line = 0, length = 0;
    char32_t last = 0;
    for (size_t at = 0; at < lines.size() && line < table->size();) {
      const char32_t c = NextCharacter(lines, &at);
      if (c != '\n') {
        last = c;
        ++length;
        continue;
      }
      if (length == 1) (*table)[line] = last;
      ++line;
      length = 0;
    }
  }

  std::u32string common_;
  std::u32string rare_;
  std::string failure_;
};

const Simplifier& Simplify() {
  static const Simplifier* const simplifier = new Simplifier;
  return *simplifier;
}

const icu::Normalizer2& Folder() {
  static const icu::Normalizer2* const folder = [] {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* found = icu::Normalizer2::getNFKCCasefoldInstance(error);
    if (U_FAILURE(error)) std::abort();
    return found;
  }();
  return *folder;
}

// Collects the result; `piece` is what must be folded together: a base and its marks.
class Folding {
 public:
  explicit Folding(size_t expected) : simplify_(Simplify()), folder_(Folder()) {
    out_.text.reserve(expected);
    out_.begin.reserve(expected);
    out_.end.reserve(expected);
  }

  void Add(char32_t c, uint32_t at) {
    const auto icu_character = static_cast<UChar32>(c);
    // Most of a Chinese text: characters that nothing happens to and nothing combines with.
    if (folder_.isInert(icu_character)) {
      Flush(at);
      Emit(c, at, at + 1);
      return;
    }
    if (folder_.hasBoundaryBefore(icu_character)) Flush(at);
    if (piece_.isEmpty()) piece_begin_ = at;
    piece_.append(icu_character);
  }

  Normalized Finish(uint32_t end) {
    Flush(end);
    return std::move(out_);
  }

 private:
  void Flush(uint32_t end) {
    if (piece_.isEmpty()) return;
    if (piece_.length() == 1 && piece_[0] < 0x80) {
      const char c = static_cast<char>(piece_[0]);
      piece_.remove();
      Emit(static_cast<char32_t>(absl::ascii_tolower(c)), piece_begin_, end);
      return;
    }
    UErrorCode error = U_ZERO_ERROR;
    const icu::UnicodeString folded = folder_.normalize(piece_, error);
    if (U_SUCCESS(error)) {
      for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
        Emit(static_cast<char32_t>(folded.char32At(i)), piece_begin_, end);
      }
    }
    piece_.remove();
  }

  void Emit(char32_t c, uint32_t begin, uint32_t end) {
    out_.text.push_back(simplify_(c));
    out_.begin.push_back(begin);
    out_.end.push_back(end);
  }

  const Simplifier& simplify_;
  const icu::Normalizer2& folder_;
  icu::UnicodeString piece_;
  uint32_t piece_begin_ = 0;
  Normalized out_;
};

}  // namespace

Normalized Normalize(absl::string_view text) {
  Folding folding(text.size() / 2);
  uint32_t position = 0;
  for (size_t at = 0; at < text.size(); ++position) folding.Add(NextCharacter(text, &at), position);
  return folding.Finish(position);
}

absl::Status CheckTables() {
  const std::string& failure = Simplify().failure();
  if (failure.empty()) return absl::OkStatus();
  return status::Internal(absl::StrCat("OpenCC ", kConversion, ": ", failure));
}

void AppendUtf8(char32_t c, std::string* out) {
  char bytes[U8_MAX_LENGTH];
  int32_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, static_cast<UChar32>(c));
  out->append(bytes, static_cast<size_t>(length));
}

std::string ToUtf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size() * 3);
  for (const char32_t c : text) AppendUtf8(c, &out);
  return out;
}

std::u32string FromUtf8(absl::string_view text) {
  std::u32string out;
  for (size_t at = 0; at < text.size();) out.push_back(NextCharacter(text, &at));
  return out;
}

std::string TextKey(absl::string_view text) {
  std::string key;
  for (const char32_t c : Normalize(text).text) {
    if (!u_isalnum(static_cast<UChar32>(c))) continue;
    std::string one;
    AppendUtf8(c, &one);
    if (key.size() + one.size() > kMostKeyBytes) break;
    key += one;
  }
  return key;
}

}  // namespace chanyan::api
