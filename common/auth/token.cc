#include "common/auth/token.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/names.h"
#include "common/auth/flat_json.h"
#include "common/auth/key.h"
#include "common/status/status.h"

namespace chanyan::auth {
namespace {

constexpr char kAlgorithm[] = "ES256";
constexpr char kType[] = "JWT";
constexpr absl::string_view kRolePrefix = "ROLE_";

// One text for every failure, so that a forger learns nothing.
absl::Status Refused() {
  return status::Unauthenticated(options::v1::ERROR_REASON_NOT_SIGNED_IN,
                                 "登录凭证无效或已过期，请重新登录");
}

struct Parts {
  FlatObject header;
  absl::string_view payload;
  // What the signature is over.
  absl::string_view signed_text;
  std::string signature;
};

// The decoder is lenient (padding, white space, stray bits); only what it would write itself
// counts.
std::optional<std::string> FromBase64Url(absl::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || Base64Url(bytes) != text) return std::nullopt;
  return bytes;
}

template <class T>
const T* Get(const FlatObject& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : std::get_if<T>(&found->second);
}

bool Is(const FlatObject& object, const char* name, absl::string_view wanted) {
  const std::string* value = Get<std::string>(object, name);
  return value != nullptr && *value == wanted;
}

// Header members that point at keys (jku, x5u, jwk …) have no reader here; `crit` demands one.
bool HeaderIsOurs(const FlatObject& header) {
  return Is(header, "alg", kAlgorithm) && Is(header, "typ", kType) &&
         Get<std::string>(header, "kid") != nullptr && header.count("crit") == 0;
}

std::optional<Parts> Split(absl::string_view token) {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const std::vector<absl::string_view> pieces = absl::StrSplit(token, '.');
  if (pieces.size() != 3) return std::nullopt;
  const auto header_text = FromBase64Url(pieces[0]);
  auto signature = FromBase64Url(pieces[2]);
  if (!header_text || !signature) return std::nullopt;
  auto header = ParseFlatJson(*header_text);
  if (!header || !HeaderIsOurs(*header)) return std::nullopt;
  return Parts{*std::move(header), pieces[1],
               token.substr(0, pieces[0].size() + 1 + pieces[1].size()), *std::move(signature)};
}

std::optional<absl::Time> Instant(const FlatObject& claims, const char* name) {
  const int64_t* seconds = Get<int64_t>(claims, name);
  if (seconds == nullptr || *seconds < 0) return std::nullopt;
  return absl::FromUnixSeconds(*seconds);
}

bool RolesFrom(const FlatObject& claims, std::vector<Role>* roles) {
  const auto* names = Get<std::vector<std::string>>(claims, "roles");
  if (names == nullptr) return false;
  for (const std::string& name : *names) {
    Role role;
    if (!options::v1::Role_Parse(absl::StrCat(kRolePrefix, name), &role)) return false;
    // These two are what everybody is, never what a token may say.
    if (role == options::v1::ROLE_UNSPECIFIED || role == options::v1::ROLE_PUBLIC ||
        role == options::v1::ROLE_SIGNED_IN) {
      return false;
    }
    roles->push_back(role);
  }
  return true;
}

std::optional<Claims> ClaimsFrom(const FlatObject& object) {
  const std::string* subject = Get<std::string>(object, "sub");
  const std::string* organization = Get<std::string>(object, "org");
  const std::string* session = Get<std::string>(object, "sid");
  const std::string* id = Get<std::string>(object, "jti");
  const bool* change = Get<bool>(object, "pcr");
  if (!Is(object, "iss", kTokenIssuer) || !Is(object, "aud", kTokenAudience)) return std::nullopt;
  if (subject == nullptr || organization == nullptr || session == nullptr || id == nullptr ||
      change == nullptr || id->empty()) {
    return std::nullopt;
  }
  if (!absl::StartsWith(*subject, "accounts/") && !absl::StartsWith(*subject, "apiClients/")) {
    return std::nullopt;
  }
  Claims claims;
  claims.id = *id;
  claims.principal.account = *subject;
  claims.principal.organization = *organization;
  claims.principal.session = *session;
  claims.principal.password_change_required = *change;
  if (!RolesFrom(object, &claims.principal.roles)) return std::nullopt;
  return claims;
}

bool InForce(const FlatObject& object, absl::Time now, Claims* claims) {
  const auto issued = Instant(object, "iat");
  const auto not_before = Instant(object, "nbf");
  const auto expires = Instant(object, "exp");
  if (!issued || !not_before || !expires) return false;
  // A token that lives longer than we make them was not made by us, whoever signed it.
  if (*expires <= *issued || *expires - *issued > kTokenLifetime) return false;
  claims->issued = *issued;
  claims->expires = *expires;
  return now < *expires + kTokenLeeway && now >= *not_before - kTokenLeeway &&
         now >= *issued - kTokenLeeway;
}

}  // namespace

absl::StatusOr<std::string> SignToken(const Key& key, const Principal& principal, absl::Time now) {
  std::vector<std::string> roles;
  for (const Role role : principal.roles) {
    roles.push_back(options::v1::Role_Name(role).substr(kRolePrefix.size()));
  }
  const int64_t issued = absl::ToUnixSeconds(now);
  const FlatObject header = {
      {"alg", std::string(kAlgorithm)}, {"kid", key.id()}, {"typ", std::string(kType)}};
  const FlatObject claims = {
      {"iss", std::string(kTokenIssuer)},
      {"aud", std::string(kTokenAudience)},
      {"sub", principal.account},
      {"org", principal.organization},
      {"sid", principal.session},
      {"roles", std::move(roles)},
      {"pcr", principal.password_change_required},
      {"jti", api::NewUuid()},
      {"iat", issued},
      {"nbf", issued},
      {"exp", issued + absl::ToInt64Seconds(kTokenLifetime)},
  };
  std::string text =
      absl::StrCat(Base64Url(WriteFlatJson(header)), ".", Base64Url(WriteFlatJson(claims)));
  CHANYAN_ASSIGN_OR_RETURN(const std::string signature, key.Sign(text));
  absl::StrAppend(&text, ".", Base64Url(signature));
  if (text.size() > kMaxTokenBytes) return status::Internal("the token is longer than we accept");
  return text;
}

absl::StatusOr<std::string> KeyIdOf(absl::string_view token) {
  const auto parts = Split(token);
  if (!parts) return Refused();
  return *Get<std::string>(parts->header, "kid");
}

absl::StatusOr<Claims> VerifyToken(const KeySet& keys, absl::string_view token, absl::Time now) {
  const auto parts = Split(token);
  if (!parts) return Refused();
  const Key* key = keys.Find(*Get<std::string>(parts->header, "kid"));
  if (key == nullptr || !key->Verify(parts->signed_text, parts->signature)) return Refused();
  // Only now is the payload worth reading.
  const auto payload = FromBase64Url(parts->payload);
  const auto object = payload ? ParseFlatJson(*payload) : std::nullopt;
  if (!object) return Refused();
  auto claims = ClaimsFrom(*object);
  if (!claims || !InForce(*object, now, &*claims)) return Refused();
  return *std::move(claims);
}

}  // namespace chanyan::auth
