#include "common/db/bound_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/db/page_token.h"

namespace chanyan::db {
namespace {

constexpr size_t kDigestBytes = 12;
// No sign of base64url.
constexpr char kBetween = '.';

std::string DigestOf(absl::string_view token, absl::string_view argument) {
  return absl::WebSafeBase64Escape(
      api::Sha256(absl::StrCat("chanyan/bound-token/1\n", token, "\n", argument))
          .substr(0, kDigestBytes));
}

}  // namespace

std::string BindPageToken(absl::string_view token, absl::string_view argument) {
  if (token.empty() || argument.empty()) return std::string(token);
  return absl::StrCat(token, std::string(1, kBetween), DigestOf(token, argument));
}

absl::StatusOr<std::string> UnbindPageToken(absl::string_view token, absl::string_view argument) {
  // Of a list without its argument; what was bound to one is no token of a table.
  if (token.empty() || argument.empty()) return std::string(token);
  const size_t at = token.rfind(kBetween);
  if (token.size() > kMaxPageTokenLength || at == absl::string_view::npos) {
    return InvalidPageToken();
  }
  const absl::string_view own = token.substr(0, at);
  if (token.substr(at + 1) != DigestOf(own, argument)) return InvalidPageToken();
  return std::string(own);
}

}  // namespace chanyan::db
