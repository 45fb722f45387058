// Keys of organizations in the table organization_key, and who shares one (REG-10). All functions
// work inside the caller's transaction or read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/registry/v1/directory.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/database.h"
#include "services/registry/name_keys.h"

namespace chanyan::registry {

// Kinds of keys, as in the table.
inline constexpr char kCodeKey[] = "CODE";
inline constexpr char kNameKey[] = "NAME";
inline constexpr char kCoreKey[] = "CORE";

struct NameKey {
  std::string kind;
  std::string value;
  // Of a name that the organization had.
  bool former = false;
};

// A set of v1::DuplicateReason as bits, as in distinct_pair.settled.
using ReasonBits = int64_t;
ReasonBits BitOf(v1::DuplicateReason reason);
// In the order of the enum.
std::vector<v1::DuplicateReason> ReasonsOf(ReasonBits bits);
// Why two organizations look alike that share a key; `former` if one of them only had it.
v1::DuplicateReason ReasonOf(absl::string_view kind, bool former);

// Two organizations that look alike, by name.
struct Likeness {
  std::string first;
  std::string second;
  ReasonBits reasons = 0;
};

// Somebody who has a key.
struct KeyHolder {
  std::string kind;
  std::string value;
  std::string organization;
  bool former = false;
};

class NameIndex {
 public:
  explicit NameIndex(const policy::Pack& pack) : keys_(pack) {}

  const NameKeys& keys() const { return keys_; }
  // Each kind and value once, present names before former ones.
  std::vector<NameKey> KeysOf(const v1::Organization& organization) const;

  // Writes the keys of organizations that were written in this transaction. `fresh`: they were made
  // in it and have none; to delete nothing would lock the gap that others insert into.
  absl::Status Write(db::Session& session, absl::Span<const v1::Organization* const> organizations,
                     bool fresh) const;
  absl::Status Write(db::Session& session, const v1::Organization& organization, bool fresh) const {
    const v1::Organization* one = &organization;
    return Write(session, absl::MakeConstSpan(&one, 1), fresh);
  }

  // Who has one of these keys, present or former.
  absl::StatusOr<std::vector<KeyHolder>> HoldersOf(db::Session& session,
                                                   const std::vector<NameKey>& keys) const;

  // Pairs that are not settled, after (`first`, `second`), at most `limit`, by name. None of them
  // is merged, and who shares a CORE is of the same kind.
  absl::StatusOr<std::vector<Likeness>> LikenessesAfter(db::Session& session,
                                                        const std::string& first,
                                                        const std::string& second, int limit) const;
  // The same of one organization, after the partner `after`.
  absl::StatusOr<std::vector<Likeness>> LikenessesOf(db::Session& session,
                                                     const std::string& organization,
                                                     const std::string& after, int limit) const;
  // Why the two look alike now, settled or not; 0 = they do not.
  absl::StatusOr<ReasonBits> Compare(db::Session& session, const std::string& a,
                                     const std::string& b) const;

  // Names of organizations whose keys were not made by this procedure and pack, at most `limit`.
  absl::StatusOr<std::vector<std::string>> Outdated(db::Session& session, int limit) const;

 private:
  const NameKeys keys_;
};

}  // namespace chanyan::registry
