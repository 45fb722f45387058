#include "services/cycle/webhook_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/auth/secret.h"
#include "common/status/status.h"

namespace chanyan::cycle {
namespace {

constexpr int kHttpsPort = 443;
constexpr int kHttpPort = 80;
constexpr absl::Duration kPauses[] = {absl::Minutes(1), absl::Minutes(5), absl::Minutes(30),
                                      absl::Hours(2),   absl::Hours(6),   absl::Hours(12)};

std::string Hmac(absl::string_view key, absl::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

struct Parts {
  std::string scheme;
  std::string host;
  int port = 0;
};

// scheme://host[:port] at the beginning; what follows it in `rest`.
std::optional<Parts> ReadOrigin(absl::string_view text, absl::string_view* rest) {
  Parts parts;
  for (const absl::string_view scheme : {"https", "http"}) {
    if (absl::StartsWith(text, absl::StrCat(scheme, "://"))) parts.scheme = std::string(scheme);
    if (!parts.scheme.empty()) break;
  }
  if (parts.scheme.empty()) return std::nullopt;
  text.remove_prefix(parts.scheme.size() + 3);
  const bool bracketed = absl::StartsWith(text, "[");
  const size_t end = bracketed ? text.find(']') : text.find_first_of(":/?@");
  if (bracketed && end == absl::string_view::npos) return std::nullopt;
  parts.host = absl::AsciiStrToLower(bracketed ? text.substr(1, end - 1)
                                               : text.substr(0, std::min(end, text.size())));
  text.remove_prefix(std::min(text.size(), bracketed ? end + 1 : end));
  parts.port = parts.scheme == "https" ? kHttpsPort : kHttpPort;
  if (absl::ConsumePrefix(&text, ":")) {
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (!absl::SimpleAtoi(text.substr(0, digits), &parts.port) || parts.port < 1 ||
        parts.port > 65535) {
      return std::nullopt;
    }
    text.remove_prefix(digits);
  }
  const bool named =
      !parts.host.empty() && std::all_of(parts.host.begin(), parts.host.end(), [&](char c) {
        return absl::ascii_isalnum(c) || c == '-' || c == '.' || (bracketed && c == ':');
      });
  if (!named) return std::nullopt;
  *rest = text;
  return parts;
}

bool IsAddress(const std::string& text) {
  in6_addr buffer;
  return inet_pton(AF_INET, text.c_str(), &buffer) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &buffer) == 1;
}

bool InNetwork(uint32_t address, uint32_t network, int bits) {
  return (address ^ network) >> (32 - bits) == 0;
}

bool IsPublicV4(uint32_t a) {
  constexpr struct {
    uint32_t network;
    int bits;
  } kClosed[] = {
      {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},  {0xA9FE0000, 16},
      {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24}, {0xC0586300, 24}, {0xC0A80000, 16},
      {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 4},  {0xF0000000, 4},
  };
  return std::none_of(std::begin(kClosed), std::end(kClosed),
                      [a](const auto& one) { return InNetwork(a, one.network, one.bits); });
}

uint32_t V4At(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

bool IsPublicV6(const uint8_t* b) {
  static constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  static constexpr uint8_t kNat64[12] = {0x00, 0x64, 0xFF, 0x9B};
  if (std::memcmp(b, kMapped, sizeof(kMapped)) == 0) return IsPublicV4(V4At(b + 12));
  if (std::memcmp(b, kNat64, sizeof(kNat64)) == 0) return IsPublicV4(V4At(b + 12));
  // 6to4 and Teredo hide an IPv4 address; documentation.
  if (b[0] == 0x20 && b[1] == 0x02) return IsPublicV4(V4At(b + 2));
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x00 && b[3] == 0x00) return false;
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8) return false;
  // Only 2000::/3 is given out.
  return (b[0] & 0xE0) == 0x20;
}

absl::Status Unreadable(absl::string_view entry) {
  return status::InvalidField(
      "--webhook_origins",
      absl::StrCat("“", entry, "”应形如 https://oa.example.gov.cn:8443，固定地址写在@之后"));
}

}  // namespace

absl::StatusOr<std::vector<AllowedOrigin>> ParseAllowedOrigins(absl::string_view text) {
  std::vector<AllowedOrigin> allowed;
  for (const absl::string_view raw : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const absl::string_view entry = absl::StripAsciiWhitespace(raw);
    absl::string_view rest;
    const std::optional<Parts> parts = ReadOrigin(entry, &rest);
    if (!parts) return Unreadable(entry);
    AllowedOrigin origin{parts->scheme, parts->host, parts->port, ""};
    if (absl::ConsumePrefix(&rest, "@")) {
      origin.address = std::string(rest);
      if (!IsAddress(origin.address)) return Unreadable(entry);
    } else if (!rest.empty()) {
      return Unreadable(entry);
    }
    allowed.push_back(std::move(origin));
  }
  return allowed;
}

absl::StatusOr<AllowedOrigin> CheckUrl(absl::string_view url,
                                       const std::vector<AllowedOrigin>& allowed) {
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c)) && c != '\\' && c != '#' &&
           c != '@' && c != '"' && c != '<' && c != '>';
  });
  absl::string_view rest;
  const std::optional<Parts> parts = plain ? ReadOrigin(url, &rest) : std::nullopt;
  if (!parts || !absl::StartsWith(rest, "/")) {
    return status::InvalidField(
        "webhook_endpoint.url",
        "推送地址应形如 https://oa.example.gov.cn/hooks/chanyan，不含用户名、空格和“#”");
  }
  for (const AllowedOrigin& origin : allowed) {
    if (origin.scheme == parts->scheme && origin.host == parts->host &&
        origin.port == parts->port) {
      return origin;
    }
  }
  return status::InvalidField("webhook_endpoint.url",
                              absl::StrCat("“", parts->scheme, "://", parts->host, ":", parts->port,
                                           "”不在允许推送的地址之内；请联系系统管理员登记"));
}

bool IsPublicAddress(absl::string_view address) {
  const std::string text(address);
  uint8_t bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return IsPublicV4(V4At(bytes));
  if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) return IsPublicV6(bytes);
  return false;
}

bool MayConnect(const AllowedOrigin& origin, absl::string_view address) {
  if (origin.address.empty()) return IsPublicAddress(address);
  return address == origin.address;
}

std::string SecretOf(absl::string_view key, absl::string_view endpoint, int generation) {
  return Hmac(key, absl::StrCat("webhook\n", endpoint, "\n", generation));
}

std::string SignatureOf(absl::string_view secret, absl::Time time, absl::string_view delivery,
                        absl::string_view body) {
  return absl::StrCat(
      "v1=", Hmac(secret, absl::StrCat(absl::ToUnixSeconds(time), ".", delivery, ".", body)));
}

bool VerifySignature(absl::string_view secret, absl::string_view signature, absl::Time time,
                     absl::string_view delivery, absl::string_view body, absl::Time now) {
  const bool near = absl::AbsDuration(now - time) <= kSignatureTolerance;
  return near && auth::ConstantTimeEqual(signature, SignatureOf(secret, time, delivery, body));
}

std::optional<absl::Duration> PauseAfter(int attempts) {
  static_assert(std::size(kPauses) + 1 == kMaxDeliveryAttempts);
  if (attempts < 1 || attempts >= kMaxDeliveryAttempts) return std::nullopt;
  return kPauses[attempts - 1];
}

}  // namespace chanyan::cycle
