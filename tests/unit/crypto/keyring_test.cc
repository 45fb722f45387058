// What is sealed opens with its key at its place and nowhere else, and whatever else is given is an
// error in words, never a crash (IDN-4).
#include "common/crypto/keyring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "common/auth/secret.h"
#include "common/crypto/fields.h"
#include "common/status/status.h"

namespace chanyan::crypto {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kPlace[] = "notices/n/objections/o\ncontact_phone";
constexpr char kPhone[] = "13812345678";

Keyring Ring(const std::string& text) {
  absl::StatusOr<Keyring> keys = Keyring::Parse(text);
  EXPECT_TRUE(keys.ok()) << keys.status();
  return *std::move(keys);
}
std::string Line(const std::string& id) { return absl::StrCat(id, " ", auth::NewSecret(), "\n"); }

// What an office is told.
std::string Refusal(const Keyring& keys, absl::string_view stored,
                    absl::string_view place = kPlace) {
  const auto opened = keys.Open(place, stored);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kFailedPrecondition) << stored;
  EXPECT_EQ(std::string(opened.status().message()).find(kPhone), std::string::npos);
  return std::string(opened.status().message());
}

TEST(KeyringTest, ABadFileIsRefusedByItsLineAndShowsNoKey) {
  const std::string key = auth::NewSecret();
  const struct {
    std::string text;
    const char* what;
  } kCases[] = {
      {"", "没有密钥"},
      {"\n# 只有说明\n\n", "没有密钥"},
      {key, "第1行应为“编号 密钥”"},
      {absl::StrCat("\nk1 ", key, " more\n"), "第2行应为“编号 密钥”"},
      {absl::StrCat("k.1 ", key), "第1行应为“编号 密钥”"},
      {absl::StrCat("k1234567890123456 ", key), "第1行应为“编号 密钥”"},
      {absl::StrCat("k1 ", key.substr(1)), "第1行的密钥应为32字节"},
      {absl::StrCat("k1 ", key, key), "第1行的密钥应为32字节"},
      {"k1 !!!", "第1行的密钥应为32字节"},
      {absl::StrCat("k1 ", key, "\nk1 ", auth::NewSecret()), "第2行的编号与前面的重复"},
  };
  for (const auto& each : kCases) {
    const auto keys = Keyring::Parse(each.text);
    ASSERT_FALSE(keys.ok()) << each.text;
    const std::string all = keys.status().ToString();
    EXPECT_THAT(all, HasSubstr(each.what));
    EXPECT_THAT(all, Not(HasSubstr(key))) << "a key in a message";
  }
}

TEST(KeyringTest, AFileThatOthersMayReadIsRefused) {
  EXPECT_THAT(std::string(Keyring::FromFile("").status().message()), HasSubstr("--data_key_file"));
  const std::string path =
      absl::StrCat(::testing::TempDir(), "/keyring-", getpid(), "-", ::time(nullptr));
  EXPECT_FALSE(Keyring::FromFile(path).ok());
  ASSERT_TRUE(auth::CreateSecretFile(path, Line("k1")).ok());
  EXPECT_TRUE(Keyring::FromFile(path).ok());
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  EXPECT_FALSE(Keyring::FromFile(path).ok());
  unlink(path.c_str());
}

TEST(KeyringTest, WhatIsCutChangedOrMovedIsRefusedInWords) {
  const Keyring keys = Ring(Line("k1"));
  const std::string sealed = *keys.Seal(kPlace, kPhone);
  EXPECT_THAT(Refusal(keys, sealed, "notices/n/objections/p\ncontact_phone"), HasSubstr("被改动"));
  EXPECT_THAT(Refusal(keys, sealed, "notices/n/objections/o\ncontact_person"), HasSubstr("被改动"));
  EXPECT_THAT(Refusal(keys, "enc1."), HasSubstr("不完整"));
  EXPECT_THAT(Refusal(keys, "enc1.k1."), HasSubstr("不完整"));
  EXPECT_THAT(Refusal(keys, "enc1.k1.AAAA"), HasSubstr("不完整"));
  EXPECT_THAT(Refusal(keys, "enc1.k1.%%%%"), HasSubstr("不完整"));
  EXPECT_THAT(Refusal(keys, "enc1.k2.AAAA"), HasSubstr("没有编号为k2的密钥"));
  EXPECT_THAT(Refusal(keys, absl::StrCat("enc1.<script>.", sealed)), HasSubstr("编号不正确"));
  // Every cut, and every character made another one.
  for (size_t i = 0; i < sealed.size(); ++i) {
    const auto cut = keys.Open(kPlace, absl::string_view(sealed).substr(0, i));
    if (i >= 5) {
      EXPECT_FALSE(cut.ok()) << i;
    }
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    // Without its mark it is some text that was never sealed; of the last character's bits some
    // say nothing.
    const auto opened = keys.Open(kPlace, changed);
    if (opened.ok() && Keyring::IsSealed(changed)) {
      EXPECT_EQ(i, sealed.size() - 1);
      EXPECT_EQ(*opened, kPhone);
    } else {
      EXPECT_TRUE(!opened.ok() || *opened == changed) << i;
    }
  }
}

TEST(KeyringTest, SealedTextShowsNothingAndIsAnotherEachTime) {
  const Keyring keys = Ring(Line("k1"));
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string sealed = *keys.Seal(kPlace, kPhone);
    EXPECT_THAT(sealed, StartsWith("enc1.k1."));
    EXPECT_THAT(sealed, Not(HasSubstr(kPhone)));
    EXPECT_EQ(*keys.Open(kPlace, sealed), kPhone);
    EXPECT_TRUE(seen.insert(sealed).second);
  }
  EXPECT_EQ(*keys.Seal(kPlace, ""), "") << "what is not given is not there";
  std::string longest;
  for (int i = 0; i < 40; ++i) longest += "𠮷";
  const std::string sealed = *keys.Seal(kPlace, longest);
  EXPECT_LE(sealed.size(), 400u);
  EXPECT_EQ(*keys.Open(kPlace, sealed), longest);
  EXPECT_FALSE(keys.Seal(kPlace, std::string(2 << 20, 'x')).ok());
}

TEST(KeyringTest, RowsFromBeforeThereWasAKeyAreReadAsTheyAre) {
  const Keyring keys = Ring(Line("k1"));
  for (const char* plain : {"", kPhone, "王老师", "enc", "enc1"}) {
    EXPECT_EQ(*keys.Open(kPlace, plain), plain);
  }
}

TEST(KeyringTest, ARotatedKeyStillOpensAndALostOneIsNamed) {
  const std::string old_line = Line("2026a");
  const std::string new_line = Line("2026b");
  const std::string before = *Ring(old_line).Seal(kPlace, kPhone);
  const Keyring both = Ring(new_line + old_line);
  EXPECT_EQ(*both.Open(kPlace, before), kPhone);
  const std::string after = *both.Seal(kPlace, kPhone);
  EXPECT_THAT(after, StartsWith("enc1.2026b."));
  EXPECT_EQ(*Ring(new_line).Open(kPlace, after), kPhone);
  EXPECT_THAT(Refusal(Ring(new_line), before), HasSubstr("没有编号为2026a的密钥"));
  // Another key under the same id.
  EXPECT_THAT(Refusal(Ring(Line("2026a")), before), HasSubstr("密钥不对"));
}

TEST(KeyringTest, DigestsAreOfTheirKeyAndPurpose) {
  const std::string line = Line("k1");
  const Keyring keys = Ring(line);
  EXPECT_EQ(keys.Digest("quota", "10.0.0.1"), Ring(line).Digest("quota", "10.0.0.1"));
  EXPECT_EQ(keys.Digest("quota", "10.0.0.1").size(), 64u);
  EXPECT_NE(keys.Digest("quota", "10.0.0.1"), keys.Digest("quota", "10.0.0.2"));
  EXPECT_NE(keys.Digest("quota", "10.0.0.1"), keys.Digest("other", "10.0.0.1"));
  EXPECT_NE(keys.Digest("quota", "10.0.0.1"), Ring(Line("k1")).Digest("quota", "10.0.0.1"));
}

TEST(SealedFieldsTest, FieldsAreSealedForTheirRowAndNoneKeepsFromTheRest) {
  constexpr absl::string_view kFields[] = {"contact_person", "contact_phone"};
  const Keyring keys = Ring(Line("k1"));
  consortium::v1::NoticeObjection row;
  row.set_contact_person("王老师");
  row.set_contact_phone(kPhone);
  EXPECT_FALSE(SealFields(keys, kFields, &row).ok()) << "no name, no place";
  row.set_name("notices/n/objections/o");
  constexpr absl::string_view kAbsent[] = {"contact_fax"};
  EXPECT_FALSE(SealFields(keys, kAbsent, &row).ok());
  ASSERT_TRUE(SealFields(keys, kFields, &row).ok());
  EXPECT_THAT(row.ShortDebugString(), Not(HasSubstr(kPhone)));
  consortium::v1::NoticeObjection opened = row;
  OpenFields(keys, kFields, &opened);
  EXPECT_EQ(opened.contact_person(), "王老师");
  EXPECT_EQ(opened.contact_phone(), kPhone);
  // Two fields exchanged, as somebody with SQL could.
  consortium::v1::NoticeObjection moved = row;
  moved.set_contact_phone(row.contact_person());
  OpenFields(keys, kFields, &moved);
  EXPECT_EQ(moved.contact_person(), "王老师");
  EXPECT_THAT(moved.contact_phone(), HasSubstr("（无法解密："));
  ClearFields(kFields, &row);
  EXPECT_EQ(row.contact_person(), "");
  EXPECT_EQ(row.contact_phone(), "");
}

TEST(SealedFieldsTest, WhatARequestIsComparedByHasNoContactAndNeedsTheKey) {
  constexpr absl::string_view kFields[] = {"contact_person", "contact_phone"};
  const Keyring keys = Ring(Line("k1"));
  const Keyring others = Ring(Line("k2"));
  const auto digested = [&](const Keyring& ring, const std::string& phone) {
    consortium::v1::NoticeObjection row;
    row.set_content("请核查");
    row.set_contact_phone(phone);
    DigestFields(ring, kFields, &row);
    EXPECT_EQ(row.content(), "请核查");
    EXPECT_EQ(row.contact_person(), "");
    return row.contact_phone();
  };
  EXPECT_THAT(digested(keys, kPhone), Not(HasSubstr(kPhone)));
  EXPECT_EQ(digested(keys, kPhone), digested(keys, kPhone));
  EXPECT_NE(digested(keys, kPhone), digested(others, kPhone));
  EXPECT_NE(digested(keys, kPhone), digested(keys, "13812345679"));
}

}  // namespace
}  // namespace chanyan::crypto
