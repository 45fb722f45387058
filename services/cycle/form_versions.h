// What a form said at each submission (CYC-5): the rows as they were, a digest of what they say,
// kept and never changed.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/db/database.h"

namespace chanyan::cycle {

// The version that follows `revision` of a form, or of a part.
inline std::string NextVersionName(absl::string_view of, int revision) {
  return absl::StrCat(of, "/versions/", revision + 1);
}

// What the rows say, one a line as JSON, by name: the sheet's columns and what they refer to, not
// who has custody of it. The same rows make the same text, in whatever order they come.
std::string CanonicalRows(std::vector<v1::Row> rows);
// Back; INTERNAL if it is none.
absl::StatusOr<std::vector<v1::Row>> ReadCanonicalRows(absl::string_view text);

absl::Status KeepVersionRows(db::Session& session, const std::string& version,
                             absl::string_view canonical);
// INTERNAL if they are not there or are others than `sha256` says.
absl::StatusOr<std::vector<v1::Row>> LoadVersionRows(db::Session& session,
                                                     const std::string& version,
                                                     absl::string_view sha256);

}  // namespace chanyan::cycle
