// The container of an .xlsx: a zip from a stranger, opened with every limit of RELIABILITY counted
// on what is really unpacked. Parts are found by name without regard to case, as OPC has it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sheet/workbook.h"

struct zip;

namespace chanyan::sheet {

// What helps against most damage: ends a message of BadFile.
inline constexpr char kSaveAgain[] = "，请用 Excel 或 WPS 另存为 .xlsx 后重新上传";

// INVALID_ARGUMENT at a place: the file cannot be read, or is over a limit.
absl::Status BadFile(absl::string_view place, absl::string_view message);
absl::Status TooLarge(absl::string_view place, absl::string_view message);

class Package {
 public:
  // `bytes` must outlive the package. Refuses what is not a plain .xlsx container.
  static absl::StatusOr<Package> Open(absl::string_view bytes, absl::string_view file_name,
                                      const Limits& limits);

  bool Has(absl::string_view part) const;
  // The unpacked part; counts against the limits of the whole file. INVALID_FILE when missing.
  absl::StatusOr<std::string> Read(absl::string_view part);

  absl::string_view file_name() const { return file_name_; }
  const Limits& limits() const { return limits_; }

 private:
  struct Closer {
    void operator()(zip* archive) const;
  };
  struct Entry {
    uint64_t index;
    uint64_t packed_bytes;
  };

  Package(zip* archive, absl::string_view file_name, const Limits& limits);
  absl::Status CheckEntries();
  absl::Status CheckEntry(uint64_t index);
  absl::Status CheckMagic(uint64_t index);

  std::unique_ptr<zip, Closer> archive_;
  std::string file_name_;
  Limits limits_;
  // Lower-case name with '/' → entry.
  absl::flat_hash_map<std::string, Entry> entries_;
  uint64_t claimed_bytes_ = 0;
  size_t unpacked_bytes_ = 0;
};

}  // namespace chanyan::sheet
