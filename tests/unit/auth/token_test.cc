#include "common/auth/token.h"

#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/auth/flat_json.h"
#include "common/auth/token_authenticator.h"
#include "common/status/status.h"

namespace chanyan::auth {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'750'000'000);

std::string Base64Url(absl::string_view bytes) {
  std::string out;
  absl::WebSafeBase64Escape(bytes, &out);
  return out;
}

std::string Unbase64Url(absl::string_view text) {
  std::string out;
  EXPECT_TRUE(absl::WebSafeBase64Unescape(text, &out));
  return out;
}

Principal Person() {
  Principal principal;
  principal.account = "accounts/wang";
  principal.organization = "organizations/qd-univ";
  principal.session = "sessions/1";
  principal.roles = {options::v1::ROLE_RESEARCH_OFFICE, options::v1::ROLE_PLATFORM_MANAGER};
  return principal;
}

class TokenTest : public testing::Test {
 protected:
  TokenTest() : key_(*Key::Generate()), keys_({key_}) {
    token_ = *SignToken(key_, Person(), kNow);
    pieces_ = absl::StrSplit(token_, '.');
    header_ = Unbase64Url(pieces_[0]);
    claims_ = Unbase64Url(pieces_[1]);
  }

  // Any text as header and claims, truly signed with our key.
  std::string Signed(absl::string_view header, absl::string_view claims) const {
    const std::string text = absl::StrCat(Base64Url(header), ".", Base64Url(claims));
    return absl::StrCat(text, ".", Base64Url(*key_.Sign(text)));
  }
  std::string With(absl::string_view from, absl::string_view to) const {
    const std::string claims = absl::StrReplaceAll(claims_, {{from, to}});
    EXPECT_NE(claims, claims_) << from;
    return Signed(header_, claims);
  }
  void ExpectRefused(const std::string& token, const std::string& what) const {
    const auto claims = VerifyToken(keys_, token, kNow);
    ASSERT_FALSE(claims.ok()) << what;
    EXPECT_EQ(claims.status().code(), absl::StatusCode::kUnauthenticated) << what;
    // Every refusal reads the same.
    EXPECT_EQ(claims.status().message(), VerifyToken(keys_, "", kNow).status().message()) << what;
  }

  Key key_;
  KeySet keys_;
  std::string token_, header_, claims_;
  std::vector<std::string> pieces_;
};

TEST_F(TokenTest, HostileHeadersAreRefused) {
  const std::string kid = key_.id();
  const std::vector<std::pair<std::string, std::string>> headers = {
      {"alg none", absl::StrCat(R"({"alg":"none","kid":")", kid, R"(","typ":"JWT"})")},
      {"alg HS256", absl::StrCat(R"({"alg":"HS256","kid":")", kid, R"(","typ":"JWT"})")},
      {"alg RS256", absl::StrCat(R"({"alg":"RS256","kid":")", kid, R"(","typ":"JWT"})")},
      {"alg in other case", absl::StrCat(R"({"alg":"es256","kid":")", kid, R"(","typ":"JWT"})")},
      {"alg as a list", absl::StrCat(R"({"alg":["ES256"],"kid":")", kid, R"(","typ":"JWT"})")},
      {"no alg", absl::StrCat(R"({"kid":")", kid, R"(","typ":"JWT"})")},
      {"no typ", absl::StrCat(R"({"alg":"ES256","kid":")", kid, R"("})")},
      {"other typ", absl::StrCat(R"({"alg":"ES256","kid":")", kid, R"(","typ":"at+jwt"})")},
      {"no kid", R"({"alg":"ES256","typ":"JWT"})"},
      {"unknown kid", R"({"alg":"ES256","kid":"other","typ":"JWT"})"},
      {"kid as a path", R"({"alg":"ES256","kid":"../../dev/null","typ":"JWT"})"},
      {"kid as SQL", R"({"alg":"ES256","kid":"x' UNION SELECT 'key","typ":"JWT"})"},
      {"kid as a number", R"({"alg":"ES256","kid":1,"typ":"JWT"})"},
      {"kid twice", absl::StrCat(R"({"alg":"ES256","kid":"a","kid":")", kid, R"(","typ":"JWT"})")},
      {"crit", absl::StrCat(R"({"alg":"ES256","crit":["b64"],"kid":")", kid, R"(","typ":"JWT"})")},
      {"embedded jwk",
       absl::StrCat(R"({"alg":"ES256","jwk":{"kty":"EC"},"kid":")", kid, R"(","typ":"JWT"})")},
      {"not an object", R"(["ES256"])"},
      {"trailing text", header_ + "x"},
      {"empty", ""},
  };
  for (const auto& [what, header] : headers) ExpectRefused(Signed(header, claims_), what);
}

TEST_F(TokenTest, HeadersThatPointAtKeysAreNotFollowed) {
  // Signed by a stranger whose key the header offers: only our map counts.
  const Key stranger = *Key::Generate();
  const std::string header =
      absl::StrCat(R"({"alg":"ES256","jku":"https://evil.example/keys","kid":")", stranger.id(),
                   R"(","typ":"JWT","x5u":"https://evil.example/cert"})");
  const std::string text = absl::StrCat(Base64Url(header), ".", pieces_[1]);
  ExpectRefused(absl::StrCat(text, ".", Base64Url(*stranger.Sign(text))), "jku");
}

TEST_F(TokenTest, PublicKeyAsHmacSecretIsRefused) {
  const std::string header =
      absl::StrCat(R"({"alg":"HS256","kid":")", key_.id(), R"(","typ":"JWT"})");
  const std::string text = absl::StrCat(Base64Url(header), ".", pieces_[1]);
  const std::string secret = key_.ToJwk().x();
  unsigned char mac[32];
  unsigned int length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &length);
  ExpectRefused(
      absl::StrCat(text, ".", Base64Url(absl::string_view(reinterpret_cast<char*>(mac), length))),
      "HS256 with the public key");
}

TEST_F(TokenTest, HostileClaimsAreRefusedEvenWhenSigned) {
  ExpectRefused(With(R"("iss":"chanyan")", R"("iss":"other")"), "issuer");
  ExpectRefused(With(R"("aud":"chanyan")", R"("aud":"other")"), "audience");
  ExpectRefused(With(R"("aud":"chanyan")", R"("aud":["chanyan"])"), "audience as a list");
  ExpectRefused(With(R"("exp":1750000300)", R"("exp":1750009999)"), "lives too long");
  ExpectRefused(With(R"("exp":1750000300)", R"("exp":1749999999)"), "ends before it begins");
  ExpectRefused(With(R"("exp":1750000300)", R"("exp":"1750000300")"), "exp as text");
  ExpectRefused(With(R"("exp":1750000300)", R"("exp":1750000300.5)"), "exp as a fraction");
  ExpectRefused(With(R"("exp":1750000300,)", ""), "no exp");
  ExpectRefused(With(R"("nbf":1750000000)", R"("nbf":1750000061)"), "not yet in force");
  ExpectRefused(With(R"("iat":1750000000)", R"("iat":1750000061)"), "issued in the future");
  ExpectRefused(With(R"("iat":1750000000)", R"("iat":-1)"), "issued before time");
  ExpectRefused(With(R"("pcr":false)", R"("pcr":0)"), "pcr as a number");
  ExpectRefused(With(R"("sub":"accounts/wang")", R"("sub":"")"), "no subject");
  ExpectRefused(With(R"("sub":"accounts/wang")", R"("sub":"wang")"), "subject of no kind");
  ExpectRefused(With(R"("sub":"accounts/wang")", R"("sub":"accounts/wang","sub":"accounts/admin")"),
                "duplicate subject");
  ExpectRefused(With("RESEARCH_OFFICE", "GOD"), "unknown role");
  ExpectRefused(With("RESEARCH_OFFICE", "PUBLIC"), "role that nobody carries");
  ExpectRefused(With("RESEARCH_OFFICE", "UNSPECIFIED"), "role zero");
  ExpectRefused(With(R"("sub")", R"("\u0073ub")"), "escaped name");
  ExpectRefused(Signed(header_, "{}"), "no claims");
  ExpectRefused(Signed(header_, "not json"), "not json");
}

TEST_F(TokenTest, MangledTextIsRefused) {
  const std::string& h = pieces_[0];
  const std::string& c = pieces_[1];
  const std::string& s = pieces_[2];
  for (size_t length = 0; length < token_.size(); ++length) {
    ExpectRefused(token_.substr(0, length), absl::StrCat("cut at ", length));
  }
  ExpectRefused(absl::StrCat(h, ".", c, "."), "no signature");
  ExpectRefused(absl::StrCat(token_, ".", s), "four parts");
  ExpectRefused(absl::StrCat(token_, "="), "padding");
  ExpectRefused(absl::StrCat(token_, "\n"), "line break");
  ExpectRefused(absl::StrCat(" ", token_), "leading space");
  ExpectRefused(absl::StrCat(h, ".", c, ".", std::string(86, 'A')), "signature of zeros");
  ExpectRefused(absl::StrCat(h, ".", Base64Url(claims_ + " "), ".", s), "other claims");
  ExpectRefused(token_ + std::string(kMaxTokenBytes, 'A'), "too long");
  // The last character of 64 bytes carries four unused bits.
  std::string stray = token_;
  stray.back() = stray.back() == 'A' ? 'B' : static_cast<char>(stray.back() + 1);
  ExpectRefused(stray, "stray bits");
}

TEST_F(TokenTest, EndsAfterLeewayAndNotBefore) {
  EXPECT_TRUE(VerifyToken(keys_, token_, kNow + kTokenLifetime + absl::Seconds(59)).ok());
  EXPECT_FALSE(VerifyToken(keys_, token_, kNow + kTokenLifetime + absl::Seconds(60)).ok());
  EXPECT_TRUE(VerifyToken(keys_, token_, kNow - absl::Seconds(60)).ok());
  EXPECT_FALSE(VerifyToken(keys_, token_, kNow - absl::Seconds(61)).ok());
}

TEST_F(TokenTest, SaysWhoSignedIn) {
  Principal person = Person();
  person.password_change_required = true;
  const auto claims = VerifyToken(keys_, *SignToken(key_, person, kNow), kNow);
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(claims->principal.account, person.account);
  EXPECT_EQ(claims->principal.organization, person.organization);
  EXPECT_EQ(claims->principal.session, person.session);
  EXPECT_EQ(claims->principal.roles, person.roles);
  EXPECT_TRUE(claims->principal.password_change_required);
  EXPECT_EQ(claims->expires, kNow + kTokenLifetime);
  EXPECT_NE(claims->id, VerifyToken(keys_, token_, kNow)->id);
}

TEST(KeyTest, SurvivesPemAndJwk) {
  const Key key = *Key::Generate();
  const auto from_pem = Key::FromPem(*key.ToPem());
  ASSERT_TRUE(from_pem.ok()) << from_pem.status();
  EXPECT_EQ(from_pem->id(), key.id());
  const auto from_jwk = Key::FromJwk(key.ToJwk());
  ASSERT_TRUE(from_jwk.ok()) << from_jwk.status();
  EXPECT_TRUE(from_jwk->Verify("text", *key.Sign("text")));
  EXPECT_FALSE(from_jwk->Verify("other", *key.Sign("text")));
  EXPECT_FALSE(from_jwk->ToPem().ok());
}

TEST(KeyTest, BadKeysAreRefused) {
  const std::vector<std::function<void(identity::v1::JsonWebKey&)>> changes = {
      [](auto& jwk) { jwk.set_kty("oct"); },   [](auto& jwk) { jwk.set_crv("P-384"); },
      [](auto& jwk) { jwk.set_alg("HS256"); }, [](auto& jwk) { jwk.set_use("enc"); },
      [](auto& jwk) { jwk.set_kid("mine"); },  [](auto& jwk) { jwk.set_x(jwk.y()); },
      [](auto& jwk) { jwk.set_x(""); },        [](auto& jwk) { jwk.set_y(jwk.y() + "="); },
  };
  const identity::v1::JsonWebKey good = Key::Generate()->ToJwk();
  for (size_t i = 0; i < changes.size(); ++i) {
    identity::v1::JsonWebKey jwk = good;
    changes[i](jwk);
    EXPECT_FALSE(Key::FromJwk(jwk).ok()) << i;
  }
  EXPECT_FALSE(Key::FromPem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----").ok());
}

class FakeClock final : public time::Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Time now = kNow;
};

TEST(TokenAuthenticatorTest, FetchesKeysForAnUnknownIdAtMostEveryTenSeconds) {
  FakeClock clock;
  const Key old_key = *Key::Generate(), new_key = *Key::Generate();
  int fetched = 0;
  TokenAuthenticator authenticator(clock, [&]() -> absl::StatusOr<KeySet> {
    ++fetched;
    return fetched == 1 ? KeySet({old_key}) : KeySet({old_key, new_key});
  });
  EXPECT_TRUE(authenticator.Authenticate(*SignToken(old_key, Person(), clock.now)).ok());
  EXPECT_EQ(fetched, 1);
  const std::string fresh = *SignToken(new_key, Person(), clock.now);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(authenticator.Authenticate(fresh).status().code(),
              absl::StatusCode::kUnauthenticated);
  }
  EXPECT_EQ(fetched, 1);
  clock.now += kKeyRefreshInterval;
  EXPECT_TRUE(authenticator.Authenticate(fresh).ok());
  EXPECT_EQ(fetched, 2);
}

TEST(TokenAuthenticatorTest, KeysThatCannotBeHadAreNotTheCallersFault) {
  FakeClock clock;
  TokenAuthenticator authenticator(
      clock, []() -> absl::StatusOr<KeySet> { return status::Unavailable("identity"); });
  const std::string token = *SignToken(*Key::Generate(), Person(), clock.now);
  EXPECT_EQ(authenticator.Authenticate(token).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(authenticator.Authenticate(token).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(authenticator.Authenticate("nonsense").status().code(),
            absl::StatusCode::kUnauthenticated);
}

TEST(TokenAuthenticatorTest, RemembersATokenOnlyUntilItEndsOrItsKeyGoes) {
  FakeClock clock;
  const Key key = *Key::Generate();
  TokenAuthenticator authenticator(clock, nullptr, KeySet({key}));
  const std::string token = *SignToken(key, Person(), clock.now);
  EXPECT_TRUE(authenticator.Authenticate(token).ok());
  EXPECT_EQ(authenticator.Authenticate(token)->account, Person().account);
  clock.now += kTokenLifetime + kTokenLeeway;
  EXPECT_FALSE(authenticator.Authenticate(token).ok());
  const std::string second = *SignToken(key, Person(), clock.now);
  EXPECT_TRUE(authenticator.Authenticate(second).ok());
  authenticator.SetKeys(KeySet({*Key::Generate()}));
  EXPECT_FALSE(authenticator.Authenticate(second).ok());
}

TEST(TokenAuthenticatorTest, ForgetsTheLeastUsedBeyondItsSize) {
  FakeClock clock;
  const Key key = *Key::Generate();
  TokenAuthenticator authenticator(clock, nullptr, KeySet({key}));
  const std::string first = *SignToken(key, Person(), clock.now);
  for (size_t i = 0; i < kTokenCacheEntries + 10; ++i) {
    ASSERT_TRUE(authenticator.Authenticate(*SignToken(key, Person(), clock.now)).ok());
  }
  EXPECT_TRUE(authenticator.Authenticate(first).ok());
}

}  // namespace
}  // namespace chanyan::auth
