#include "services/gateway/static_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/digest.h"
#include "common/status/status.h"
#include "services/gateway/gzip.h"

namespace chanyan::gateway {
namespace {

namespace fs = std::filesystem;

constexpr int kStaticLevel = 9;
// Build tools put content hashes into the names of files below it.
constexpr absl::string_view kHashedFolder = "/assets/";

absl::string_view TypeOf(absl::string_view path) {
  constexpr std::pair<absl::string_view, absl::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".json", "application/json; charset=utf-8"},
      {".txt", "text/plain; charset=utf-8"},
      {".svg", "image/svg+xml; charset=utf-8"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".webp", "image/webp"},
      {".woff2", "font/woff2"},
      {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
  };
  for (const auto& [suffix, type] : kTypes) {
    if (absl::EndsWith(path, suffix)) return type;
  }
  return "application/octet-stream";
}

bool IsText(absl::string_view type) { return absl::StrContains(type, "charset=utf-8"); }

}  // namespace

void StaticFiles::Add(absl::string_view path, absl::string_view content_type, std::string content) {
  File file;
  file.content_type = std::string(content_type);
  constexpr size_t kEtagDigits = 32;
  file.etag = absl::StrCat("\"", api::Sha256Hex(content).substr(0, kEtagDigits), "\"");
  if (IsText(content_type) && content.size() >= kLeastGzipBytes) {
    file.packed = Gzip(content, kStaticLevel);
    if (file.packed.size() >= content.size()) file.packed.clear();
  }
  file.immutable = absl::StartsWith(path, kHashedFolder);
  file.content = std::move(content);
  files_[std::string(path)] = std::move(file);
}

absl::Status StaticFiles::Load(const std::string& directory) {
  std::error_code error;
  fs::recursive_directory_iterator it(directory, error);
  if (error) return status::InvalidField("--static", absl::StrCat("目录无法读取：", directory));
  size_t count = 0;
  for (; it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (error) return status::InvalidField("--static", "目录无法完整读取");
    const std::string name = it->path().filename().string();
    if (name[0] == '.') {
      if (it->is_directory(error)) it.disable_recursion_pending();
      continue;
    }
    if (it->is_symlink(error) || !it->is_regular_file(error)) continue;
    if (++count > kMaxStaticFiles || it->file_size(error) > kMaxStaticFileBytes) {
      return status::InvalidField("--static", "文件过多或过大");
    }
    std::ifstream in(it->path(), std::ios::binary);
    std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in) return status::InvalidField("--static", absl::StrCat("文件无法读取：", name));
    const std::string path =
        absl::StrCat("/", it->path().lexically_relative(directory).generic_string());
    Add(path, TypeOf(path), std::move(content));
  }
  return absl::OkStatus();
}

const StaticFiles::File* StaticFiles::Find(absl::string_view path) const {
  const auto it = files_.find(path == "/" ? absl::string_view("/index.html") : path);
  return it == files_.end() ? nullptr : &it->second;
}

bool StaticFiles::Has(absl::string_view path) const { return Find(path) != nullptr; }

HttpReply StaticFiles::Serve(absl::string_view path, const RequestHead& head) const {
  const File& file = *Find(path);
  HttpReply reply;
  reply.headers.emplace_back("ETag", file.etag);
  reply.headers.emplace_back("Vary", "Accept-Encoding");
  reply.headers.emplace_back("Cache-Control",
                             file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  for (absl::string_view known : absl::StrSplit(head.Header("if-none-match"), ',')) {
    known = absl::StripAsciiWhitespace(known);
    absl::ConsumePrefix(&known, "W/");
    if (known == file.etag) {
      reply.status = 304;
      return reply;
    }
  }
  reply.content_type = file.content_type;
  if (!file.packed.empty() && AcceptsGzip(head.Header("accept-encoding"))) {
    reply.coding = "gzip";
    reply.body = file.packed;
  } else {
    reply.body = file.content;
  }
  return reply;
}

}  // namespace chanyan::gateway
