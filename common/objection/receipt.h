// The receipt of an objection: with it whoever objected, also without an account, can show that,
// what and when, and asks what became of it. Pure but for sealing; the nonce is given.
//
//   verification hash = hex SHA-256 of
//     number LF objection LF content LF time LF nonce LF
//   with the time as 2025-11-03T02:15:00.000000Z
//
// Kept is the SHA-256 of that hash alone: what is stored opens nothing. A receipt that is
// remembered for a repeated request is sealed.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/api/digest.h"
#include "common/api/well_known.h"
#include "common/crypto/keyring.h"
#include "common/status/status.h"

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

// The receipt of `objection`, of whichever service, that came in at `now`: name, content and
// receipt_number are there, receipt_sha256 is filled in.
template <class R, class Objection>
R IssueReceipt(absl::Time now, absl::string_view nonce, Objection* objection) {
  R receipt;
  receipt.set_receipt_number(objection->receipt_number());
  receipt.set_objection(objection->name());
  receipt.set_nonce(std::string(nonce));
  receipt.set_content_sha256(api::Sha256Hex(objection->content()));
  api::SetTime(now, receipt.mutable_submit_time());
  receipt.set_verification_hash(VerificationHash({.number = objection->receipt_number(),
                                                  .objection = objection->name(),
                                                  .content = objection->content(),
                                                  .time = now,
                                                  .nonce = std::string(nonce)}));
  objection->set_receipt_sha256(StoredHash(receipt.verification_hash()));
  return receipt;
}

// Where a secret of an objection's receipt belongs (crypto::Keyring).
inline std::string PlaceOfSecret(absl::string_view objection, absl::string_view field) {
  return absl::StrCat(objection, "\nreceipt\n", field);
}

// Seals what a receipt must keep secret, for the reply that is remembered.
template <class R>
absl::Status SealReceipt(const crypto::Keyring& keys, R* receipt) {
  const std::string& objection = receipt->objection();
  CHANYAN_ASSIGN_OR_RETURN(*receipt->mutable_nonce(),
                           keys.Seal(PlaceOfSecret(objection, "nonce"), receipt->nonce()));
  CHANYAN_ASSIGN_OR_RETURN(
      *receipt->mutable_verification_hash(),
      keys.Seal(PlaceOfSecret(objection, "verification_hash"), receipt->verification_hash()));
  return absl::OkStatus();
}

// Opens it again, for the answer. FAILED_PRECONDITION as of Keyring::Open.
template <class R>
absl::Status OpenReceipt(const crypto::Keyring& keys, R* receipt) {
  const std::string& objection = receipt->objection();
  CHANYAN_ASSIGN_OR_RETURN(*receipt->mutable_nonce(),
                           keys.Open(PlaceOfSecret(objection, "nonce"), receipt->nonce()));
  CHANYAN_ASSIGN_OR_RETURN(
      *receipt->mutable_verification_hash(),
      keys.Open(PlaceOfSecret(objection, "verification_hash"), receipt->verification_hash()));
  return absl::OkStatus();
}

}  // namespace chanyan::objection
