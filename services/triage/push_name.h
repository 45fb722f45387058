// What a push is called: the same recipient and class of a result have the same name.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/policy/v1/triage.pb.h"
#include "common/api/digest.h"

namespace chanyan::triage {

inline std::string PushName(absl::string_view result, absl::string_view recipient,
                            policy::v1::TriageClass triage_class) {
  return absl::StrCat(
      result, "/pushes/",
      api::DigestId("p", absl::StrCat(recipient, "\n", static_cast<int>(triage_class))));
}

}  // namespace chanyan::triage
