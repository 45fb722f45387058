// Any bytes as a workbook and as a table of organizations: a workbook within its limits, or a
// refusal that names the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Small limits, so that an input takes milliseconds.
  chanyan::sheet::Limits limits;
  limits.unpacked_bytes = size_t{1} << 20;
  limits.cells = 10'000;
  const auto workbook = chanyan::sheet::ReadWorkbook(
      absl::string_view(reinterpret_cast<const char*>(data), size), "fuzz.xlsx", limits);
  if (!workbook.ok()) {
    if (chanyan::status::ViolationsOf(workbook.status()).empty()) std::abort();
    return 0;
  }
  if (const chanyan::sheet::Sheet* sheet = workbook->FirstVisible(); sheet != nullptr) {
    const auto table =
        chanyan::sheet::ReadTable<chanyan::registry::v1::Organization>(*workbook, *sheet);
    (void)table.Check();
  }
  return 0;
}
