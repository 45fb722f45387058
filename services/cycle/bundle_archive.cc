#include "services/cycle/bundle_archive.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/json.h"
#include "common/api/names.h"
#include "common/sheet/zip_writer.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/package_archive.h"

namespace chanyan::cycle {
namespace {

// What a package takes besides its bytes: its name three times, of at most kMaxTitleBytes and what
// stands around it, the zip's own records, and its lines in the manifest.
constexpr size_t kBytesAround = 2048;

std::string Entry(const v1::Package& package, const std::string& file) {
  return absl::StrCat(
      "    {\n      \"file\": ", api::JsonString(file),
      ",\n      \"enterprise\": ", api::JsonString(package.enterprise()),
      ",\n      \"title\": ", api::JsonString(package.enterprise_title()),
      ",\n      \"forms\": ", package.form_count(), ",\n      \"rows\": ", package.row_count(),
      ",\n      \"packed_at\": ",
      api::JsonString(absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", time::ToTime(package.pack_time()),
                                       time::Shanghai())),
      ",\n      \"sent_back\": ", package.has_return_time() ? "true" : "false",
      ",\n      \"sha256\": ", api::JsonString(package.sha256()), "\n    }");
}

}  // namespace

std::vector<size_t> PartsOf(absl::Span<const v1::Package> packages, size_t limit) {
  std::vector<size_t> begins;
  size_t taken = 0;
  for (size_t i = 0; i < packages.size(); ++i) {
    const size_t size = static_cast<size_t>(packages[i].byte_count()) + kBytesAround;
    if (begins.empty() || taken + size > limit) {
      begins.push_back(i);
      taken = kBytesAround;
    }
    taken += size;
  }
  return begins;
}

absl::StatusOr<std::string> WriteBundle(const BundleHead& head,
                                        absl::Span<const v1::Package> packages,
                                        absl::Span<const std::string> files) {
  std::string json =
      absl::StrCat("{\n  \"cycle\": ", api::JsonString(head.cycle),
                   ",\n  \"rehearsal\": ", head.rehearsal ? "true" : "false",
                   ",\n  \"unit\": ", api::JsonString(head.unit), ",\n  \"part\": ", head.part,
                   ",\n  \"parts\": ", head.parts, ",\n  \"packages_in_all\": ", head.packages,
                   ",\n  \"packages\": [");
  sheet::ZipWriter zip;
  absl::flat_hash_set<std::string> taken;
  absl::string_view separator = "\n";
  for (size_t i = 0; i < packages.size(); ++i) {
    const v1::Package& package = packages[i];
    if (api::Sha256Hex(files[i]) != package.sha256()) {
      return status::Internal(absl::StrCat(package.name(), ": the file is not that of its digest"));
    }
    const std::string stem = absl::StrCat(FileNamePart(package.enterprise_title()), "-",
                                          api::IdOfName(head.cycle), "企业包");
    std::string file = absl::StrCat(stem, ".zip");
    // Two enterprises may have one name, or long ones be cut to it.
    for (int n = 2; !taken.insert(file).second; ++n) file = absl::StrCat(stem, "-", n, ".zip");
    zip.Add(file, files[i], sheet::Packing::kStore);
    absl::StrAppend(&json, separator, Entry(package, file));
    separator = ",\n";
  }
  absl::StrAppend(&json, "\n  ]\n}\n");
  zip.Add("manifest.json", json);
  return std::move(zip).Finish();
}

}  // namespace chanyan::cycle
