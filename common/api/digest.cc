#include "common/api/digest.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace chanyan::api {

std::string Sha256Hex(absl::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

std::string DigestId(absl::string_view prefix, absl::string_view text) {
  constexpr size_t kDigits = 16;
  return absl::StrCat(prefix, Sha256Hex(text).substr(0, kDigits));
}

}  // namespace chanyan::api
