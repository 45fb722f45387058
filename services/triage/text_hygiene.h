// Free text as it may be stored (TRI-1): what is no content is set aside with a note, never stored
// as content. Pure.
//
//   控制字符                 C0 and C1 controls but line breaks and tabs, noncharacters, broken
//   UTF-8 双向文字控制符           embeddings, overrides, isolates and marks of direction
//   不可见字符               zero-width and soft characters, fillers, tags
//   网页转贴的页脚或广告     what comes along when a notice is copied from a page: a line made of
//   the
//                            pack's markers alone, wherever it stands; a line after the first that
//                            begins with a marker, with all that follows; from a marker on, behind
//                            the end of a sentence, if it is not the only one
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/policy/v1/triage.pb.h"

namespace chanyan::triage {

struct SetAside {
  // What it was, for people.
  std::string what;
  std::string text;
};

struct CleanText {
  std::string text;
  std::vector<SetAside> aside;
};

// Immutable, thread-safe.
class TextHygiene {
 public:
  explicit TextHygiene(const policy::v1::TextHygiene& policy);

  // `one_line`: line breaks and tabs become blanks. Blanks at both ends go without a word.
  CleanText Clean(absl::string_view text, bool one_line) const;

 private:
  // Bytes of `line` that are content.
  size_t ContentOf(absl::string_view line, bool first, bool* and_all_after) const;

  // Folded.
  std::vector<std::u32string> markers_;
};

// Text that may hold anything, as text that holds nothing unusual: "<U+202E>".
std::string Escaped(absl::string_view text);

}  // namespace chanyan::triage
