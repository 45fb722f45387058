// Access tokens: JWT (RFC 7519) signed with ES256, after the advice of RFC 8725. One algorithm, one
// issuer, one audience, one key type; anything else is refused without being looked into further.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "common/auth/principal.h"

// OpenSSL's key, so that its headers stay out of ours.
struct evp_pkey_st;

namespace chanyan::auth {

inline constexpr char kTokenIssuer[] = "chanyan";
inline constexpr char kTokenAudience[] = "chanyan";
// How long a token lives.
inline constexpr absl::Duration kTokenLifetime = absl::Minutes(5);
// How far the clocks of two machines may be apart.
inline constexpr absl::Duration kTokenLeeway = absl::Seconds(60);
// Longest token that is looked at.
inline constexpr size_t kMaxTokenBytes = 4096;

// What a token says. A value.
struct Claims {
  Principal principal;
  // Id of the token itself.
  std::string id;
  absl::Time issued;
  absl::Time expires;
};

// A key pair or public key on P-256. A value; copies share the key, which is immutable.
class Key {
 public:
  // A new pair.
  static absl::StatusOr<Key> Generate();
  // A pair from PKCS#8 PEM. INVALID_ARGUMENT if it is not a private key on P-256.
  static absl::StatusOr<Key> FromPem(absl::string_view pem);
  // A public key. INVALID_ARGUMENT if it is not for ES256 or the point is not on the curve.
  static absl::StatusOr<Key> FromJwk(const identity::v1::JsonWebKey& jwk);

  // PKCS#8 PEM of a pair: a secret.
  absl::StatusOr<std::string> ToPem() const;
  // The public half, with its id.
  identity::v1::JsonWebKey ToJwk() const;
  // RFC 7638 thumbprint: the same key has the same id everywhere.
  const std::string& id() const { return id_; }
  const std::shared_ptr<evp_pkey_st>& pkey() const { return pkey_; }

 private:
  Key(std::shared_ptr<evp_pkey_st> pkey, std::string x, std::string y);

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

// A signed token that ends kTokenLifetime after `now`. `key` must be a pair.
absl::StatusOr<std::string> SignToken(const Key& key, const Principal& principal, absl::Time now);

// Id of the key a token claims to be signed with, unverified; UNAUTHENTICATED if the token is not of
// our shape.
absl::StatusOr<std::string> KeyIdOf(absl::string_view token);

// UNAUTHENTICATED unless the token is well-formed, its signature is of a key of `keys`, and it is in
// force at `now`. The text does not say which check failed.
absl::StatusOr<Claims> VerifyToken(const KeySet& keys, absl::string_view token, absl::Time now);

}  // namespace chanyan::auth
