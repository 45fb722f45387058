#include "services/pairing/recommend_words.h"

#include "absl/strings/str_cat.h"

namespace chanyan::pairing {

void SetWords(const std::string& text, Need* need) {
  static_cast<search::PlacedText&>(*need) = search::PlaceTerms(text);
}

std::vector<std::string> WordsOf(const registry::v1::Platform& platform) {
  std::string text = absl::StrCat(platform.display_name(), kBetweenTexts, platform.introduction());
  for (const std::string& capability : platform.capabilities()) {
    absl::StrAppend(&text, kBetweenTexts, capability);
  }
  for (const registry::v1::Service& service : platform.services()) {
    absl::StrAppend(&text, kBetweenTexts, service.title());
  }
  return search::TellingTerms(text);
}

}  // namespace chanyan::pairing
