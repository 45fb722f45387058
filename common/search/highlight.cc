#include "common/search/highlight.h"

#include <algorithm>

#include "common/api/normalize.h"
#include "common/search/terms.h"

namespace chanyan::search {
namespace {

constexpr char32_t kCut = U'…';
// Part of a snippet that is shown before its first mark.
constexpr size_t kLeadDivisor = 6;

// In characters of the original text.
std::vector<Mark> MarksOf(absl::string_view text, const TermSet& terms) {
  const api::Normalized normalized = api::Normalize(text);
  std::vector<Mark> marks;
  for (const Term& term : CutTerms(normalized.text, Cut::kAll)) {
    if (!terms.contains(term.text)) continue;
    const Mark mark{normalized.begin[term.begin], normalized.end[term.end - 1]};
    if (!marks.empty() && mark.begin <= marks.back().end) {
      marks.back().end = std::max(marks.back().end, mark.end);
    } else {
      marks.push_back(mark);
    }
  }
  return marks;
}

// Where a window of `length` characters begins that has most marked characters; the first of
// equals.
size_t BestWindow(const std::vector<Mark>& marks, size_t length, size_t size) {
  const size_t lead = length / kLeadDivisor;
  const size_t last = size > length ? size - length : 0;
  size_t best = 0, most = 0;
  for (const Mark& first : marks) {
    const size_t begin = std::min(first.begin > lead ? first.begin - lead : 0, last);
    size_t marked = 0;
    for (const Mark& mark : marks) {
      const size_t from = std::max<size_t>(mark.begin, begin);
      const size_t to = std::min<size_t>(mark.end, begin + length);
      if (from < to) marked += to - from;
    }
    if (marked > most) {
      most = marked;
      best = begin;
    }
  }
  return best;
}

}  // namespace

std::vector<std::string> QueryTerms(absl::string_view text) {
  std::vector<std::string> terms;
  TermSet seen;
  for (Term& term : CutTerms(api::Normalize(text).text, Cut::kLongest)) {
    if (terms.size() == kMaxQueryTerms) break;
    if (seen.insert(term.text).second) terms.push_back(std::move(term.text));
  }
  return terms;
}

Snippet MakeSnippet(absl::string_view text, const TermSet& terms, size_t length) {
  const std::u32string characters = api::FromUtf8(text);
  const std::vector<Mark> marks = MarksOf(text, terms);
  const size_t begin = BestWindow(marks, length, characters.size());
  const size_t end = std::min(begin + length, characters.size());
  Snippet snippet;
  size_t shift = 0;
  if (begin > 0) {
    api::AppendUtf8(kCut, &snippet.text);
    shift = 1;
  }
  snippet.text += api::ToUtf8(std::u32string_view(characters).substr(begin, end - begin));
  if (end < characters.size()) api::AppendUtf8(kCut, &snippet.text);
  for (const Mark& mark : marks) {
    const size_t from = std::max<size_t>(mark.begin, begin);
    const size_t to = std::min<size_t>(mark.end, end);
    if (from < to) {
      snippet.marks.push_back(
          {static_cast<uint32_t>(from - begin + shift), static_cast<uint32_t>(to - begin + shift)});
    }
  }
  return snippet;
}

}  // namespace chanyan::search
