// What duplicates are found by (TRI-1): folded titles, registration numbers, numbers of rights; and
// that one organization has one open entry of a title.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/db/database.h"

namespace chanyan::triage {

struct LibraryKey {
  v1::LikenessReason reason;
  std::string value;
};

std::vector<LibraryKey> KeysOf(const v1::Result& result);
std::vector<LibraryKey> KeysOf(const v1::Demand& demand);

// What only one open entry may have: owner and folded title. Empty for one that is closed.
std::string SoleKeyOf(const v1::Result& result);
std::string SoleKeyOf(const v1::Demand& demand);

// Replaces the keys of `subject`. ALREADY_EXISTS that names the other entry if `sole` is taken.
absl::Status WriteLibraryKeys(db::Session& session, const std::string& subject,
                              const std::vector<LibraryKey>& keys, const std::string& sole);
// The first keys of a subject; `sole` is known to be free.
absl::Status AddLibraryKeys(db::Session& session, const std::string& subject,
                            const std::vector<LibraryKey>& keys, const std::string& sole);

// The entry that has `sole`; empty if there is none.
absl::StatusOr<std::string> SoleHolder(db::Session& session, const std::string& sole);

struct KeyHolder {
  std::string subject;
  v1::LikenessReason reason;
};
// Other entries of the same collection ("results/", "demands/") that share a key, by name.
absl::StatusOr<std::vector<KeyHolder>> HoldersOf(db::Session& session, absl::string_view collection,
                                                 absl::string_view subject,
                                                 const std::vector<LibraryKey>& keys);

}  // namespace chanyan::triage
