// How many objections a day are taken from one source: an address, an organization, or, of the
// public, for one publication. What a source is counted by is keyed and of its day alone, so that
// no address is kept, and goes when its day is over. The service's migration makes the table:
//
//   CREATE TABLE objection_quota (
//     day DATE NOT NULL,
//     source CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
//     taken BIGINT NOT NULL,
//     PRIMARY KEY (day, source)
//   ) ENGINE = InnoDB;
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/keyring.h"
#include "common/db/database.h"
#include "common/db/lease.h"

namespace chanyan::objection {

struct Source {
  // "address", "organization"…: two kinds are counted apart.
  std::string kind;
  // The address, or a resource name.
  std::string value;
  // A day of China.
  uint32_t limit = 0;
  // Who that is, at the beginning of a sentence: "同一来源".
  std::string label;
};

// Counts one more of each, in the transaction that takes the objection. RESOURCE_EXHAUSTED, until
// midnight in China, for the first one that has had its number.
absl::Status CountObjection(db::Session& session, absl::Time now, const crypto::Keyring& keys,
                            const std::vector<Source>& sources);

// Deletes what was counted on days before yesterday, a batch a transaction. How many rows.
absl::StatusOr<int64_t> ForgetCounts(db::Database& database, absl::Time now,
                                     const db::Lease& lease);

}  // namespace chanyan::objection
