// Keys that sign and verify tokens: ECDSA on P-256, nothing else.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/identity/v1/identity.pb.h"

// OpenSSL's key, so that its headers stay out of ours.
struct evp_pkey_st;

namespace chanyan::auth {

// base64url without padding, RFC 7515.
std::string Base64Url(absl::string_view bytes);

// Bytes of a coordinate, and of each half of a raw signature.
inline constexpr size_t kP256Bytes = 32;

// A key pair or public key on P-256. A value; copies share the key, which is immutable.
class Key {
 public:
  // A new pair.
  static absl::StatusOr<Key> Generate();
  // A pair from PKCS#8 PEM. INVALID_ARGUMENT if it is not a private key on P-256.
  static absl::StatusOr<Key> FromPem(absl::string_view pem);
  // A public key from SubjectPublicKeyInfo PEM ("BEGIN PUBLIC KEY"); errors as above.
  static absl::StatusOr<Key> FromPublicPem(absl::string_view pem);
  // A public key. INVALID_ARGUMENT if it is not for ES256 or the point is not on the curve.
  static absl::StatusOr<Key> FromJwk(const identity::v1::JsonWebKey& jwk);

  // PKCS#8 PEM of a pair: a secret.
  absl::StatusOr<std::string> ToPem() const;
  // SubjectPublicKeyInfo PEM of the public half.
  absl::StatusOr<std::string> ToPublicPem() const;
  // The public half, with its id.
  identity::v1::JsonWebKey ToJwk() const;
  // RFC 7638 thumbprint: the same key has the same id everywhere.
  const std::string& id() const { return id_; }

  // ES256 of `data`, raw r||s (64 bytes). Needs the private half.
  absl::StatusOr<std::string> Sign(absl::string_view data) const;
  // Whether `signature` (raw r||s) is this key's over `data`.
  bool Verify(absl::string_view data, absl::string_view signature) const;

 private:
  Key(std::shared_ptr<evp_pkey_st> pkey, std::string x, std::string y);
  static absl::StatusOr<Key> FromPkey(std::shared_ptr<evp_pkey_st> pkey);

  std::shared_ptr<evp_pkey_st> pkey_;
  // Coordinates, 32 bytes each.
  std::string x_, y_;
  std::string id_;
};

// Keys in force, by id. Immutable, thread-safe.
class KeySet {
 public:
  explicit KeySet(const std::vector<Key>& keys);
  // Refuses the whole set if one key cannot be used.
  static absl::StatusOr<KeySet> FromJwks(const identity::v1::ListKeysResponse& jwks);

  // Null if there is none.
  const Key* Find(absl::string_view id) const;
  size_t size() const { return keys_.size(); }

 private:
  absl::flat_hash_map<std::string, Key> keys_;
};

}  // namespace chanyan::auth
