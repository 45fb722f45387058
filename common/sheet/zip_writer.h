// A .zip in memory whose bytes depend on nothing but what was added: no clock, no machine, no
// order but the caller's. Used for .xlsx files and for packages of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::sheet {

enum class Packing : uint8_t {
  kDeflate,
  // For bytes that are packed already, such as an .xlsx inside a package.
  kStore,
};

// One archive; not thread-safe. Names are UTF-8 relative paths with '/', unique, given by the
// program and never by a stranger.
class ZipWriter {
 public:
  ZipWriter();
  ~ZipWriter();
  ZipWriter(ZipWriter&&) noexcept;
  ZipWriter& operator=(ZipWriter&&) noexcept;

  void Add(absl::string_view name, absl::string_view bytes, Packing packing = Packing::kDeflate);

  // The whole archive. INTERNAL if it outgrew what plain zip can say (4 GiB, 65,535 entries) or
  // zlib failed. The writer is used up.
  absl::StatusOr<std::string> Finish() &&;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chanyan::sheet
