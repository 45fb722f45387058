#include "common/config/config.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/config/redis_address.h"
#include "common/status/status.h"

namespace chanyan::config {
namespace {

// Longest path of a unix socket, without the final NUL (sun_path).
constexpr size_t kMaxSocketPath = 107;
constexpr size_t kMaxSecretBytes = 64 << 10;

using Violations = std::vector<status::Violation>;

void Complain(Violations* violations, absl::string_view flag, absl::string_view text) {
  violations->push_back({absl::StrCat("--", flag), std::string(text)});
}

bool IsAddress(absl::string_view address) {
  if (absl::ConsumePrefix(&address, "unix:")) {
    return absl::StartsWith(address, "/") && address.size() <= kMaxSocketPath;
  }
  const size_t colon = address.rfind(':');
  int port = 0;
  return colon != absl::string_view::npos && colon > 0 &&
         absl::SimpleAtoi(address.substr(colon + 1), &port) && port >= 0 && port <= 65535;
}

void CheckAddress(absl::string_view flag, absl::string_view address, bool required,
                  Violations* violations) {
  if (address.empty()) {
    if (required)
      Complain(violations, flag, "必须指定，例如 unix:/run/chanyan/x.sock 或 127.0.0.1:9001");
  } else if (!IsAddress(address)) {
    Complain(violations, flag,
             absl::StrCat("“", address,
                          "”不是地址，应为 unix:/绝对路径（不超过 107 字节）或 主机:端口"));
  }
}

void Add(const absl::Status& status, Violations* violations) {
  for (auto& violation : status::ViolationsOf(status)) violations->push_back(std::move(violation));
}

// The password's file is read again for each connection; here it is only said early that it cannot
// be.
void CheckRedis(const std::string& text, Violations* violations) {
  const absl::StatusOr<RedisAddress> redis = ParseRedisAddress(text);
  if (!redis.ok()) return Add(redis.status(), violations);
  CheckAddress("redis", redis->address, /*required=*/false, violations);
  if (!redis->password_file.empty()) {
    Add(ReadSecret("redis", redis->password_file).status(), violations);
  }
}

// "registry=unix:/run/registry.sock,identity=dns:///identity:9000".
absl::flat_hash_map<std::string, std::string> ParsePeers(absl::string_view text,
                                                         Violations* violations) {
  absl::flat_hash_map<std::string, std::string> peers;
  for (const absl::string_view entry : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    const absl::string_view name = absl::StripAsciiWhitespace(pair.first);
    const absl::string_view target = absl::StripAsciiWhitespace(pair.second);
    if (name.empty() || target.empty()) {
      Complain(violations, "peers", absl::StrCat("“", entry, "”应写成 名称=地址"));
    } else if (!peers.emplace(name, target).second) {
      Complain(violations, "peers", absl::StrCat("“", name, "”出现了两次"));
    }
  }
  return peers;
}

InjectedFaults ParseFaults(const Raw& raw, Violations* violations) {
  InjectedFaults faults;
  if (!raw.inject_faults.empty() && !raw.allow_faults) {
    Complain(violations, "inject_faults",
             absl::StrCat("只用于演练：须同时设置环境变量 ", kAllowFaultsVariable, "=1"));
  }
  for (const absl::string_view entry : absl::StrSplit(raw.inject_faults, ',', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(entry, absl::MaxSplits(':', 1));
    int* every = pair.first == "retry"              ? &faults.retry
                 : pair.first == "ambiguous_commit" ? &faults.ambiguous_commit
                 : pair.first == "lost_commit"      ? &faults.lost_commit
                                                    : nullptr;
    if (every == nullptr || !absl::SimpleAtoi(pair.second, every) || *every < 1) {
      Complain(violations, "inject_faults",
               absl::StrCat("“", entry, "”应写成 retry、ambiguous_commit 或 lost_commit:正整数"));
    }
  }
  return faults;
}

}  // namespace

absl::StatusOr<std::string> ReadSecret(absl::string_view flag, const std::string& path) {
  const std::string field = absl::StrCat("--", flag);
  std::ifstream file(path, std::ios::binary);
  if (!file) return status::InvalidField(field, absl::StrCat("无法读取文件 ", path));
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (text.size() > kMaxSecretBytes) {
    return status::InvalidField(field, absl::StrCat("文件 ", path, " 超过 64 KiB，不是密钥文件"));
  }
  absl::StripTrailingAsciiWhitespace(&text);
  if (text.empty()) return status::InvalidField(field, absl::StrCat("文件 ", path, " 是空的"));
  return text;
}

absl::StatusOr<Config> Validate(absl::string_view service, const Raw& raw, const Needs& needs) {
  Violations violations;
  Config config;
  config.service = std::string(service);
  CheckAddress("listen", raw.listen, /*required=*/true, &violations);
  config.listen = raw.listen;
  CheckAddress("admin", raw.admin, /*required=*/false, &violations);
  config.admin = raw.admin;
  CheckRedis(raw.redis, &violations);
  config.redis = raw.redis;
  if (needs.database && !absl::StartsWith(raw.db, "mysql://")) {
    Complain(&violations, "db",
             "必须指定数据库地址，例如 mysql://用户@localhost/库名?socket=/路径");
  }
  config.db = raw.db;
  config.peers = ParsePeers(raw.peers, &violations);
  for (const std::string& peer : needs.peers) {
    if (!config.peers.contains(peer)) {
      Complain(&violations, "peers", absl::StrCat("缺少本服务要调用的“", peer, "”"));
    }
  }
  config.policy_dirs = absl::StrSplit(raw.policy, ',', absl::SkipWhitespace());
  if (needs.policy && config.policy_dirs.empty()) {
    Complain(&violations, "policy", "必须指定政策包目录");
  }
  if (!raw.client_secret_file.empty()) {
    auto secret = ReadSecret("client_secret_file", raw.client_secret_file);
    if (secret.ok()) {
      config.client_secret = *std::move(secret);
    } else {
      Add(secret.status(), &violations);
    }
  }
  config.faults = ParseFaults(raw, &violations);
  if (raw.workers < 1 || raw.workers > kMaxWorkers) {
    Complain(&violations, "workers", absl::StrCat("应为 1 至 ", kMaxWorkers, " 的整数"));
  }
  config.workers = raw.workers;
  if (const auto level = log::ParseLevel(raw.log_level)) {
    config.log_level = *level;
  } else {
    Complain(&violations, "log_level", "应为 debug、info、warning、error 之一");
  }
  if (raw.drain_delay < absl::ZeroDuration() || raw.drain_delay > kMaxDrainDelay) {
    Complain(&violations, "drain_delay", "应为 0s 至 60s");
  }
  config.drain_delay = raw.drain_delay;
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  return config;
}

}  // namespace chanyan::config
