// Any text as a filter and as an order: an answer or a refusal with a place, and SQL whose
// parameters match its question marks.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/order_by.h"
#include "common/db/table.h"
#include "common/status/status.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using chanyan::registry::v1::Organization;
  static const auto* const kTable = new chanyan::db::TableCore(Organization::descriptor());
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto where = kTable->Where(text);
  if (where.ok()) {
    const auto marks = std::count(where->sql.begin(), where->sql.end(), '?');
    if (marks != static_cast<int64_t>(where->params.size())) std::abort();
  } else if (chanyan::status::ViolationsOf(where.status()).empty()) {
    std::abort();
  }
  chanyan::api::ParseOrderBy(Organization::descriptor(), text).status().IgnoreError();
  return 0;
}
