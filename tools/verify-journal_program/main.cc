// Checks a service's journal without the service.
//   chanyan-verify-journal --db=mysql://user@host/schema?…
//       [--anchors=FILE --anchor-public=PEM] [--anchor-key=PEM --write-anchor=FILE]
// Ends with 0 if the journal is whole, 1 if it is broken, 2 if it could not be checked.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/auth/key.h"
#include "common/auth/secret.h"
#include "common/db/database.h"
#include "common/journal/verify.h"
#include "common/status/status.h"

namespace chanyan {
namespace {

constexpr int kWhole = 0;
constexpr int kBroken = 1;
constexpr int kNotChecked = 2;

constexpr char kUsage[] =
    "用法：chanyan-verify-journal --db=mysql://用户@主机/库[?选项]\n"
    "  --anchors=文件 --anchor-public=PEM   再核对以前写下的锚点\n"
    "  --anchor-key=PEM --write-anchor=文件 核对无误后在文件末尾写一行签名锚点\n"
    "  --service=名称                       锚点中的服务名，默认取库名\n";

constexpr char kLimits[] =
    "能发现：任何一条已封存记录被改动、删除、插入或调换次序，并指出最早的一条。\n"
    "只有锚点能发现：末尾若干条被截去；有人从某一条起改写到末尾并重算全部哈希。\n"
    "  锚点须另存他处，本次核对只到最后一个锚点为止。\n"
    "不能发现：封存之前的改动；写入时就不真实的内容；被改动前的原文；未写入日志的操作。\n";

struct Arguments {
  std::string db, anchors, anchor_public, anchor_key, write_anchor, service;
};

absl::StatusOr<Arguments> Parse(int argc, char** argv) {
  Arguments arguments;
  const std::pair<absl::string_view, std::string*> known[] = {
      {"--db=", &arguments.db},
      {"--anchors=", &arguments.anchors},
      {"--anchor-public=", &arguments.anchor_public},
      {"--anchor-key=", &arguments.anchor_key},
      {"--write-anchor=", &arguments.write_anchor},
      {"--service=", &arguments.service}};
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    bool found = false;
    for (const auto& [prefix, value] : known) {
      found = absl::ConsumePrefix(&argument, prefix);
      if (found) *value = std::string(argument);
      if (found) break;
    }
    if (!found) return status::InvalidField(argument, absl::StrCat("未知的参数：", argument));
  }
  if (arguments.db.empty()) return status::InvalidField("--db", "缺少 --db");
  if (arguments.anchors.empty() != arguments.anchor_public.empty()) {
    return status::InvalidField("--anchors", "--anchors 与 --anchor-public 须一起给出");
  }
  if (arguments.write_anchor.empty() != arguments.anchor_key.empty()) {
    return status::InvalidField("--write-anchor", "--write-anchor 与 --anchor-key 须一起给出");
  }
  return arguments;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return status::InvalidField(path, absl::StrCat("无法读取文件 ", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The anchors of `service`; a file may hold those of several.
absl::StatusOr<std::vector<journal::Anchor>> ReadAnchors(const Arguments& arguments) {
  std::vector<journal::Anchor> anchors;
  if (arguments.anchors.empty()) return anchors;
  CHANYAN_ASSIGN_OR_RETURN(const std::string pem, ReadFile(arguments.anchor_public));
  CHANYAN_ASSIGN_OR_RETURN(const auth::Key key, auth::Key::FromPublicPem(pem));
  CHANYAN_ASSIGN_OR_RETURN(const std::string text, ReadFile(arguments.anchors));
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (line.empty()) continue;
    absl::StatusOr<journal::Anchor> anchor = journal::ReadAnchor(key, line);
    if (!anchor.ok()) {
      return status::InvalidField(
          arguments.anchors,
          absl::StrCat(arguments.anchors, " 第 ", number, " 行：", anchor.status().message()));
    }
    if (anchor->service == arguments.service) anchors.push_back(*std::move(anchor));
  }
  if (anchors.empty()) {
    return status::InvalidField(arguments.anchors, absl::StrCat(arguments.anchors, " 中没有“",
                                                                arguments.service, "”的锚点"));
  }
  return anchors;
}

absl::Status AppendLine(const std::string& path, const std::string& line) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const std::string text = line + "\n";
  const bool written = fd >= 0 &&
                       write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  if (written) return absl::OkStatus();
  return status::InvalidField(path, absl::StrCat("无法写入 ", path, "：", std::strerror(error)));
}

absl::Status AppendAnchor(const Arguments& arguments, const journal::ChainSummary& chain) {
  if (chain.last_seq == 0) {
    return status::InvalidField("--write-anchor", "日志为空，没有可写的锚点");
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::string pem, auth::ReadSecretFile(arguments.anchor_key));
  CHANYAN_ASSIGN_OR_RETURN(const auth::Key key, auth::Key::FromPem(pem));
  CHANYAN_ASSIGN_OR_RETURN(
      const std::string line,
      journal::WriteAnchor(key, {arguments.service, chain.last_seq, chain.head, absl::Now()}));
  return AppendLine(arguments.write_anchor, line);
}

std::string Show(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

void Print(const Arguments& arguments, const journal::Verification& found, size_t anchors) {
  const journal::ChainSummary& chain = found.chain;
  std::printf("日志 %s：自第 1 条起完整 %lld 条\n", arguments.service.c_str(),
              static_cast<long long>(chain.last_seq));
  std::printf("末条哈希：%s\n", chain.head.c_str());
  if (chain.last_seq > 0) {
    std::printf("时间：%s 至 %s\n", Show(chain.earliest).c_str(), Show(chain.latest).c_str());
  }
  std::printf("待封存：%lld 条；核对锚点：%zu 个\n", static_cast<long long>(found.unsealed),
              anchors);
  if (found.broken.has_value()) {
    std::printf("损坏：自第 %lld 条起。%s\n", static_cast<long long>(found.broken->seq),
                found.broken->text.c_str());
  } else {
    std::puts("结论：完整");
  }
  std::fputs(kLimits, stdout);
}

absl::StatusOr<int> Run(Arguments arguments) {
  CHANYAN_ASSIGN_OR_RETURN(db::Config config, db::Config::FromUrl(arguments.db));
  if (arguments.service.empty()) arguments.service = config.schema;
  CHANYAN_ASSIGN_OR_RETURN(std::vector<journal::Anchor> anchors, ReadAnchors(arguments));
  const size_t anchor_count = anchors.size();
  CHANYAN_ASSIGN_OR_RETURN(const auto database, db::Database::Open(std::move(config)));
  CHANYAN_ASSIGN_OR_RETURN(const journal::Verification found,
                           journal::Verify(*database, std::move(anchors)));
  Print(arguments, found, anchor_count);
  if (found.broken.has_value()) return kBroken;
  if (!arguments.write_anchor.empty()) {
    CHANYAN_RETURN_IF_ERROR(AppendAnchor(arguments, found.chain));
  }
  return kWhole;
}

int Main(int argc, char** argv) {
  if (argc == 2 && absl::string_view(argv[1]) == "--help") {
    std::printf("%s\n%s", kUsage, kLimits);
    return kWhole;
  }
  absl::StatusOr<Arguments> arguments = Parse(argc, argv);
  if (!arguments.ok()) {
    std::fprintf(stderr, "%s\n%s", std::string(arguments.status().message()).c_str(), kUsage);
    return kNotChecked;
  }
  const absl::StatusOr<int> result = Run(*std::move(arguments));
  if (!result.ok()) {
    std::fprintf(stderr, "未能核对：%s\n", std::string(result.status().message()).c_str());
    return kNotChecked;
  }
  return *result;
}

}  // namespace
}  // namespace chanyan

int main(int argc, char** argv) { return chanyan::Main(argc, argv); }
