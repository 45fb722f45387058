// Page tokens and etags: opaque texts that are ours and fit their place.
//
// Both carry a keyed checksum. The key is no secret: a token gives no right (the caller's scope is
// applied anew on every call) and an etag only says which version was read. The checksum catches
// tokens that were cut, altered, or moved to other arguments or another resource, and needs neither
// configuration nor agreement between replicas.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/value.h"

namespace chanyan::db {

// Greatest number of characters of a page token that is looked at.
inline constexpr size_t kMaxPageTokenLength = 16 << 10;

// The arguments of a List call that a token belongs to (AIP-158: all but page_size).
struct PageBinding {
  absl::string_view table;
  absl::string_view parent;
  absl::string_view filter;
  absl::string_view order_by;
};

// Sort values of a page's last row → token, in base64url.
std::string MakePageToken(const PageBinding& binding, const Values& last);
// And back. INVALID_ARGUMENT (INVALID_PAGE_TOKEN) if it was not made with the same binding.
absl::StatusOr<Values> ReadPageToken(const PageBinding& binding, absl::string_view token);
// That error.
absl::Status InvalidPageToken();

// Etag of a version of one row.
std::string MakeEtag(absl::string_view table, absl::string_view name, int64_t version);
// The version, or nothing if the etag is not one of this row.
std::optional<int64_t> ReadEtag(absl::string_view table, absl::string_view name,
                                absl::string_view etag);

}  // namespace chanyan::db
