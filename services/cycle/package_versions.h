// Versions of packages (CYC-6): each as it was handed in, kept and never changed. What says the
// same is the same version; the package itself tells of the latest.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/returning.pb.h"
#include "common/db/database.h"

namespace chanyan::cycle {

// cycles/{c}/packages/{p}/versions/{revision}.
inline std::string VersionNameOf(const v1::Package& package, int64_t revision) {
  return absl::StrCat(package.name(), "/versions/", revision);
}
inline std::string LatestVersionName(const v1::Package& package) {
  return VersionNameOf(package, package.revision());
}

// A version's name and its archive.
using PackageFile = std::pair<std::string, std::string>;

absl::Status KeepPackageFiles(db::Session& session, absl::Span<const PackageFile> files);
// In the order of the names. INTERNAL if one is not there.
absl::StatusOr<std::vector<std::string>> LoadPackageFiles(db::Session& session,
                                                          absl::Span<const std::string> versions);

// What the package tells of itself once this version is its latest.
void TakeLatest(const v1::PackageVersion& version, v1::Package* package);

}  // namespace chanyan::cycle
