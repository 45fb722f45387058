// What is open to everybody: entries of the libraries that are published and not for few. One
// condition for whoever lists, reports or checks them (TRI-7, TRI-8).
#pragma once

#include <string>

#include "absl/strings/str_cat.h"

namespace chanyan::triage {

// Of a result or a demand, in SQL over its table.
inline constexpr char kOpenToEverybody[] = "state = 'PUBLISHED' AND disclosure = 'OPEN'";

// Of a record with a column `result`: that its result is.
inline std::string OfOpenResult() {
  return absl::StrCat("result IN (SELECT name FROM result WHERE ", kOpenToEverybody, ")");
}

}  // namespace chanyan::triage
