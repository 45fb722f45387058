#include "services/pairing/recommend_words.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/search/normalize.h"
#include "common/search/terms.h"

namespace chanyan::pairing {
namespace {

bool IsTelling(const search::Term& term) {
  if (term.end - term.begin < 2) return false;
  return !std::all_of(term.text.begin(), term.text.end(), absl::ascii_isdigit);
}

}  // namespace

void SetWords(const std::string& text, Need* need) {
  const search::Normalized normalized = search::Normalize(text);
  need->characters.clear();
  need->terms.clear();
  for (const char32_t c : normalized.text) {
    search::AppendUtf8(c, &need->characters.emplace_back());
  }
  for (search::Term& term : search::CutTerms(normalized.text, search::Cut::kLongest)) {
    if (IsTelling(term)) need->terms.push_back({std::move(term.text), term.begin, term.end});
  }
}

std::vector<std::string> WordsOf(const registry::v1::Platform& platform) {
  std::string text = absl::StrCat(platform.display_name(), kBetweenTexts, platform.introduction());
  for (const std::string& capability : platform.capabilities()) {
    absl::StrAppend(&text, kBetweenTexts, capability);
  }
  for (const registry::v1::Service& service : platform.services()) {
    absl::StrAppend(&text, kBetweenTexts, service.title());
  }
  std::vector<std::string> terms;
  for (search::Term& term : search::CutTerms(search::Normalize(text).text, search::Cut::kLongest)) {
    if (IsTelling(term)) terms.push_back(std::move(term.text));
  }
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return terms;
}

}  // namespace chanyan::pairing
