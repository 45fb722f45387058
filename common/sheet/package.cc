#include "common/sheet/package.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <zip.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/sheet/foreign_file.h"
#include "common/status/status.h"

namespace chanyan::sheet {
namespace {

constexpr size_t kReadStepBytes = 64 * 1024;
constexpr size_t kMagicBytes = 8;

std::string PartKey(absl::string_view name) {
  // Some programs write Windows separators.
  return absl::AsciiStrToLower(absl::StripPrefix(absl::StrReplaceAll(name, {{"\\", "/"}}), "/"));
}

// A name that would leave its folder if it were ever written to disk. It never is, but nobody who
// means well writes one.
bool IsUnsafeName(absl::string_view name) {
  const std::string path = absl::StrReplaceAll(name, {{"\\", "/"}});
  if (path.empty() || path[0] == '/' || absl::StrContains(path, ':')) {
    return true;
  }
  for (absl::string_view segment : absl::StrSplit(path, '/')) {
    if (segment == "..") {
      return true;
    }
  }
  return std::any_of(path.begin(), path.end(), [](char c) { return absl::ascii_iscntrl(c); });
}

bool IsArchiveName(absl::string_view key) {
  for (absl::string_view end : {".zip", ".rar", ".7z", ".gz", ".tar", ".bz2", ".xz", ".jar",
                                ".xlsx", ".xlsm", ".xlsb", ".docx", ".pptx", ".docm", ".ole"}) {
    if (absl::EndsWith(key, end)) {
      return true;
    }
  }
  return false;
}

bool IsArchiveMagic(absl::string_view head) {
  for (absl::string_view magic :
       {absl::string_view("PK\3\4"), absl::string_view("PK\5\6"), absl::string_view("Rar!"),
        absl::string_view("7z\xBC\xAF"), absl::string_view("\x1F\x8B\x08"), kOleMagic}) {
    if (absl::StartsWith(head, magic)) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::Status BadFile(absl::string_view place, absl::string_view message) {
  return status::InvalidField(place, message, options::v1::ERROR_REASON_INVALID_FILE);
}

absl::Status TooLarge(absl::string_view place, absl::string_view message) {
  return status::InvalidField(place, message, options::v1::ERROR_REASON_FILE_TOO_LARGE);
}

void Package::Closer::operator()(zip* archive) const { zip_discard(archive); }

Package::Package(zip* archive, absl::string_view file_name, const Limits& limits)
    : archive_(archive), file_name_(file_name), limits_(limits) {}

absl::StatusOr<Package> Package::Open(absl::string_view bytes, absl::string_view file_name,
                                      const Limits& limits) {
  if (bytes.size() > limits.packed_bytes) {
    return TooLarge(file_name, absl::StrCat("文件超过 ", limits.packed_bytes >> 20,
                                            " MB，请拆分为几个文件后分别上传"));
  }
  if (std::string foreign = DescribeForeignFile(bytes, file_name); !foreign.empty()) {
    return BadFile(file_name, foreign);
  }
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) {
    return status::Internal("libzip could not wrap a buffer");
  }
  zip* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    zip_source_free(source);
    zip_error_fini(&error);
    return BadFile(file_name, absl::StrCat("文件不完整或已损坏（可能在上传或复制时中断）",
                                           "，请在 Excel 或 WPS 中打开检查，另存后重新上传"));
  }
  Package package(archive, file_name, limits);
  CHANYAN_RETURN_IF_ERROR(package.CheckEntries());
  return package;
}

absl::Status Package::CheckEntries() {
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  if (count < 0 || static_cast<size_t>(count) > limits_.entries) {
    return TooLarge(file_name_,
                    absl::StrCat("文件内部超过 ", limits_.entries, " 个部件", kSaveAgain));
  }
  for (zip_int64_t i = 0; i < count; ++i) {
    CHANYAN_RETURN_IF_ERROR(CheckEntry(static_cast<uint64_t>(i)));
  }
  if (!Has("[content_types].xml")) {
    return BadFile(file_name_, absl::StrCat("这是压缩包，不是 Excel 工作簿", kSaveAgain));
  }
  return absl::OkStatus();
}

absl::Status Package::CheckEntry(uint64_t index) {
  zip_stat_t stat;
  if (zip_stat_index(archive_.get(), index, 0, &stat) != 0 || (stat.valid & ZIP_STAT_NAME) == 0 ||
      (stat.valid & ZIP_STAT_SIZE) == 0 || (stat.valid & ZIP_STAT_COMP_SIZE) == 0) {
    return BadFile(file_name_, absl::StrCat("文件已损坏", kSaveAgain));
  }
  const absl::string_view name = stat.name;
  const std::string key = PartKey(name);
  if (IsUnsafeName(name)) {
    return BadFile(file_name_, absl::StrCat("文件内部含有不安全的路径", kSaveAgain));
  }
  if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
    return BadFile(file_name_, "文件已加密，请取消密码后重新上传");
  }
  if (absl::EndsWith(key, "vbaproject.bin")) {
    return BadFile(file_name_, absl::StrCat("文件含有宏", kSaveAgain, "（另存时选择不含宏）"));
  }
  if (IsArchiveName(key)) {
    return BadFile(file_name_, "文件内嵌有压缩包或其他文档，请删除嵌入的对象后重新上传");
  }
  // What the header claims can only make the refusal earlier; Read counts what is there.
  claimed_bytes_ += std::min<uint64_t>(stat.size, limits_.unpacked_bytes + 1);
  if (claimed_bytes_ > limits_.unpacked_bytes) {
    return TooLarge(file_name_, absl::StrCat("文件解压后超过 ", limits_.unpacked_bytes >> 20,
                                             " MB，请删除多余的空行、空列和图片后重新上传"));
  }
  if (!entries_.emplace(key, Entry{index, stat.comp_size}).second) {
    return BadFile(file_name_, absl::StrCat("文件内部有重名部件", kSaveAgain));
  }
  return CheckMagic(index);
}

absl::Status Package::CheckMagic(uint64_t index) {
  zip_file_t* file = zip_fopen_index(archive_.get(), index, 0);
  if (file == nullptr) {
    return BadFile(file_name_, absl::StrCat("文件已损坏", kSaveAgain));
  }
  std::array<char, kMagicBytes> head;
  const zip_int64_t got = zip_fread(file, head.data(), head.size());
  zip_fclose(file);
  if (got < 0) {
    return BadFile(file_name_, absl::StrCat("文件已损坏", kSaveAgain));
  }
  if (IsArchiveMagic(absl::string_view(head.data(), static_cast<size_t>(got)))) {
    return BadFile(file_name_, "文件内嵌有压缩包或其他文档，请删除嵌入的对象后重新上传");
  }
  return absl::OkStatus();
}

bool Package::Has(absl::string_view part) const { return entries_.contains(PartKey(part)); }

absl::StatusOr<std::string> Package::Read(absl::string_view part) {
  const auto found = entries_.find(PartKey(part));
  if (found == entries_.end()) {
    return BadFile(file_name_, absl::StrCat("文件缺少内部部件 ", part, kSaveAgain));
  }
  zip_file_t* file = zip_fopen_index(archive_.get(), found->second.index, 0);
  if (file == nullptr) {
    return BadFile(file_name_, absl::StrCat("文件已损坏", kSaveAgain));
  }
  std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> closer(file, &zip_fclose);
  std::string out;
  while (true) {
    const size_t start = out.size();
    out.resize(start + kReadStepBytes);
    const zip_int64_t got = zip_fread(file, out.data() + start, kReadStepBytes);
    if (got < 0) {
      return BadFile(file_name_, absl::StrCat("文件已损坏（校验不符）", kSaveAgain));
    }
    out.resize(start + static_cast<size_t>(got));
    if (got == 0) {
      return out;
    }
    unpacked_bytes_ += static_cast<size_t>(got);
    if (unpacked_bytes_ > limits_.unpacked_bytes) {
      return TooLarge(file_name_, absl::StrCat("文件解压后超过 ", limits_.unpacked_bytes >> 20,
                                               " MB，请删除多余的空行、空列和图片后重新上传"));
    }
    if (out.size() > limits_.ratio_floor_bytes &&
        out.size() / limits_.ratio > found->second.packed_bytes) {
      return TooLarge(file_name_, absl::StrCat("文件解压后膨胀超过 ", limits_.ratio,
                                               " 倍，请删除设置了格式的空行、空列后重新上传"));
    }
  }
}

}  // namespace chanyan::sheet
