#include "common/config/redis_address.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/config/url.h"
#include "common/status/status.h"

namespace chanyan::config {

absl::StatusOr<RedisAddress> ParseRedisAddress(absl::string_view text) {
  using Pair = std::pair<absl::string_view, absl::string_view>;
  const Pair parts = absl::StrSplit(text, absl::MaxSplits('?', 1));
  RedisAddress parsed{.address = std::string(parts.first)};
  std::vector<status::Violation> violations;
  for (const absl::string_view option : absl::StrSplit(parts.second, '&', absl::SkipEmpty())) {
    const Pair pair = absl::StrSplit(option, absl::MaxSplits('=', 1));
    std::string* value = pair.first == "user"            ? &parsed.user
                         : pair.first == "password-file" ? &parsed.password_file
                                                         : nullptr;
    if (value == nullptr) {
      violations.push_back(
          {"--redis", absl::StrCat("未知的选项“", pair.first, "”；可用：user、password-file")});
    } else if (!PercentDecode(pair.second, value) || value->empty()) {
      violations.push_back({"--redis", absl::StrCat("选项“", pair.first, "”的值为空或转义有误")});
    }
  }
  if (!parsed.user.empty() && parsed.password_file.empty()) {
    violations.push_back({"--redis", "有 user 时还要写 password-file=口令文件"});
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  return parsed;
}

}  // namespace chanyan::config
