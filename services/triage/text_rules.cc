#include "services/triage/text_rules.h"

#include <unicode/uchar.h>

#include "common/search/normalize.h"

namespace chanyan::triage {
namespace {

constexpr size_t kMostKeyBytes = 255;

}  // namespace

std::string TextKey(absl::string_view text) {
  std::string key;
  for (const char32_t c : search::Normalize(text).text) {
    if (!u_isalnum(static_cast<UChar32>(c))) continue;
    std::string one;
    search::AppendUtf8(c, &one);
    if (key.size() + one.size() > kMostKeyBytes) break;
    key += one;
  }
  return key;
}

}  // namespace chanyan::triage
