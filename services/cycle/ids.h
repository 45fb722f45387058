// Names that follow from what they name, so that the same thing has the same name on every run.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::cycle {

// {r} of a row: its key (platform, enterprise); enterprise is empty for an intent open to all.
inline std::string RowId(absl::string_view platform, absl::string_view enterprise) {
  return api::DigestId("r", absl::StrCat(platform, "\n", enterprise));
}

inline std::string FormName(absl::string_view cycle, absl::string_view university) {
  return absl::StrCat(cycle, "/forms/", api::IdOfName(university));
}

inline std::string RowName(absl::string_view form, absl::string_view platform,
                           absl::string_view enterprise) {
  return absl::StrCat(form, "/rows/", RowId(platform, enterprise));
}

// The quarter of a cycle, or what is wrong with its name.
inline absl::StatusOr<time::Quarter> QuarterOf(absl::string_view cycle) {
  const absl::StatusOr<time::Quarter> quarter = time::Quarter::Parse(api::IdOfName(cycle));
  if (quarter.ok()) return quarter;
  return status::InvalidField("name", "周期编号须为年份和季度，形如 cycles/2025q2");
}

// cycles/{c} of anything below it.
inline absl::string_view CycleOfName(absl::string_view name) {
  const size_t end = name.find('/', absl::string_view("cycles/").size());
  return name.substr(0, end);
}

// organizations/{o} of organizations/{o}/platforms/{p}.
inline absl::string_view OwnerOfPlatform(absl::string_view platform) {
  return api::ParentOfName(platform);
}

// Whether a holder of rows is a platform and not an organization.
inline bool IsPlatform(absl::string_view holder) {
  return absl::StrContains(holder, "/platforms/");
}

// cycles/{c}/forms/{f} of anything below it.
inline absl::string_view FormOfName(absl::string_view name) {
  const size_t id = name.find("/forms/") + absl::string_view("/forms/").size();
  return name.substr(0, name.find('/', id));
}

inline std::string PartName(absl::string_view form, absl::string_view platform) {
  return absl::StrCat(form, "/parts/", api::DigestId("p", platform));
}

// A UUID that follows from `text`: the request id of a call that must have one effect however often
// it is made.
inline std::string UuidOf(absl::string_view text) {
  const std::string hex = api::Sha256Hex(text);
  const absl::string_view h = hex;
  return absl::StrCat(h.substr(0, 8), "-", h.substr(8, 4), "-", h.substr(12, 4), "-",
                      h.substr(16, 4), "-", h.substr(20, 12));
}

}  // namespace chanyan::cycle
