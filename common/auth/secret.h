// Random secrets, digests, and memory that is wiped.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::auth {

// Random bytes of an opaque secret: 256 bits, base64url without padding (43 characters).
inline constexpr size_t kSecretBytes = 32;

// `bytes` from the operating system's generator. Ends the process if it has none to give.
std::string RandomBytes(size_t bytes);
// base64url of kSecretBytes random bytes.
std::string NewSecret();
// Takes the same time whatever differs.
bool ConstantTimeEqual(absl::string_view a, absl::string_view b);

// Overwrites the string's memory and empties it.
void Wipe(std::string* secret);

// A string that is overwritten when it goes. Not copyable.
class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string value) : value_(std::move(value)) {}
  SecretString(SecretString&& other) noexcept : value_(std::move(other.value_)) {
    Wipe(&other.value_);
  }
  SecretString& operator=(SecretString&& other) noexcept {
    Wipe(&value_);
    value_ = std::move(other.value_);
    Wipe(&other.value_);
    return *this;
  }
  ~SecretString() { Wipe(&value_); }

  const std::string& get() const { return value_; }

 private:
  std::string value_;
};

// Reads a secret from a file that only its owner may read; a mode wider than 0600 is refused with
// FAILED_PRECONDITION, so that a careless copy is noticed. Trailing line breaks are dropped.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);
// Creates the file with mode 0600 and `content`, atomically; ALREADY_EXISTS if it is there.
absl::Status CreateSecretFile(const std::string& path, absl::string_view content);

}  // namespace chanyan::auth
