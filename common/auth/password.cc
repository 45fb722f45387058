#include "common/auth/password.h"

#include <argon2.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/auth/secret.h"
#include "common/status/status.h"

namespace chanyan::auth {
namespace {

// Without 0 O o, 1 I l i, 5 S s, 2 Z z.
constexpr absl::string_view kReadable = "ABCDEFGHJKLMNPQRTUVWXYabcdefghjkmnpqrtuvwxy346789";

std::string CostPrefix() {
  return absl::StrCat("$argon2id$v=", static_cast<int>(ARGON2_VERSION_NUMBER),
                      "$m=", kArgonMemoryKib, ",t=", kArgonPasses, ",p=", kArgonLanes, "$");
}

// Code points of UTF-8: bytes that do not continue one.
size_t Characters(absl::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

int Classes(absl::string_view text) {
  bool upper = false, lower = false, digit = false, other = false;
  for (const char c : text) {
    if (absl::ascii_isupper(c)) {
      upper = true;
    } else if (absl::ascii_islower(c)) {
      lower = true;
    } else if (absl::ascii_isdigit(c)) {
      digit = true;
    } else {
      other = true;
    }
  }
  return upper + lower + digit + other;
}

// A uniform choice: bytes past the greatest multiple of the alphabet's size are thrown away.
char RandomReadable() {
  constexpr size_t kUsable = 256 - 256 % kReadable.size();
  while (true) {
    const size_t byte = static_cast<unsigned char>(RandomBytes(1)[0]);
    if (byte < kUsable) return kReadable[byte % kReadable.size()];
  }
}

}  // namespace

absl::StatusOr<std::string> HashPassword(absl::string_view password) {
  const std::string salt = RandomBytes(kArgonSaltBytes);
  std::string encoded(argon2_encodedlen(kArgonPasses, kArgonMemoryKib, kArgonLanes, kArgonSaltBytes,
                                        kArgonHashBytes, Argon2_id),
                      '\0');
  const int result = argon2id_hash_encoded(
      kArgonPasses, kArgonMemoryKib, kArgonLanes, password.data(), password.size(), salt.data(),
      salt.size(), kArgonHashBytes, encoded.data(), encoded.size());
  if (result != ARGON2_OK) {
    return status::Internal(absl::StrCat("argon2: ", argon2_error_message(result)));
  }
  encoded.resize(encoded.find('\0'));
  return encoded;
}

bool VerifyPassword(absl::string_view hash, absl::string_view password) {
  // argon2 compares in constant time itself.
  return argon2id_verify(std::string(hash).c_str(), password.data(), password.size()) == ARGON2_OK;
}

bool NeedsRehash(absl::string_view hash) { return !absl::StartsWith(hash, CostPrefix()); }

std::string DummyHash() {
  // Salt and hash of zeros. Nobody can find a password with that hash.
  return absl::StrCat(CostPrefix(), std::string(22, 'A'), "$", std::string(43, 'A'));
}

std::vector<std::string> PasswordProblems(absl::string_view password, absl::string_view login) {
  std::vector<std::string> problems;
  if (Characters(password) < kMinPasswordChars) {
    problems.push_back(absl::StrCat("密码至少", kMinPasswordChars, "个字符"));
  }
  if (password.size() > kMaxPasswordBytes) problems.push_back("密码过长");
  if (Classes(password) < kMinPasswordClasses) {
    problems.push_back("密码须含大写字母、小写字母、数字、符号中的三类");
  }
  for (const char c : password) {
    if (!absl::ascii_iscntrl(c)) continue;
    problems.push_back("密码不能含控制字符");
    break;
  }
  if (!login.empty() &&
      absl::StrContains(absl::AsciiStrToLower(password), absl::AsciiStrToLower(login))) {
    problems.push_back("密码不能包含登录名");
  }
  if (IsWeakPassword(password)) problems.push_back("密码过于常见，容易被猜到，请另选");
  return problems;
}

std::string NewFirstPassword() {
  while (true) {
    std::string password;
    for (size_t group = 0; group < kFirstPasswordGroups; ++group) {
      if (group > 0) password.push_back('-');
      for (size_t i = 0; i < kFirstPasswordGroupChars; ++i) password.push_back(RandomReadable());
    }
    if (PasswordProblems(password, "").empty()) return password;
  }
}

}  // namespace chanyan::auth
