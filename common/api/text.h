// Checks of one text value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "chanyan/options/v1/options.pb.h"

namespace chanyan::api {

// Number of code points, or -1 if it is not UTF-8.
int64_t CodePoints(absl::string_view text);

// Bytes of the well-formed UTF-8 character at the front of a text that is not empty; 0 = malformed.
// `cut`: it ends too early.
size_t CharacterBytes(absl::string_view text, bool* cut);

// No overlong forms, surrogates or values over U+10FFFF. `may_be_cut`: the last character may be
// incomplete.
bool IsValidUtf8(absl::string_view text, bool may_be_cut = false);

// "" if it is well-formed, else what is wrong as the end of a Chinese sentence whose subject is the
// field's label.
std::string CheckFormat(options::v1::Format format, absl::string_view text);

}  // namespace chanyan::api
