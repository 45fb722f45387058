// The hash chain over sealed entries. Pure.
//
// hash(n) = SHA-256(hash(n−1) ‖ fields of entry n), each field with its length in front, so that no
// two different entries have the same bytes; hash(0) is 64 zeros. The chain shows any change,
// insertion or removal of a sealed entry before the last one that somebody knows. It cannot show
// that the tail was cut off or rewritten from some entry to the end by someone who recomputes it:
// anchors kept outside the database do (tools/verify-journal).
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "chanyan/journal/v1/journal.pb.h"

namespace chanyan::journal {

// The hash before the first entry.
std::string GenesisHash();

// Hex hash of `entry` (its own `hash` is not looked at) after `previous_hash`.
std::string ChainHash(absl::string_view previous_hash, const journal::v1::Entry& entry);

}  // namespace chanyan::journal
