#include "common/auth/password.h"
#include "common/api/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/auth/secret.h"

namespace chanyan::auth {
namespace {

using testing::IsEmpty;

TEST(PasswordTest, WeakOnesAreRefusedWithReason) {
  const struct {
    const char* password;
    const char* problem;
  } kTable[] = {
      {"", "至少10个字符"},
      {"Ab3-efgh", "至少10个字符"},
      // Nine characters, whatever their bytes.
      {"海洋大学青岛市Ab", "至少10个字符"},
      {"abcdefghijkm", "三类"},
      {"abcdefghij12", "三类"},
      {"Xy7-Wang-tt-09", "登录名"},
      {"Xy7-WANG-tt-09", "登录名"},
      {"Password2024!", "常见"},
      {"P@ssw0rd2024!", "常见"},
      {"Qingdao@2025", "常见"},
      {"Admin@123456", "常见"},
      {"!QAZ2wsx3edc", "常见"},
      {"1Q2w3e4r5t-", "常见"},
      {"Xy7-\ttabbed-09", "控制字符"},
  };
  for (const auto& row : kTable) {
    const auto problems = PasswordProblems(row.password, "wang");
    EXPECT_TRUE(
        std::any_of(problems.begin(), problems.end(),
                    [&](const std::string& p) { return absl::StrContains(p, row.problem); }))
        << row.password << " should be refused for " << row.problem;
  }
}

TEST(PasswordTest, GoodOnesAreAccepted) {
  for (const char* password :
       {"Kf7m-Xq3w-Tz9p", "correct Horse battery 9", "青岛的海风很大很大Ab"}) {
    EXPECT_THAT(PasswordProblems(password, "wang"), IsEmpty()) << password;
  }
}

TEST(PasswordTest, HashMatchesItsPasswordAlone) {
  const std::string hash = *HashPassword("Kf7m-Xq3w");
  EXPECT_TRUE(absl::StartsWith(hash, "$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
  EXPECT_TRUE(VerifyPassword(hash, "Kf7m-Xq3w"));
  EXPECT_FALSE(VerifyPassword(hash, "Kf7m-Xq3W"));
  EXPECT_FALSE(VerifyPassword(hash, ""));
  EXPECT_NE(hash, *HashPassword("Kf7m-Xq3w"));
  EXPECT_FALSE(NeedsRehash(hash));
  EXPECT_TRUE(NeedsRehash("$argon2id$v=19$m=4096,t=3,p=1$AAAA$AAAA"));
  EXPECT_FALSE(VerifyPassword("", "x"));
  EXPECT_FALSE(VerifyPassword("plain", "plain"));
}

TEST(PasswordTest, DummyCostsAsMuchAsAHashAndMatchesNothing) {
  EXPECT_FALSE(NeedsRehash(DummyHash()));
  EXPECT_EQ(DummyHash().size(), HashPassword("x")->size());
  EXPECT_FALSE(VerifyPassword(DummyHash(), ""));
  EXPECT_FALSE(VerifyPassword(DummyHash(), "Kf7m-Xq3w"));
}

TEST(PasswordTest, FirstPasswordsAreAcceptedAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string password = NewFirstPassword();
    EXPECT_THAT(PasswordProblems(password, ""), IsEmpty()) << password;
    EXPECT_EQ(password.find_first_of("0OoIl1S5sZz2i"), std::string::npos) << password;
    EXPECT_TRUE(seen.insert(password).second);
  }
}

TEST(SecretTest, SecretsHaveTheirLengthAndDiffer) {
  EXPECT_EQ(NewSecret().size(), 43u);
  EXPECT_NE(NewSecret(), NewSecret());
}

TEST(SecretTest, ComparisonTakesWholeStrings) {
  EXPECT_TRUE(ConstantTimeEqual("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "ab"));
}

TEST(SecretTest, FilesAreForTheOwnerAndNeverOverwritten) {
  const std::string path = absl::StrCat(testing::TempDir(), "/chanyan-", api::NewUuid());
  EXPECT_FALSE(ReadSecretFile(path).ok());
  ASSERT_TRUE(CreateSecretFile(path, "first\n").ok());
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(CreateSecretFile(path, "second").code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(*ReadSecretFile(path), "first");
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(ReadSecretFile(path).status().code(), absl::StatusCode::kFailedPrecondition);
  unlink(path.c_str());
}

}  // namespace
}  // namespace chanyan::auth
