// Names of projects: the same pair gets the same, numbered from the second on.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/api/digest.h"

namespace chanyan::pairing {

// `earlier` = projects that the pair has had.
inline std::string ProjectName(absl::string_view platform, absl::string_view enterprise,
                               int64_t earlier) {
  std::string name =
      absl::StrCat("projects/", api::DigestId("j", absl::StrCat(platform, "\n", enterprise)));
  if (earlier > 0) absl::StrAppend(&name, "-", earlier + 1);
  return name;
}

}  // namespace chanyan::pairing
