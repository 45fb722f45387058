// The receipt of an objection (CON-5): with it whoever objected can show that, what and when, and
// asks what became of it. Pure but for the random parts, which are given.
//
//   verification_hash = hex SHA-256 of
//     receipt_number LF objection LF content LF submit_time LF nonce LF
//   with submit_time as 2025-11-03T02:15:00.000000Z
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/notice.pb.h"

namespace chanyan::consortium {

// "YY-20251103-7k2m9x4qp1ra": the day in China and `id` (api::NewShortId).
std::string ReceiptNumber(absl::Time now, absl::string_view id);

std::string VerificationHash(const v1::ObjectionReceipt& receipt, absl::string_view content);

// The receipt of `objection`, whose receipt_sha256 is filled in; `nonce` is random.
v1::ObjectionReceipt IssueReceipt(absl::string_view nonce, v1::NoticeObjection* objection);

// Whether `verification_hash` is that of the objection's receipt; takes the same time either way.
bool HoldsReceipt(const v1::NoticeObjection& objection, absl::string_view verification_hash);

}  // namespace chanyan::consortium
