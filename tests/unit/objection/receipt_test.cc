// Receipts of objections (CON-5, CYC-8).
#include "common/objection/receipt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chanyan/consortium/v1/notice.pb.h"
#include "common/auth/secret.h"
#include "common/time/timestamp.h"

namespace chanyan::objection {
namespace {

TEST(ReceiptTest, ItsHashCanBeWorkedOutByHandAndOpensNothingElse) {
  consortium::v1::NoticeObjection objection;
  objection.set_name("notices/n/objections/o");
  objection.set_content("牵头单位并未在我市注册。");
  objection.set_receipt_number(ReceiptNumber(
      absl::FromCivil(absl::CivilSecond(2025, 11, 2, 16, 30, 0), absl::UTCTimeZone()), "abc"));
  EXPECT_EQ(objection.receipt_number(), "YY-20251103-abc");
  const absl::Time when =
      absl::FromCivil(absl::CivilSecond(2025, 11, 3, 2, 15, 0), absl::UTCTimeZone()) +
      absl::Microseconds(7);
  const auto receipt = IssueReceipt<consortium::v1::ObjectionReceipt>(when, "nonce", &objection);
  EXPECT_EQ(receipt.verification_hash(),
            api::Sha256Hex("YY-20251103-abc\nnotices/n/objections/o\n牵头单位并未在我市注册。\n"
                           "2025-11-03T02:15:00.000007Z\nnonce\n"));
  const Receipt attested = {objection.receipt_number(), objection.name(), objection.content(), when,
                            "nonce"};
  EXPECT_EQ(VerificationHash(attested), receipt.verification_hash());
  EXPECT_EQ(time::ToTime(receipt.submit_time()), when);
  EXPECT_TRUE(HoldsReceipt(objection.receipt_sha256(), receipt.verification_hash()));
  EXPECT_FALSE(HoldsReceipt(objection.receipt_sha256(), objection.receipt_sha256()));
  EXPECT_FALSE(HoldsReceipt(objection.receipt_sha256(), ""));
  // What is stored does not give the hash away.
  EXPECT_NE(objection.receipt_sha256(), receipt.verification_hash());
  Receipt forged = attested;
  forged.number = "YY-20251103-abd";
  EXPECT_NE(VerificationHash(forged), receipt.verification_hash());
  forged = attested;
  forged.content = "别的内容";
  EXPECT_NE(VerificationHash(forged), receipt.verification_hash());
}

TEST(ReceiptTest, WhatIsRememberedIsSealedForItsObjectionAndItsField) {
  const auto keys = crypto::Keyring::Parse(absl::StrCat("k1 ", auth::NewSecret()));
  ASSERT_TRUE(keys.ok()) << keys.status();
  consortium::v1::NoticeObjection objection;
  objection.set_name("notices/n/objections/o");
  const auto receipt =
      IssueReceipt<consortium::v1::ObjectionReceipt>(absl::UnixEpoch(), "nonce", &objection);
  auto sealed = receipt;
  ASSERT_TRUE(SealReceipt(*keys, &sealed).ok());
  EXPECT_TRUE(crypto::Keyring::IsSealed(sealed.nonce()));
  EXPECT_TRUE(crypto::Keyring::IsSealed(sealed.verification_hash()));
  auto moved = sealed;
  moved.set_objection("notices/n/objections/p");
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenReceipt(*keys, &moved)));
  auto exchanged = sealed;
  exchanged.set_nonce(sealed.verification_hash());
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenReceipt(*keys, &exchanged)));
  ASSERT_TRUE(OpenReceipt(*keys, &sealed).ok());
  EXPECT_EQ(sealed.SerializeAsString(), receipt.SerializeAsString());
}

}  // namespace
}  // namespace chanyan::objection
