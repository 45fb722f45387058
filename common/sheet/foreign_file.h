// Files that people send in place of an .xlsx, told apart so that the message can say what to do.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace chanyan::sheet {

// Head of the container of .xls, .et, and of every Office file with a password.
inline constexpr absl::string_view kOleMagic = "\xD0\xCF\x11\xE0";

// A sentence saying what the file seems to be and what to do; empty when it may be an .xlsx.
std::string DescribeForeignFile(absl::string_view bytes, absl::string_view file_name);

}  // namespace chanyan::sheet
