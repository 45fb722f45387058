// Passwords: how they are stored, which are accepted, how first ones are made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::auth {

// Cost of Argon2id (OWASP's second choice: about 20 ms and 19 MiB a sign-in). Hashes carry theirs,
// so that raising it here leaves old ones valid; NeedsRehash finds them.
inline constexpr uint32_t kArgonMemoryKib = 19 * 1024;
inline constexpr uint32_t kArgonPasses = 2;
inline constexpr uint32_t kArgonLanes = 1;
inline constexpr size_t kArgonSaltBytes = 16;
inline constexpr size_t kArgonHashBytes = 32;

inline constexpr size_t kMinPasswordChars = 10;
// Longer ones are refused before they are hashed.
inline constexpr size_t kMaxPasswordBytes = 512;
// Of upper case, lower case, digit, anything else.
inline constexpr int kMinPasswordClasses = 3;
// Four groups of four, about 90 bits.
inline constexpr size_t kFirstPasswordGroups = 4;
inline constexpr size_t kFirstPasswordGroupChars = 4;

// "$argon2id$v=19$m=…" with a random salt: no two hashes are the same.
absl::StatusOr<std::string> HashPassword(absl::string_view password);
// Takes the time of a hash whether or not it matches. False for anything that is not a hash.
bool VerifyPassword(absl::string_view hash, absl::string_view password);
// The hash was made at another cost than today's.
bool NeedsRehash(absl::string_view hash);
// A hash that no password matches, at today's cost: to spend the same time on an unknown name.
std::string DummyHash();

// What is wrong with a password somebody chose, each a Chinese sentence; empty = accepted.
std::vector<std::string> PasswordProblems(absl::string_view password, absl::string_view login);
// Among the often used ones, also in disguise (P@ssw0rd2024!).
bool IsWeakPassword(absl::string_view password);

// A random password that is accepted, of characters that are not mistaken for one another, for
// example "Kf7m-Xq3w-Tz9p-Hd4r".
std::string NewFirstPassword();

}  // namespace chanyan::auth
