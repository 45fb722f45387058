// What duplicates are found by (TRI-1): folded titles, registration numbers, numbers of rights; and
// that one organization has one open entry of a title.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/options/v1/options.pb.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "common/status/status.h"

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

// Replaces the keys of `subject`. ALREADY_EXISTS if `sole` is taken; it does not name the other
// entry, which may be none that the caller sees: RefuseTwin does before.
absl::Status WriteLibraryKeys(db::Session& session, const std::string& subject,
                              const std::vector<LibraryKey>& keys, const std::string& sole);
// The first keys of a subject; `sole` is known to be free.
absl::Status AddLibraryKeys(db::Session& session, const std::string& subject,
                            const std::vector<LibraryKey>& keys, const std::string& sole);

// Whether a result changed in nothing that its keys are made of.
bool SameKeys(const v1::Result& a, const v1::Result& b);

// Keys of an entry as they are to be.
struct EntryKeys {
  std::string subject;
  std::vector<LibraryKey> keys;
  std::string sole;
};
// As WriteLibraryKeys, of many in few statements, each given once. What one of them gives up
// another may take.
absl::Status WriteAllLibraryKeys(db::Session& session, const std::vector<EntryKeys>& entries);

// The entries that have those of `soles` which are taken, by what they have.
absl::StatusOr<absl::flat_hash_map<std::string, std::string>> SoleHolders(
    db::Session& session, std::vector<std::string> soles);

// The entry that has `sole`; empty if there is none.
absl::StatusOr<std::string> SoleHolder(db::Session& session, const std::string& sole);

// ALREADY_EXISTS if another open entry of the organization, which people call `owner`, has the
// title of `row`. It is named to those alone who may read it (`readable`); others hear that it is
// not theirs.
template <class T>
absl::Status RefuseTwin(db::Session& session, const db::Table<T>& entries, const T& row,
                        absl::string_view owner, const db::Predicate& readable);
// How that is said; `name` empty: to whoever may not read it.
absl::Status TwinExists(absl::string_view owner, absl::string_view label, absl::string_view name);

struct KeyHolder {
  std::string subject;
  v1::LikenessReason reason;
};
// Other entries of the same collection ("results/", "demands/") that share a key, by name.
absl::StatusOr<std::vector<KeyHolder>> HoldersOf(db::Session& session, absl::string_view collection,
                                                 absl::string_view subject,
                                                 const std::vector<LibraryKey>& keys);

template <class T>
absl::Status RefuseTwin(db::Session& session, const db::Table<T>& entries, const T& row,
                        absl::string_view owner, const db::Predicate& readable) {
  const std::string sole = SoleKeyOf(row);
  if (sole.empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const std::string twin, SoleHolder(session, sole));
  if (twin.empty() || twin == row.name()) return absl::OkStatus();
  const absl::StatusOr<T> seen = entries.Get(session, twin, readable);
  if (!seen.ok() && !absl::IsNotFound(seen.status())) return seen.status();
  const auto& resource = T::descriptor()->options().GetExtension(options::v1::resource);
  return TwinExists(owner, resource.label(), seen.ok() ? twin : "");
}

}  // namespace chanyan::triage
