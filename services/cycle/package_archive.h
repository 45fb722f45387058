// An enterprise's package (CYC-6; S0 二, third week: 不用合并表格，一个企业一个包): a .zip with one
// .xlsx for each university and manifest.json with its version and the SHA-256 of each. Pure: the
// same input makes the same bytes.
//
//   中国海洋大学-青岛某公司-2025q2季度报表.xlsx
//   山东科技大学-青岛某公司-2025q2季度报表.xlsx
//   manifest.json
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "services/cycle/form_sheet.h"

namespace chanyan::cycle {

struct PackageHead {
  // cycles/{quarter}.
  std::string cycle;
  bool rehearsal = false;
  // Resource name of the unit that packs.
  std::string unit;
  // Resource name, name and code of the enterprise.
  std::string enterprise;
  std::string enterprise_title;
  std::string unified_social_credit_code;
  // By the cycle's clock.
  absl::Time packed_at;
  // 1 = as it is handed in first.
  int revision = 1;
};

struct PackageArchive {
  std::string bytes;
  // Of `bytes`, hex.
  std::string sha256;
  int form_count = 0;
  int row_count = 0;
};

// University → its name.
using UniversityTitles = absl::flat_hash_map<std::string, std::string>;

// `rows` are all of that enterprise, in any order; a university without a title goes by its id.
absl::StatusOr<PackageArchive> PackForms(const PackageHead& head, RowSpan rows,
                                         const UniversityTitles& titles);

// SHA-256 of what such a package says, whenever it is packed and whichever version it is: who it is
// of and who packs it, and what its rows say. The same rows have the same digest in any order.
std::string PackageDigest(const PackageHead& head, RowSpan rows, const UniversityTitles& titles);

// A title as part of a file's name on any system: without / \ : * ? " < > |, control characters and
// blanks or dots at its ends, cut at a character so that it has at most kMaxTitleBytes.
inline constexpr size_t kMaxTitleBytes = 105;
std::string FileNamePart(absl::string_view title);

}  // namespace chanyan::cycle
