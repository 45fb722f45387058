// The receipt of an objection to a notice (CON-5): common/objection/receipt in its messages.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/notice.pb.h"

namespace chanyan::consortium {

std::string VerificationHash(const v1::ObjectionReceipt& receipt, absl::string_view content);

// The receipt of `objection`, whose receipt_sha256 is filled in; `nonce` is random.
v1::ObjectionReceipt IssueReceipt(absl::string_view nonce, v1::NoticeObjection* objection);

// Whether `verification_hash` is that of the objection's receipt; takes the same time either way.
bool HoldsReceipt(const v1::NoticeObjection& objection, absl::string_view verification_hash);

}  // namespace chanyan::consortium
