#include "common/objection/receipt.h"

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/auth/secret.h"
#include "common/time/clock.h"

namespace chanyan::objection {

std::string ReceiptNumber(absl::Time now, absl::string_view id) {
  return absl::StrCat("YY-", absl::FormatTime("%Y%m%d", now, time::Shanghai()), "-", id);
}

std::string VerificationHash(const Receipt& receipt) {
  const std::string when =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", receipt.time, absl::UTCTimeZone());
  return api::Sha256Hex(absl::StrCat(receipt.number, "\n", receipt.objection, "\n", receipt.content,
                                     "\n", when, "\n", receipt.nonce, "\n"));
}

std::string StoredHash(absl::string_view verification_hash) {
  return api::Sha256Hex(verification_hash);
}

bool HoldsReceipt(absl::string_view stored, absl::string_view verification_hash) {
  return auth::ConstantTimeEqual(StoredHash(verification_hash), stored);
}

}  // namespace chanyan::objection
