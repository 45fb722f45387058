#include "services/registry/name_keys.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/normalize.h"
#include "common/api/text.h"

namespace chanyan::registry {
namespace {

// Characters of a legal form that is no part of another word: 有限公司, not 公司.
constexpr int kMinWholeForm = 4;

// One look of what looks different: width, case, traditional characters.
std::string Fold(absl::string_view text) { return api::ToUtf8(api::Normalize(text).text); }

bool IsWord(UChar32 c) {
  return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0;
}

// Letters, marks and digits.
std::string Words(absl::string_view folded) {
  std::string words;
  for (size_t i = 0; i < folded.size();) {
    const size_t begin = i;
    UChar32 c;
    U8_NEXT(folded.data(), i, folded.size(), c);
    if (c >= 0 && IsWord(c)) absl::StrAppend(&words, folded.substr(begin, i - begin));
  }
  return words;
}

// `text` without its bracketed parts whose words are one of `all`.
std::string WithoutBracketed(absl::string_view folded, const std::vector<std::string>& all) {
  std::string kept;
  // Where the open bracket stands in `kept`.
  std::vector<size_t> open;
  for (size_t i = 0; i < folded.size();) {
    const size_t begin = i;
    UChar32 c;
    U8_NEXT(folded.data(), i, folded.size(), c);
    const int8_t category = u_charType(c);
    if (category == U_START_PUNCTUATION) open.push_back(kept.size());
    absl::StrAppend(&kept, folded.substr(begin, i - begin));
    if (category != U_END_PUNCTUATION || open.empty()) continue;
    const std::string inside = Words(absl::string_view(kept).substr(open.back()));
    if (std::find(all.begin(), all.end(), inside) != all.end()) kept.resize(open.back());
    open.pop_back();
  }
  return kept;
}

void LongestFirst(std::vector<std::string>* texts) {
  std::sort(texts->begin(), texts->end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  texts->erase(std::unique(texts->begin(), texts->end()), texts->end());
}

std::string Cut(std::string key) {
  size_t end = 0;
  for (int characters = 0; end < key.size() && characters < kMaxKeyCharacters; ++characters) {
    U8_FWD_1(key.data(), end, key.size());
  }
  key.resize(end);
  return key;
}

bool IsEnough(absl::string_view rest) { return api::CodePoints(rest) >= kMinCoreCharacters; }

// Takes the longest of `ends` off the end, if something is left; whether it did.
bool StripEnd(const std::vector<std::string>& ends, std::string* text) {
  for (const std::string& end : ends) {
    if (text->size() <= end.size() || !absl::EndsWith(*text, end)) continue;
    text->resize(text->size() - end.size());
    return true;
  }
  return false;
}

// The same at the beginning, if enough is left.
bool StripBeginning(const std::vector<std::string>& beginnings, std::string* text) {
  for (const std::string& beginning : beginnings) {
    if (!absl::StartsWith(*text, beginning)) continue;
    if (!IsEnough(absl::string_view(*text).substr(beginning.size()))) continue;
    text->erase(0, beginning.size());
    return true;
  }
  return false;
}

// Whether one of `forms` stands within the text. Short ones and Latin ones may be part of a word.
bool HasWithin(const std::vector<std::string>& forms, absl::string_view text) {
  return std::any_of(forms.begin(), forms.end(), [text](const std::string& form) {
    return !absl::ascii_isalnum(form.front()) && api::CodePoints(form) >= kMinWholeForm &&
           absl::StrContains(text, form);
  });
}

}  // namespace

NameKeys::NameKeys(const policy::Pack& pack) {
  std::string made_by = absl::StrCat(kNameKeysVersion);
  std::vector<std::string> folded_places;
  for (const policy::v1::NameElements& elements : pack.proto().name_elements()) {
    for (const std::string& text : elements.texts()) {
      std::string folded = Fold(text);
      std::string words = Words(folded);
      if (words.empty()) continue;
      absl::StrAppend(&made_by, "\n", static_cast<int>(elements.kind()), words);
      switch (elements.kind()) {
        case policy::v1::NAME_ELEMENT_KIND_LEGAL_FORM:
          legal_forms_.push_back(std::move(words));
          break;
        case policy::v1::NAME_ELEMENT_KIND_GROUP:
          groups_.push_back(std::move(words));
          break;
        case policy::v1::NAME_ELEMENT_KIND_PLACE:
          places_.push_back(std::move(words));
          folded_places.push_back(std::move(folded));
          break;
        default:
          break;
      }
    }
  }
  // 中国（山东）自由贸易试验区 is looked for once the places in brackets are gone.
  const std::vector<std::string> places = places_;
  for (const std::string& folded : folded_places) {
    places_.push_back(Words(WithoutBracketed(folded, places)));
  }
  for (auto* texts : {&legal_forms_, &groups_, &places_}) LongestFirst(texts);
  fingerprint_ = api::DigestId("", made_by);
}

std::string NameKeys::Name(absl::string_view title) const { return Cut(Words(Fold(title))); }

std::string NameKeys::Core(absl::string_view title) const {
  const std::string folded = WithoutBracketed(WithoutBracketed(Fold(title), places_), groups_);
  std::string core = Words(folded);
  if (!StripEnd(legal_forms_, &core)) return "";
  while (StripEnd(groups_, &core) || StripEnd(legal_forms_, &core)) {
  }
  // A company's name with something behind it: a branch.
  if (HasWithin(legal_forms_, core)) return "";
  while (StripBeginning(places_, &core)) {
  }
  return IsEnough(core) ? Cut(std::move(core)) : "";
}

}  // namespace chanyan::registry
