#include "common/search/terms.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <string_view>

namespace chanyan::search {
namespace {

enum class Kind { kNone, kWord, kHan };

Kind KindOf(char32_t character) {
  const auto c = static_cast<UChar32>(character);
  if (c >= 0x4E00 && c <= 0x9FFF) return Kind::kHan;
  if (c < 0x80) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? Kind::kWord
                                                                                      : Kind::kNone;
  }
  if (!u_isalnum(c) && !u_isUAlphabetic(c) && (U_GET_GC_MASK(c) & U_GC_M_MASK) == 0) {
    return Kind::kNone;
  }
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(c, &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
      return Kind::kHan;
    default:
      return Kind::kWord;
  }
}

class Cutter {
 public:
  Cutter(std::u32string_view text, Cut cut) : text_(text), cut_(cut) {
    terms_.reserve(text.size());
  }

  std::vector<Term> Run() {
    for (size_t at = 0; at < text_.size();) {
      const Kind kind = KindOf(text_[at]);
      size_t end = at + 1;
      while (end < text_.size() && KindOf(text_[end]) == kind) ++end;
      if (kind == Kind::kHan) Pairs(at, end);
      if (kind == Kind::kWord) Add(at, end);
      at = end;
    }
    return std::move(terms_);
  }

 private:
  void Pairs(size_t begin, size_t end) {
    for (size_t at = begin; at < end; ++at) {
      if (cut_ == Cut::kAll || end - begin == 1) Add(at, at + 1);
      if (at + 1 < end) Add(at, at + 2);
    }
  }

  void Add(size_t begin, size_t end) {
    Term term{"", static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
    for (size_t at = begin; at < end; ++at) {
      const size_t before = term.text.size();
      api::AppendUtf8(text_[at], &term.text);
      if (term.text.size() > kMaxTermBytes) {
        term.text.resize(before);
        break;
      }
    }
    terms_.push_back(std::move(term));
  }

  const std::u32string_view text_;
  const Cut cut_;
  std::vector<Term> terms_;
};

}  // namespace

std::vector<Term> CutTerms(std::u32string_view normalized, Cut cut) {
  return Cutter(normalized, cut).Run();
}

}  // namespace chanyan::search
