#include "common/auth/key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/status/status.h"

namespace chanyan::auth {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using BnPtr = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using CtxPtr = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using MdPtr = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using SigPtr = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;
using BldPtr = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;

constexpr char kCurve[] = "prime256v1";

std::shared_ptr<EVP_PKEY> Own(EVP_PKEY* pkey) { return {pkey, EVP_PKEY_free}; }

const unsigned char* Bytes(absl::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}
unsigned char* Bytes(std::string& data) { return reinterpret_cast<unsigned char*>(data.data()); }

absl::Status NotAKey(absl::string_view what) {
  return status::InvalidField("key", absl::StrCat("不是可用的 P-256 密钥：", what));
}

// Exactly one coordinate; other spellings of the same number are refused.
bool Coordinate(const std::string& text, std::string* bytes) {
  return absl::WebSafeBase64Unescape(text, bytes) && bytes->size() == kP256Bytes &&
         Base64Url(*bytes) == text;
}

bool CoordinateOf(const EVP_PKEY* pkey, const char* name, std::string* out) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(pkey, name, &number) != 1) return false;
  const BnPtr owned(number);
  out->resize(kP256Bytes);
  return BN_bn2binpad(number, Bytes(*out), kP256Bytes) == static_cast<int>(kP256Bytes);
}

}  // namespace

std::string Base64Url(absl::string_view bytes) {
  std::string out;
  absl::WebSafeBase64Escape(bytes, &out);
  return out;
}

Key::Key(std::shared_ptr<evp_pkey_st> pkey, std::string x, std::string y)
    : pkey_(std::move(pkey)), x_(std::move(x)), y_(std::move(y)) {
  const std::string canonical = absl::StrCat(R"({"crv":"P-256","kty":"EC","x":")", Base64Url(x_),
                                             R"(","y":")", Base64Url(y_), R"("})");
  id_ = Base64Url(absl::HexStringToBytes(api::Sha256Hex(canonical)));
}

absl::StatusOr<Key> Key::FromPkey(std::shared_ptr<evp_pkey_st> pkey) {
  char group[32] = "";
  size_t length = 0;
  if (!pkey || EVP_PKEY_is_a(pkey.get(), "EC") != 1 ||
      EVP_PKEY_get_group_name(pkey.get(), group, sizeof(group), &length) != 1 ||
      absl::string_view(group, length) != kCurve) {
    return NotAKey("曲线不符");
  }
  std::string x, y;
  if (!CoordinateOf(pkey.get(), OSSL_PKEY_PARAM_EC_PUB_X, &x) ||
      !CoordinateOf(pkey.get(), OSSL_PKEY_PARAM_EC_PUB_Y, &y)) {
    return NotAKey("无公钥");
  }
  return Key(std::move(pkey), std::move(x), std::move(y));
}

absl::StatusOr<Key> Key::Generate() { return FromPkey(Own(EVP_EC_gen("P-256"))); }

absl::StatusOr<Key> Key::FromPem(absl::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // No pass phrase is ever asked for on a terminal.
  auto no_phrase = [](char*, int, int, void*) { return -1; };
  return FromPkey(Own(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_phrase, nullptr)));
}

absl::StatusOr<Key> Key::FromPublicPem(absl::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return FromPkey(Own(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr)));
}

absl::StatusOr<Key> Key::FromJwk(const identity::v1::JsonWebKey& jwk) {
  if (jwk.kty() != "EC" || jwk.crv() != "P-256" || jwk.alg() != "ES256" || jwk.use() != "sig") {
    return NotAKey("类型不符");
  }
  std::string x, y;
  if (!Coordinate(jwk.x(), &x) || !Coordinate(jwk.y(), &y)) return NotAKey("坐标不符");
  const std::string point = absl::StrCat("\x04", x, y);
  const BldPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kCurve, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
  const CtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return NotAKey("不在曲线上");
  }
  std::shared_ptr<EVP_PKEY> pkey = Own(made);
  const CtxPtr check(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey.get(), nullptr));
  if (!check || EVP_PKEY_public_check(check.get()) != 1) return NotAKey("不在曲线上");
  CHANYAN_ASSIGN_OR_RETURN(Key key, FromPkey(std::move(pkey)));
  if (jwk.kid() != key.id()) return NotAKey("编号与内容不符");
  return key;
}

absl::StatusOr<std::string> Key::ToPem() const {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), pkey_.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) != 1) {
    return status::Internal("a key without its private half cannot be written as PEM");
  }
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(length));
}

absl::StatusOr<std::string> Key::ToPublicPem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PUBKEY(bio.get(), pkey_.get()) != 1) {
    return status::Internal("the public key cannot be written as PEM");
  }
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(length));
}

identity::v1::JsonWebKey Key::ToJwk() const {
  identity::v1::JsonWebKey jwk;
  jwk.set_kty("EC");
  jwk.set_crv("P-256");
  jwk.set_kid(id_);
  jwk.set_alg("ES256");
  jwk.set_use("sig");
  jwk.set_x(Base64Url(x_));
  jwk.set_y(Base64Url(y_));
  return jwk;
}

absl::StatusOr<std::string> Key::Sign(absl::string_view data) const {
  const MdPtr context(EVP_MD_CTX_new());
  size_t length = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, pkey_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, Bytes(data), data.size()) != 1) {
    return status::Internal("the signing key cannot sign");
  }
  std::string der(length, '\0');
  if (EVP_DigestSign(context.get(), Bytes(der), &length, Bytes(data), data.size()) != 1) {
    return status::Internal("the signing key cannot sign");
  }
  const unsigned char* cursor = Bytes(absl::string_view(der));
  const SigPtr parts(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(length)));
  std::string raw(2 * kP256Bytes, '\0');
  if (!parts || BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), Bytes(raw), kP256Bytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), Bytes(raw) + kP256Bytes, kP256Bytes) < 0) {
    return status::Internal("the signature cannot be read back");
  }
  return raw;
}

bool Key::Verify(absl::string_view data, absl::string_view signature) const {
  if (signature.size() != 2 * kP256Bytes) return false;
  const SigPtr parts(ECDSA_SIG_new());
  BnPtr r(BN_bin2bn(Bytes(signature), kP256Bytes, nullptr));
  BnPtr s(BN_bin2bn(Bytes(signature) + kP256Bytes, kP256Bytes, nullptr));
  if (!parts || !r || !s || ECDSA_SIG_set0(parts.get(), r.get(), s.get()) != 1) return false;
  // set0 took them over.
  r.release();
  s.release();
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(parts.get(), &der);
  if (length <= 0) return false;
  const MdPtr context(EVP_MD_CTX_new());
  const bool good =
      context &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, pkey_.get()) == 1 &&
      EVP_DigestVerify(context.get(), der, static_cast<size_t>(length), Bytes(data), data.size()) ==
          1;
  OPENSSL_free(der);
  return good;
}

KeySet::KeySet(const std::vector<Key>& keys) {
  for (const Key& key : keys) keys_.emplace(key.id(), key);
}

absl::StatusOr<KeySet> KeySet::FromJwks(const identity::v1::ListKeysResponse& jwks) {
  std::vector<Key> keys;
  for (const identity::v1::JsonWebKey& jwk : jwks.keys()) {
    CHANYAN_ASSIGN_OR_RETURN(Key key, Key::FromJwk(jwk));
    keys.push_back(std::move(key));
  }
  return KeySet(keys);
}

const Key* KeySet::Find(absl::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace chanyan::auth
