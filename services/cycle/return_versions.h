// Versions of what an enterprise gave back of a form (CYC-5): the rows as they were, kept and never
// changed. What says the same is the same version.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/api/names.h"

namespace chanyan::cycle {

// cycles/{c}/forms/{f}/returns/{enterprise id}.
inline std::string ReturnName(absl::string_view form, absl::string_view enterprise) {
  return absl::StrCat(form, "/returns/", api::IdOfName(enterprise));
}

// What is given back at once, and by whom.
struct GivenBack {
  std::string enterprise;
  std::string enterprise_title;
  std::string unit;
  std::string account;
  // Why once more, if it is said.
  std::string reason;
  // By the cycle's clock.
  absl::Time time;
  // By form: its rows of the enterprise that it gave back or holds; of each form it holds some.
  std::map<std::string, std::vector<v1::Row>> rows;
};

}  // namespace chanyan::cycle
