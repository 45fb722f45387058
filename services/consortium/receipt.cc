#include "services/consortium/receipt.h"

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/auth/secret.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"

namespace chanyan::consortium {

std::string ReceiptNumber(absl::Time now, absl::string_view id) {
  return absl::StrCat("YY-", absl::FormatTime("%Y%m%d", now, time::Shanghai()), "-", id);
}

std::string VerificationHash(const v1::ObjectionReceipt& receipt, absl::string_view content) {
  const std::string when = absl::FormatTime(
      "%Y-%m-%dT%H:%M:%E6SZ", time::ToTime(receipt.submit_time()), absl::UTCTimeZone());
  return api::Sha256Hex(absl::StrCat(receipt.receipt_number(), "\n", receipt.objection(), "\n",
                                     content, "\n", when, "\n", receipt.nonce(), "\n"));
}

v1::ObjectionReceipt IssueReceipt(absl::string_view nonce, v1::NoticeObjection* objection) {
  v1::ObjectionReceipt receipt;
  receipt.set_receipt_number(objection->receipt_number());
  receipt.set_objection(objection->name());
  receipt.set_nonce(std::string(nonce));
  receipt.set_content_sha256(api::Sha256Hex(objection->content()));
  *receipt.mutable_submit_time() = objection->submit_time();
  *receipt.mutable_answer_due_time() = objection->answer_due_time();
  receipt.set_verification_hash(VerificationHash(receipt, objection->content()));
  objection->set_receipt_sha256(api::Sha256Hex(receipt.verification_hash()));
  return receipt;
}

bool HoldsReceipt(const v1::NoticeObjection& objection, absl::string_view verification_hash) {
  return auth::ConstantTimeEqual(api::Sha256Hex(verification_hash), objection.receipt_sha256());
}

}  // namespace chanyan::consortium
