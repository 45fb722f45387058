#include "common/api/client_address.h"

#include <arpa/inet.h>

#include <cstdint>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace chanyan::api {
namespace {

std::string Prefix(absl::string_view family, const uint8_t* bytes, size_t size) {
  return absl::StrCat(family, absl::BytesToHexString({reinterpret_cast<const char*>(bytes), size}),
                      "/", size * 8);
}

Place PlaceOfV4(const uint8_t* bytes) {
  return {Prefix("ipv4:", bytes, 4), Prefix("ipv4:", bytes, 3)};
}

}  // namespace

Place PlaceOf(absl::string_view address) {
  // IPv4 as a socket for both families shows it.
  static constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  // Without the zone of a link-local address.
  const std::string text(address.substr(0, address.find('%')));
  uint8_t bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return PlaceOfV4(bytes);
  if (inet_pton(AF_INET6, text.c_str(), bytes) != 1) return {text, text};
  if (std::memcmp(bytes, kMapped, sizeof(kMapped)) == 0) return PlaceOfV4(bytes + sizeof(kMapped));
  return {Prefix("ipv6:", bytes, 8), Prefix("ipv6:", bytes, 6)};
}

}  // namespace chanyan::api
