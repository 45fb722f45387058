// How many objections a day are taken: of an organization, and of the public from one address, to
// one publication from one network, and to one publication. The last one only keeps an office from
// being flooded: it is high, nobody's organization is counted by it, and no network may use up more
// than a twentieth of it, so that who wants to shut out everybody else needs twenty networks a day.
// A network is a /24 of IPv4, a /48 of IPv6; an address of IPv6 is its /64, which is what one
// connection has.
//
// What a source is counted by is keyed and of its day alone, so that no address is kept, and goes
// when its day is over. The service's migration makes the table:
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
#include "absl/strings/string_view.h"
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

// The part of a publication's limit that is one network's.
inline constexpr uint32_t kNetworksToFill = 20;

// What is objected to.
struct Publication {
  // Resource name.
  std::string name;
  // At the beginning of a sentence: "本榜单".
  std::string label;
  // Of the public a day: from one address, and altogether.
  uint32_t per_address = 0;
  uint32_t limit = 0;
};

// What an objection of the public is counted by, the narrowest first. `address` is a client's as
// the gateway has it; what is no address of IPv4 or IPv6 is one source.
std::vector<Source> SourcesOfPublic(absl::string_view address, const Publication& publication);

// Counts one more of each, in the transaction that takes the objection. RESOURCE_EXHAUSTED, until
// midnight in China, for the first one that has had its number; it says to come again tomorrow if
// objections are taken then, too.
absl::Status CountObjection(db::Session& session, absl::Time now, const crypto::Keyring& keys,
                            const std::vector<Source>& sources, bool tomorrow_too);

// Deletes what was counted on days before yesterday, a batch a transaction. How many rows.
absl::StatusOr<int64_t> ForgetCounts(db::Database& database, absl::Time now,
                                     const db::Lease& lease);

}  // namespace chanyan::objection
