// Any bytes as an attachment and as its name: a known type and a name that stays as it is, or a
// refusal that says why.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "common/attachment/file_name.h"
#include "common/attachment/file_type.h"
#include "common/status/status.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto type = chanyan::attachment::TypeOf(bytes, "fuzz");
  if (!type.ok() && chanyan::status::ViolationsOf(type.status()).empty()) std::abort();
  const auto name = chanyan::attachment::CleanFileName(bytes.substr(0, 1000), "file_name");
  if (name.ok()) {
    const auto again = chanyan::attachment::CleanFileName(*name, "file_name");
    if (!again.ok() || *again != *name) std::abort();
  }
  return 0;
}
