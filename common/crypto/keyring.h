// Personal data at rest under keys of the operator: text sealed with AES-256-GCM, and keyed digests
// of what is counted or compared but must not be kept.
//
// Key file, mode 0600: one key a line, `#` begins a comment.
//
//   20261127 3q2-7wAB…      # id of 1 to 16 letters or digits, base64url of 32 random bytes
//
// The first one seals and digests; all of them open. To rotate, put a new line on top and start the
// services anew; a line may go when nothing is sealed under its id any more.
//
// Sealed text: "enc1.<id>.<base64url of nonce, ciphertext and tag>". What it belongs to (`place`)
// is authenticated with it, so that it cannot be moved to another row or field.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/secret.h"

namespace chanyan::crypto {

// Immutable. Thread-safe.
class Keyring {
 public:
  // INVALID_ARGUMENT that names the line; no key is ever in a message.
  static absl::StatusOr<Keyring> Parse(absl::string_view text);
  // As Parse; FAILED_PRECONDITION for a file that is not there or that others may read, or if
  // `path` is empty.
  static absl::StatusOr<Keyring> FromFile(const std::string& path);

  // "" for "". Another text each time.
  absl::StatusOr<std::string> Seal(absl::string_view place, absl::string_view text) const;
  // What was sealed for the same place; a text that is not sealed as it is: it was stored before
  // there was a key. FAILED_PRECONDITION that says why, in words for an office, for a key that is
  // not in the file, and for a text that was changed, cut or moved.
  absl::StatusOr<std::string> Open(absl::string_view place, absl::string_view stored) const;
  // HMAC-SHA-256 as 64 hex digits; of two purposes nothing can be compared.
  std::string Digest(absl::string_view purpose, absl::string_view text) const;

  static bool IsSealed(absl::string_view stored);

 private:
  struct Key {
    std::string id;
    // Both follow from the key in the file.
    auth::SecretString sealing;
    auth::SecretString digesting;
  };
  explicit Keyring(std::vector<Key> keys) : keys_(std::move(keys)) {}

  std::vector<Key> keys_;
};

}  // namespace chanyan::crypto
