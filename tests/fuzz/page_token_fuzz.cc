// Any text as a page token and as an etag: refused, or read back to the very same text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "common/db/page_token.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace db = chanyan::db;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const db::PageBinding binding{"organization", "", "", ""};
  const auto values = db::ReadPageToken(binding, text);
  if (values.ok() && db::MakePageToken(binding, *values) != text) std::abort();
  const auto version = db::ReadEtag("organization", "organizations/a", text);
  if (version && db::MakeEtag("organization", "organizations/a", *version) != text) std::abort();
  // A token of our own, then the input as its text value.
  const db::Values last = {std::string(text), int64_t{-1}, 0.5, db::Value(),
                           absl::FromUnixMicros(1)};
  const auto again = db::ReadPageToken(binding, db::MakePageToken(binding, last));
  if (size < db::kMaxPageTokenLength / 2 && (!again.ok() || *again != last)) std::abort();
  return 0;
}
