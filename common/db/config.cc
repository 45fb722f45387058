#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/config/url.h"
#include "common/db/database.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

constexpr absl::string_view kScheme = "mysql://";
constexpr int kMaxPoolSize = 1000;
constexpr absl::Duration kMinReadTimeout = absl::Seconds(1);

using config::PercentDecode;
using Violations = std::vector<status::Violation>;

bool ReadPassword(const std::string& path, std::string* password) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return false;
  }
  password->assign(std::istreambuf_iterator<char>(file), {});
  while (absl::EndsWith(*password, "\n") || absl::EndsWith(*password, "\r")) {
    password->pop_back();
  }
  return true;
}

void SetInt(absl::string_view key, const std::string& value, int min, int max, int* out,
            Violations& violations) {
  if (int number = 0; absl::SimpleAtoi(value, &number) && number >= min && number <= max) {
    *out = number;
  } else {
    violations.push_back({std::string(key), absl::StrCat("应为 ", min, " 到 ", max, " 的整数")});
  }
}

void SetDuration(absl::string_view key, const std::string& value, absl::Duration* out,
                 Violations& violations) {
  if (absl::Duration duration; absl::ParseDuration(value, &duration) &&
                               duration >= kMinReadTimeout && duration <= absl::Hours(24)) {
    *out = duration;
  } else {
    violations.push_back({std::string(key), "应为 1s 到 24h 的时长，例如 5s"});
  }
}

void SetOption(absl::string_view key, const std::string& value, Config& config,
               Violations& violations) {
  if (key == "ca") {
    config.ca_file = value;
  } else if (key == "socket") {
    config.socket = value;
  } else if (key == "password-file") {
    if (!ReadPassword(value, &config.password)) {
      violations.push_back({std::string(key), absl::StrCat("口令文件不存在或不可读：", value)});
    }
  } else if (key == "pool") {
    SetInt(key, value, 1, kMaxPoolSize, &config.pool_size, violations);
  } else if (key == "connect-timeout") {
    SetDuration(key, value, &config.connect_timeout, violations);
  } else if (key == "read-timeout") {
    SetDuration(key, value, &config.read_timeout, violations);
  } else if (key == "acquire-timeout") {
    SetDuration(key, value, &config.acquire_timeout, violations);
  } else {
    violations.push_back(
        {std::string(key),
         "未知的选项；可用：ca、socket、password-file、pool、connect-timeout、read-timeout、"
         "acquire-timeout"});
  }
}

// "user@host:3306". A password has no place in a URL, which shows in process lists.
void SetAuthority(absl::string_view authority, Config& config, Violations& violations) {
  const size_t at = authority.rfind('@');
  std::string user;
  if (at == absl::string_view::npos || at == 0 || !PercentDecode(authority.substr(0, at), &user)) {
    violations.push_back({"user", "缺少用户名，格式为 mysql://用户@主机/库"});
  } else if (absl::StrContains(user, ':')) {
    violations.push_back({"user", "地址中不得写口令，请改用 password-file=口令文件"});
  } else {
    config.user = std::move(user);
  }
  absl::string_view host = at == absl::string_view::npos ? authority : authority.substr(at + 1);
  const size_t colon = host.rfind(':');
  if (colon != absl::string_view::npos && !absl::EndsWith(host, "]")) {
    SetInt("port", std::string(host.substr(colon + 1)), 1, 65535, &config.port, violations);
    host = host.substr(0, colon);
  }
  if (host.empty()) {
    violations.push_back({"host", "缺少主机名"});
  }
  config.host = std::string(host);
}

}  // namespace

absl::StatusOr<Config> Config::FromUrl(absl::string_view url) {
  Config config;
  Violations violations;
  if (!absl::ConsumePrefix(&url, kScheme)) {
    return status::InvalidField("url",
                                "数据库地址应以 mysql:// 开头，例如 "
                                "mysql://chanyan@localhost/registry?socket=/run/mysqld/"
                                "mysqld.sock");
  }
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(url, absl::MaxSplits('?', 1));
  const std::pair<absl::string_view, absl::string_view> place =
      absl::StrSplit(parts.first, absl::MaxSplits('/', 1));
  SetAuthority(place.first, config, violations);
  if (!PercentDecode(place.second, &config.schema) || config.schema.empty() ||
      config.schema.find_first_of("`/") != std::string::npos) {
    violations.push_back({"schema", "缺少库名或库名不正确，格式为 mysql://用户@主机/库"});
  }
  for (const absl::string_view option : absl::StrSplit(parts.second, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(option, absl::MaxSplits('=', 1));
    std::string value;
    if (!PercentDecode(pair.second, &value) || value.empty()) {
      violations.push_back({std::string(pair.first), "选项没有值，或转义不正确"});
      continue;
    }
    SetOption(pair.first, value, config, violations);
  }
  if (!violations.empty()) {
    return status::InvalidFields(std::move(violations));
  }
  return config;
}

}  // namespace chanyan::db
