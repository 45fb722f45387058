// Checks a filing package (备案包) without any server.
//   chanyan-verify-filing FILE [--code=CODE]
//       [--anchors=FILE --anchor-public=PEM]
// Ends with 0 if it is whole, 1 if something is wrong, 2 if it could not be checked.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/api/digest.h"
#include "common/api/json.h"
#include "common/auth/key.h"
#include "common/journal/record_package.h"
#include "common/journal/verify.h"
#include "common/status/status.h"
#include "tools/quarter_program/unzip.h"

namespace chanyan {
namespace {

constexpr int kWhole = 0;
constexpr int kWrong = 1;
constexpr int kNotChecked = 2;

constexpr char kUsage[] =
    "用法：chanyan-verify-filing 备案包.zip\n"
    "  --code=校验码                        再核对证书上的编号或校验码\n"
    "  --anchors=文件 --anchor-public=PEM   再核对日志锚点（见 tools/verify-journal）\n";

constexpr char kLimits[] =
    "能发现：包内任何文件被改动、删除或添加；记录与日志不符；日志记录被改动、缺失或不相接；\n"
    "  编号、校验码与记录不符；附件不是记录所列的附件。指出最先发现的一处。\n"
    "不能发现：整个包连同日志一并伪造。须以 tools/verify-journal 和锚点核对同序号的哈希。\n";

struct Arguments {
  std::string file, code, anchors, anchor_public;
};

absl::StatusOr<Arguments> Parse(int argc, char** argv) {
  Arguments arguments;
  const std::pair<absl::string_view, std::string*> known[] = {
      {"--code=", &arguments.code},
      {"--anchors=", &arguments.anchors},
      {"--anchor-public=", &arguments.anchor_public}};
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    bool found = false;
    for (const auto& [prefix, value] : known) {
      found = absl::ConsumePrefix(&argument, prefix);
      if (found) *value = std::string(argument);
      if (found) break;
    }
    if (found) continue;
    if (absl::StartsWith(argument, "--") || !arguments.file.empty()) {
      return status::InvalidField(argument, absl::StrCat("未知的参数：", argument));
    }
    arguments.file = std::string(argument);
  }
  if (arguments.file.empty()) return status::InvalidField("FILE", "没有指明备案包");
  if (arguments.anchors.empty() != arguments.anchor_public.empty()) {
    return status::InvalidField("--anchors", "--anchors 与 --anchor-public 须一起给出");
  }
  return arguments;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return status::InvalidField(path, absl::StrCat("无法读取文件 ", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int Wrong(const std::string& path, const std::string& text) {
  std::printf("不符：%s：%s\n结论：备案包已损坏或被改动\n", path.c_str(), text.c_str());
  return kWrong;
}

// Entries of the package by seq → hash; the package has passed its check.
std::map<int64_t, std::string> HashesOf(const journal::PackageFiles& files) {
  journal::v1::JournalProof proof;
  const absl::Status read =
      api::JsonToMessage(files.at(journal::kProofPath), proof, api::JsonSource::kStored);
  std::map<int64_t, std::string> hashes;
  if (!read.ok()) return hashes;
  for (const auto& one : proof.entries()) {
    hashes[one.entry().seq()] = one.entry().hash();
    hashes[one.entry().seq() - 1] = one.previous_hash();
  }
  return hashes;
}

// Number of anchors that say something of the package's entries; kWrong through `wrong` if one
// contradicts them.
absl::StatusOr<int> CheckAnchors(const Arguments& arguments, const std::string& service,
                                 const std::map<int64_t, std::string>& hashes, int* wrong) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string pem, ReadFile(arguments.anchor_public));
  CHANYAN_ASSIGN_OR_RETURN(const auth::Key key, auth::Key::FromPublicPem(pem));
  CHANYAN_ASSIGN_OR_RETURN(const std::string text, ReadFile(arguments.anchors));
  int matched = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.empty()) continue;
    CHANYAN_ASSIGN_OR_RETURN(const journal::Anchor anchor, journal::ReadAnchor(key, line));
    const auto found = hashes.find(anchor.seq);
    if (anchor.service != service || found == hashes.end()) continue;
    if (found->second != anchor.hash) {
      *wrong = Wrong(journal::kProofPath, absl::StrCat("第", anchor.seq, "条的哈希与签名锚点不同"));
      return matched;
    }
    ++matched;
  }
  return matched;
}

absl::StatusOr<int> Run(const Arguments& arguments) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(arguments.file));
  const auto files = quarter::Unzip(bytes);
  if (!files.ok()) return Wrong(arguments.file, std::string(files.status().message()));
  if (const auto fault = journal::FirstFault(*files)) return Wrong(fault->path, fault->text);
  CHANYAN_ASSIGN_OR_RETURN(const journal::v1::PackageManifest manifest,
                           journal::ManifestOf(*files));
  std::printf("备案包：%s（%s）\nSHA-256：%s\n", manifest.title().c_str(),
              manifest.subject().c_str(), api::Sha256Hex(bytes).c_str());
  bool code_known = arguments.code.empty();
  for (const auto& code : manifest.codes()) {
    std::printf("%s：%s\n", code.label().c_str(), code.value().c_str());
    code_known = code_known || code.value() == arguments.code;
  }
  if (!code_known) {
    return Wrong(journal::kManifestPath, absl::StrCat("没有编号或校验码“", arguments.code, "”"));
  }
  std::printf("文件 %d 个，日志记录 %lld 条\n", manifest.files_size(),
              static_cast<long long>(manifest.entry_count()));
  for (const auto& file : manifest.omitted()) {
    std::printf("未随包的附件（过大，请另行核对）：%s  SHA-256 %s\n", file.title().c_str(),
                file.sha256().c_str());
  }
  if (!arguments.anchors.empty()) {
    int wrong = kWhole;
    CHANYAN_ASSIGN_OR_RETURN(const int matched,
                             CheckAnchors(arguments, manifest.service(), HashesOf(*files), &wrong));
    if (wrong != kWhole) return wrong;
    std::printf("核对锚点：%d 个\n", matched);
  }
  std::puts("结论：完整");
  std::fputs(kLimits, stdout);
  return kWhole;
}

int Main(int argc, char** argv) {
  if (argc == 2 && absl::string_view(argv[1]) == "--help") {
    std::printf("%s\n%s", kUsage, kLimits);
    return kWhole;
  }
  const absl::StatusOr<Arguments> arguments = Parse(argc, argv);
  if (!arguments.ok()) {
    std::fprintf(stderr, "%s\n%s", std::string(arguments.status().message()).c_str(), kUsage);
    return kNotChecked;
  }
  const absl::StatusOr<int> result = Run(*arguments);
  if (!result.ok()) {
    std::fprintf(stderr, "未能核对：%s\n", std::string(result.status().message()).c_str());
    return kNotChecked;
  }
  return *result;
}

}  // namespace
}  // namespace chanyan

int main(int argc, char** argv) { return chanyan::Main(argc, argv); }
