#include "common/api/names.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/stubs/logging.h"

namespace chanyan::api {
namespace {

constexpr absl::string_view kWildcard = "-";
constexpr absl::string_view kIdAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr size_t kShortIdLength = 12;

bool IsVariable(absl::string_view segment) { return !segment.empty() && segment[0] == '{'; }

// One level up: what stands before the last slash.
absl::string_view Up(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == absl::string_view::npos ? absl::string_view() : name.substr(0, slash);
}

absl::string_view Last(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == absl::string_view::npos ? name : name.substr(slash + 1);
}

// From a store of each thread's own: the generator behind RAND_bytes is shared and locked.
template <size_t kSize>
std::array<uint8_t, kSize> RandomBytes() {
  struct Store {
    std::array<uint8_t, 512> bytes;
    size_t used = sizeof(bytes);
  };
  thread_local Store store;
  if (store.used + kSize > store.bytes.size()) {
    GOOGLE_CHECK_EQ(RAND_bytes(store.bytes.data(), store.bytes.size()), 1) << "no random numbers";
    store.used = 0;
  }
  std::array<uint8_t, kSize> bytes;
  std::copy_n(store.bytes.begin() + store.used, kSize, bytes.begin());
  store.used += kSize;
  return bytes;
}

}  // namespace

bool IsSegment(absl::string_view text) {
  if (text.empty() || text.size() > kMaxSegmentLength || text == "." || text == "..") return false;
  for (char c : text) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '_' && c != '~' && c != '-') return false;
  }
  return true;
}

bool IsName(absl::string_view name) {
  if (name.empty() || name.size() > kMaxNameLength) return false;
  for (absl::string_view segment : absl::StrSplit(name, '/')) {
    if (!IsSegment(segment)) return false;
  }
  return true;
}

std::optional<std::vector<std::string>> ParseName(absl::string_view pattern, absl::string_view name,
                                                  bool wildcards) {
  if (name.size() > kMaxNameLength) return std::nullopt;
  const std::vector<absl::string_view> want = absl::StrSplit(pattern, '/');
  const std::vector<absl::string_view> have = absl::StrSplit(name, '/');
  if (want.size() != have.size()) return std::nullopt;
  std::vector<std::string> ids;
  for (size_t i = 0; i < want.size(); ++i) {
    if (!IsVariable(want[i])) {
      if (want[i] != have[i]) return std::nullopt;
    } else if (!IsSegment(have[i]) || (have[i] == kWildcard && !wildcards)) {
      return std::nullopt;
    } else {
      ids.emplace_back(have[i]);
    }
  }
  return ids;
}

std::string FormatName(absl::string_view pattern, absl::Span<const absl::string_view> ids) {
  std::string out;
  size_t next = 0;
  for (absl::string_view segment : absl::StrSplit(pattern, '/')) {
    if (IsVariable(segment)) {
      GOOGLE_CHECK_LT(next, ids.size()) << "too few ids for " << std::string(pattern);
      segment = ids[next++];
    }
    absl::StrAppend(&out, out.empty() ? "" : "/", segment);
  }
  GOOGLE_CHECK_EQ(next, ids.size()) << "too many ids for " << std::string(pattern);
  return out;
}

absl::string_view ParentOfName(absl::string_view name) { return Up(Up(name)); }
absl::string_view CollectionOfName(absl::string_view name) { return Last(Up(name)); }
absl::string_view IdOfName(absl::string_view name) { return Last(name); }

std::string NewUuid() {
  auto bytes = RandomBytes<16>();
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const std::string hex = absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

std::string NewShortId() {
  std::string out;
  for (uint8_t byte : RandomBytes<kShortIdLength>()) out += kIdAlphabet[byte & 31];
  return out;
}

bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

}  // namespace chanyan::api
