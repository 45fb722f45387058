// Checks a journal from outside the service that wrote it: the chain from its first entry on, and
// anchors that were signed earlier and kept elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/auth/key.h"
#include "common/db/database.h"
#include "common/journal/chain.h"

namespace chanyan::journal {

// The first thing that is wrong: where, and in words for the operator.
struct Break {
  int64_t seq;
  std::string text;
};

// What was found whole.
struct ChainSummary {
  int64_t last_seq = 0;
  std::string head = GenesisHash();
  absl::Time earliest = absl::InfiniteFuture();
  absl::Time latest = absl::InfinitePast();
};

// Takes entries one after another. Not thread-safe.
class ChainCheck {
 public:
  // Something, if `entry` is not the one that belongs after those before it.
  std::optional<Break> Add(const v1::Entry& entry);
  const ChainSummary& summary() const { return summary_; }

 private:
  ChainSummary summary_;
};

// "At this time the journal of `service` had `hash` at `seq`", signed. As a line of text:
//   chanyan-anchor-1 registry 120 <hash> 2026-01-31T08:00:00Z <key id> <signature, base64url>
// The signature is ES256 over everything before the blank in front of it.
struct Anchor {
  std::string service;
  int64_t seq = 0;
  std::string hash;
  absl::Time time;
};

// Without a line end. INTERNAL if `key` cannot sign.
absl::StatusOr<std::string> WriteAnchor(const auth::Key& key, const Anchor& anchor);
// INVALID_ARGUMENT if the line is not whole or not signed by `key`.
absl::StatusOr<Anchor> ReadAnchor(const auth::Key& key, absl::string_view line);

struct Verification {
  ChainSummary chain;
  // Empty: the chain is whole and holds every anchor.
  std::optional<Break> broken;
  // Rows the sealer has not reached; nothing can be said of them.
  int64_t unsealed = 0;
};

// Reads the schema's journal in batches, so that its length does not matter. Every entry of
// `anchors` must be in the chain with its hash. An error means: could not be read.
absl::StatusOr<Verification> Verify(db::Database& database, std::vector<Anchor> anchors);

}  // namespace chanyan::journal
