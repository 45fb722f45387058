// Any bytes as a text and as what is looked for: folded, cut and marked without leaving the text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "common/api/normalize.h"
#include "common/search/highlight.h"
#include "common/search/terms.h"

namespace {

namespace api = chanyan::api;
using chanyan::search::Cut;
using chanyan::search::CutTerms;
using chanyan::search::kMaxQueryTerms;
using chanyan::search::kMaxTermBytes;
using chanyan::search::MakeSnippet;
using chanyan::search::Mark;
using chanyan::search::QueryTerms;
using chanyan::search::Snippet;
using chanyan::search::Term;

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const api::Normalized folded = api::Normalize(text);
  Require(folded.text.size() == folded.begin.size() && folded.text.size() == folded.end.size());
  const size_t characters = api::FromUtf8(text).size();
  for (size_t i = 0; i < folded.text.size(); ++i) {
    Require(folded.begin[i] < folded.end[i] && folded.end[i] <= characters);
    Require(i == 0 || folded.begin[i - 1] <= folded.begin[i]);
  }
  for (const Cut cut : {Cut::kAll, Cut::kLongest}) {
    for (const Term& term : CutTerms(folded.text, cut)) {
      Require(!term.text.empty() && term.text.size() <= kMaxTermBytes);
      Require(term.begin < term.end && term.end <= folded.text.size());
    }
  }
  const auto words = QueryTerms(text.substr(0, size / 2));
  Require(words.size() <= kMaxQueryTerms);
  const Snippet snippet = MakeSnippet(text, {words.begin(), words.end()}, 20);
  const size_t shown = api::FromUtf8(snippet.text).size();
  Require(shown <= 22);
  uint32_t before = 0;
  for (const Mark& mark : snippet.marks) {
    Require(before <= mark.begin && mark.begin < mark.end && mark.end <= shown);
    before = mark.end;
  }
  return 0;
}
