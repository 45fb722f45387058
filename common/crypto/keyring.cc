#include "common/crypto/keyring.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"

namespace chanyan::crypto {
namespace {

constexpr char kMark[] = "enc1.";
constexpr size_t kKeyBytes = 32;
constexpr size_t kMaxIdBytes = 16;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
// Of one text; far above any field's.
constexpr size_t kMaxTextBytes = size_t{1} << 20;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
int Size(absl::string_view text) { return static_cast<int>(text.size()); }

std::string Hmac(absl::string_view key, absl::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), Size(key), Bytes(text), text.size(), digest, &size);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

absl::Status BadLine(int line, absl::string_view what) {
  return status::InvalidField("--data_key_file", absl::StrCat("数据密钥文件第", line, "行", what));
}

bool IsId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes &&
         std::all_of(id.begin(), id.end(), [](char c) { return absl::ascii_isalnum(c); });
}

absl::Status CannotOpen(absl::string_view why) {
  return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                    absl::StrCat("无法解密：", why));
}

// `sealed` = nonce, ciphertext, tag.
bool Decrypt(absl::string_view key, absl::string_view place, absl::string_view sealed,
             std::string* text) {
  const absl::string_view cipher =
      sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  const Context context(EVP_CIPHER_CTX_new());
  text->assign(cipher.size(), '\0');
  int length = 0;
  return context != nullptr &&
         EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(sealed)) ==
             1 &&
         EVP_DecryptUpdate(context.get(), nullptr, &length, Bytes(place), Size(place)) == 1 &&
         EVP_DecryptUpdate(context.get(), Bytes(*text), &length, Bytes(cipher), Size(cipher)) ==
             1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
         EVP_DecryptFinal_ex(context.get(), Bytes(*text) + length, &length) == 1;
}

}  // namespace

absl::StatusOr<Keyring> Keyring::Parse(absl::string_view text) {
  std::vector<Key> keys;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const std::vector<absl::string_view> parts =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (parts.size() != 2 || !IsId(parts[0])) {
      return BadLine(number, "应为“编号 密钥”，编号为1至16位字母或数字");
    }
    for (const Key& key : keys) {
      if (key.id == parts[0]) return BadLine(number, "的编号与前面的重复");
    }
    std::string master;
    if (!absl::WebSafeBase64Unescape(parts[1], &master) || master.size() != kKeyBytes) {
      return BadLine(number, "的密钥应为32字节随机数的base64url编码（43个字符）");
    }
    keys.push_back({std::string(parts[0]), auth::SecretString(Hmac(master, "chanyan seal")),
                    auth::SecretString(Hmac(master, "chanyan digest"))});
    auth::Wipe(&master);
  }
  if (keys.empty()) return status::InvalidField("--data_key_file", "数据密钥文件中没有密钥");
  return Keyring(std::move(keys));
}

absl::StatusOr<Keyring> Keyring::FromFile(const std::string& path) {
  if (path.empty()) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      "没有数据密钥，不能保存个人联系方式。请用 --data_key_file "
                                      "指明密钥文件（tools/up 自动生成）");
  }
  CHANYAN_ASSIGN_OR_RETURN(std::string text, auth::ReadSecretFile(path));
  absl::StatusOr<Keyring> keys = Parse(text);
  auth::Wipe(&text);
  return keys;
}

bool Keyring::IsSealed(absl::string_view stored) { return absl::StartsWith(stored, kMark); }

absl::StatusOr<std::string> Keyring::Seal(absl::string_view place, absl::string_view text) const {
  if (text.empty()) return "";
  if (text.size() > kMaxTextBytes) return status::Internal("crypto: text too long to be sealed");
  const Key& key = keys_.front();
  std::string sealed = auth::RandomBytes(kNonceBytes);
  sealed.resize(kNonceBytes + text.size() + kTagBytes);
  unsigned char* const cipher = Bytes(sealed) + kNonceBytes;
  unsigned char* const tag = cipher + text.size();
  const Context context(EVP_CIPHER_CTX_new());
  int length = 0;
  if (context == nullptr ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key.sealing.get()),
                         Bytes(sealed)) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &length, Bytes(place), Size(place)) != 1 ||
      EVP_EncryptUpdate(context.get(), cipher, &length, Bytes(text), Size(text)) != 1 ||
      EVP_EncryptFinal_ex(context.get(), cipher + length, &length) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag) != 1) {
    return status::Internal("crypto: AES-256-GCM failed");
  }
  std::string encoded;
  absl::WebSafeBase64Escape(sealed, &encoded);
  return absl::StrCat(kMark, key.id, ".", encoded);
}

absl::StatusOr<std::string> Keyring::Open(absl::string_view place, absl::string_view stored) const {
  if (!absl::ConsumePrefix(&stored, kMark)) return std::string(stored);
  const size_t dot = stored.find('.');
  if (dot == absl::string_view::npos) return CannotOpen("密文不完整");
  const absl::string_view id = stored.substr(0, dot);
  const auto key = std::find_if(keys_.begin(), keys_.end(),
                                [id](const Key& candidate) { return candidate.id == id; });
  if (key == keys_.end()) {
    return CannotOpen(IsId(id) ? absl::StrCat("密钥文件中没有编号为", id, "的密钥")
                               : std::string("密文的密钥编号不正确"));
  }
  std::string sealed;
  if (!absl::WebSafeBase64Unescape(stored.substr(dot + 1), &sealed) ||
      sealed.size() <= kNonceBytes + kTagBytes || sealed.size() > kMaxTextBytes * 2) {
    return CannotOpen("密文不完整");
  }
  std::string text;
  if (!Decrypt(key->sealing.get(), place, sealed, &text)) {
    return CannotOpen("密文或其所属记录被改动，或密钥不对");
  }
  return text;
}

std::string Keyring::Digest(absl::string_view purpose, absl::string_view text) const {
  return absl::BytesToHexString(
      Hmac(keys_.front().digesting.get(), absl::StrCat(purpose, "\n", text)));
}

}  // namespace chanyan::crypto
