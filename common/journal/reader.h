// Reads the journal of one schema.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/db/database.h"

namespace chanyan::journal {

// Greatest number of entries of one read.
inline constexpr int kMaxEntries = 1000;
// A read ends with the entry that reaches this many bytes of JSON, so that a page of great
// resources still fits into a message of gRPC.
inline constexpr size_t kMaxReadBytes = 4 << 20;

// Sealed entries after `after_seq`, in order, at most `limit` and about kMaxReadBytes; at least one
// if there is one.
absl::StatusOr<std::vector<v1::Entry>> SealedAfter(db::Session& session, int64_t after_seq,
                                                   int limit);

// Greatest sealed seq; 0 if nothing is sealed.
absl::StatusOr<int64_t> LastSeq(db::Session& session);

// Entries of one resource after the entry with id `after_id`, oldest first, sealed or not.
// `last_id` is the id of the last one returned, to go on from.
absl::StatusOr<std::vector<v1::Entry>> HistoryOf(db::Session& session, absl::string_view resource,
                                                 int64_t after_id, int limit, int64_t* last_id);

// The last entries of one resource, newest first, sealed or not.
absl::StatusOr<std::vector<v1::Entry>> NewestOf(db::Session& session, absl::string_view resource,
                                                int limit);

// Number of entries that wait for the sealer; for metrics.
absl::StatusOr<int64_t> UnsealedCount(db::Session& session);
// When the entry was made that waits longest; InfiniteFuture if none waits.
absl::StatusOr<absl::Time> OldestUnsealed(db::Session& session);

// Columns in the order that EntryOf reads them, with `id` first.
extern const char kEntryColumns[];
v1::Entry EntryOf(const db::Values& row);

}  // namespace chanyan::journal
