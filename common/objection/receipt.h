// The receipt of an objection: with it whoever objected, also without an account, can show that,
// what and when, and asks what became of it. Pure but for the random parts, which are given.
//
//   verification hash = hex SHA-256 of
//     number LF objection LF content LF time LF nonce LF
//   with the time as 2025-11-03T02:15:00.000000Z
//
// Kept is the SHA-256 of that hash alone: what is stored opens nothing.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::objection {

// What a receipt attests.
struct Receipt {
  std::string number;
  // Resource name.
  std::string objection;
  std::string content;
  absl::Time time;
  // auth::NewSecret.
  std::string nonce;
};

// "YY-20251103-7k2m9x4qp1ra": the day in China and `id` (api::NewShortId).
std::string ReceiptNumber(absl::Time now, absl::string_view id);

std::string VerificationHash(const Receipt& receipt);

// What is kept of a receipt with this hash.
std::string StoredHash(absl::string_view verification_hash);

// Whether the hash is that of which `stored` was kept; takes the same time either way.
bool HoldsReceipt(absl::string_view stored, absl::string_view verification_hash);

}  // namespace chanyan::objection
