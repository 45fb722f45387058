// Text as .xlsx files and people write it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace chanyan::sheet {

// Full-width ASCII and the ideographic blank become their half-width twins: "（Ａ）　" is "(A) ".
std::string FoldWidth(absl::string_view text);

// Without blanks at both ends: ASCII ones, U+3000, U+00A0, U+200B, U+FEFF.
absl::string_view TrimBlanks(absl::string_view text);

// Labels compared as people write them: width folded, without any blank or line break, without the
// star that marks what is required, ASCII in lower case.
std::string LabelKey(absl::string_view text);

// OOXML writes characters that XML cannot carry as _x000D_, and a literal one as _x005F_x000D_.
std::string DecodeEscapes(absl::string_view text);

// Appends text for an XML element, with the escapes above; invalid UTF-8 becomes U+FFFD.
void AppendXmlText(std::string& out, absl::string_view text);

}  // namespace chanyan::sheet
