// Names that follow from what they name, so that the same thing has the same name on every run.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/api/digest.h"

namespace chanyan::pairing {

// Of a pair's next project, after `earlier` ones: numbered from the second on.
inline std::string ProjectName(absl::string_view platform, absl::string_view enterprise,
                               int64_t earlier) {
  std::string name =
      absl::StrCat("projects/", api::DigestId("j", absl::StrCat(platform, "\n", enterprise)));
  if (earlier > 0) absl::StrAppend(&name, "-", earlier + 1);
  return name;
}

}  // namespace chanyan::pairing
