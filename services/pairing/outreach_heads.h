// What sheets about follow-ups share: a row finds its enterprise in the newest roster, and the
// follow-ups of all rows are locked in one order, or begun (PAIR-6).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/pairing/v1/coverage.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/auth/principal.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "common/status/status.h"

namespace chanyan::pairing {

// Entries of a roster by what a sheet's row knows them by. The entries must outlive it.
class RosterIndex {
 public:
  explicit RosterIndex(const std::vector<v1::RosterEntry>& entries);

  // By the code, or by the name where the row has no code; null if the roster has none.
  const v1::RosterEntry* Find(absl::string_view code, absl::string_view title) const;

 private:
  absl::flat_hash_map<std::string, const v1::RosterEntry*> by_code_;
  absl::flat_hash_map<std::string, const v1::RosterEntry*> by_title_;
};

// What is wrong with how a row names its enterprise, which found `entry`; in the fields
// enterprise_title and unified_social_credit_code.
std::vector<status::Violation> EntryViolations(absl::string_view code, absl::string_view title,
                                               const v1::RosterEntry* entry);
// What is wrong with a code's shape; an empty one is none.
std::vector<status::Violation> CodeViolations(absl::string_view code);

// What is said of rows whose follow-up is `foreign`.
inline constexpr char kForeignHead[] =
    "该企业的跟进现由其他单位负责，不能用表格修改；名册刚调整的请稍后重试";

// The follow-up of an enterprise that a sheet has rows of.
struct SheetHead {
  const v1::RosterEntry* entry = nullptr;
  // As stored, if it is there.
  std::optional<v1::Outreach> outreach;
  // It is there and another unit's, to which the roster has not come yet.
  bool foreign = false;
  // Responsible for one that begins.
  std::string unit;

  // outreaches/{enterprise id}: what one that begins is called.
  std::string Name() const;
  // As stored, or as it begins.
  v1::Outreach Row() const;
};

// Reads and locks the follow-ups and finds the units of those that begin. By enterprise: what came
// with a merger has the names of its time.
absl::Status LoadHeads(db::Session& session, const db::Table<v1::Outreach>& outreaches,
                       const auth::Principal& principal, absl::Span<SheetHead* const> heads);

}  // namespace chanyan::pairing
