// Reads a journal for what people are told, many entries in one transaction: of fifty thousand
// entries about rows that came back, none is of interest, and going past them costs next to
// nothing.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/db/database.h"
#include "common/db/lease.h"
#include "common/journal/follower.h"
#include "common/time/clock.h"

namespace chanyan::cycle {

// Entries of one transaction.
inline constexpr int kFeedEntries = 500;

struct NoticeFeed {
  // Name of the cursor, such as "cycle-notices<pairing".
  std::string cursor;
  journal::EntrySource source;
  // Whether an entry has an effect at all.
  std::function<bool(const journal::v1::Entry&)> concerns;
  // Called once a page, if any of it has an effect, with those that have, in their order.
  std::function<absl::Status(db::Session&, absl::Time, absl::Span<const journal::v1::Entry* const>)>
      effect;
};

// Applies what the source has beyond the cursor, as long as the lease is held; effects and cursor
// of a page are one transaction under it: exactly once, whatever crashes. An error leaves the page
// to the next look.
absl::Status FollowFeed(db::Database& db, const time::Clock& clock, const db::Lease& lease,
                        const NoticeFeed& feed);

}  // namespace chanyan::cycle
