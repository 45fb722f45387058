// A unit's packages in one .zip (CYC-6), each as it was handed in, with manifest.json that has the
// SHA-256 of each; cut into parts that one answer holds. Pure: the same input makes the same bytes.
//
//   青岛某公司-2025q2企业包.zip
//   青岛另一公司-2025q2企业包.zip
//   manifest.json
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/cycle/v1/cycle.pb.h"

namespace chanyan::cycle {

struct BundleHead {
  // cycles/{quarter}.
  std::string cycle;
  bool rehearsal = false;
  // Resource name of the unit that packed.
  std::string unit;
  // From 1.
  int part = 1;
  int parts = 1;
  // Packages in all parts.
  size_t packages = 0;
};

// Where each part begins among `packages`, by their sizes, so that none is larger than `limit`
// bytes with its manifest; a package that is larger alone is a part of its own. Nothing packed: no
// part.
std::vector<size_t> PartsOf(absl::Span<const v1::Package> packages, size_t limit);

// The files of the packages of one part, in the same order. INTERNAL if one is another than its
// package's SHA-256 says.
absl::StatusOr<std::string> WriteBundle(const BundleHead& head,
                                        absl::Span<const v1::Package> packages,
                                        absl::Span<const std::string> files);

}  // namespace chanyan::cycle
