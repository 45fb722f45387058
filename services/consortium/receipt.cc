#include "services/consortium/receipt.h"

#include "common/api/digest.h"
#include "common/objection/receipt.h"
#include "common/time/timestamp.h"

namespace chanyan::consortium {

std::string VerificationHash(const v1::ObjectionReceipt& receipt, absl::string_view content) {
  return objection::VerificationHash({.number = receipt.receipt_number(),
                                      .objection = receipt.objection(),
                                      .content = std::string(content),
                                      .time = time::ToTime(receipt.submit_time()),
                                      .nonce = receipt.nonce()});
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
  objection->set_receipt_sha256(objection::StoredHash(receipt.verification_hash()));
  return receipt;
}

bool HoldsReceipt(const v1::NoticeObjection& objection, absl::string_view verification_hash) {
  return objection::HoldsReceipt(objection.receipt_sha256(), verification_hash);
}

}  // namespace chanyan::consortium
