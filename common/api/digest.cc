#include "common/api/digest.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/stubs/logging.h"

namespace chanyan::api {
namespace {

// OpenSSL's one-call functions look the algorithm up and allocate anew each time, which costs more
// than the digest of a short text.
EVP_MD_CTX* ThreadContext() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  struct Context {
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(context); }
  };
  thread_local const Context mine;
  GOOGLE_CHECK_EQ(EVP_DigestInit_ex2(mine.context, algorithm, nullptr), 1) << "no SHA-256";
  return mine.context;
}

}  // namespace

std::string Sha256(absl::string_view bytes) {
  EVP_MD_CTX* const context = ThreadContext();
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  GOOGLE_CHECK(
      EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
      EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1);
  return digest;
}

std::string Sha256Hex(absl::string_view bytes) { return absl::BytesToHexString(Sha256(bytes)); }

std::string DigestId(absl::string_view prefix, absl::string_view text) {
  constexpr size_t kDigits = 16;
  return absl::StrCat(prefix, Sha256Hex(text).substr(0, kDigits));
}

}  // namespace chanyan::api
