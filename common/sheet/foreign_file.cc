#include "common/sheet/foreign_file.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/api/text.h"
#include "common/sheet/text.h"

namespace chanyan::sheet {
namespace {

constexpr char kSaveAsXlsx[] = "请用 Excel 或 WPS 打开后另存为 .xlsx 再重新上传";
// Enough of a text file to tell its encoding and whether it is a page.
constexpr size_t kSniffBytes = 64 * 1024;

absl::string_view ExtensionOf(absl::string_view file_name) {
  const size_t dot = file_name.rfind('.');
  return dot == absl::string_view::npos ? absl::string_view() : file_name.substr(dot + 1);
}

// The stream of that name holds the real file of an Office document with a password; names in the
// container are UTF-16LE.
bool HasEncryptedPackage(absl::string_view ole) {
  std::string wide;
  for (char c : absl::string_view("EncryptedPackage")) {
    wide.push_back(c);
    wide.push_back('\0');
  }
  return absl::StrContains(ole, wide);
}

std::string DescribeText(absl::string_view bytes) {
  const absl::string_view sample = bytes.substr(0, kSniffBytes);
  absl::string_view text = sample;
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  const std::string lower = absl::AsciiStrToLower(absl::StripLeadingAsciiWhitespace(text));
  if (absl::StartsWith(lower, "<!doctype html") || absl::StartsWith(lower, "<html") ||
      absl::StartsWith(lower, "<table") || absl::StartsWith(lower, "<meta")) {
    return absl::StrCat("文件其实是网页（HTML），不是 Excel 工作簿，", kSaveAsXlsx);
  }
  if (absl::StartsWith(lower, "<")) {
    return absl::StrCat("文件其实是 XML 文本，不是 .xlsx 工作簿，", kSaveAsXlsx);
  }
  if (absl::StrContains(sample, '\0')) {
    return absl::StrCat("文件不是 Excel 工作簿，", kSaveAsXlsx);
  }
  if (!api::IsValidUtf8(sample, /*may_be_cut=*/true)) {
    return absl::StrCat("文件是 GBK 等编码的文本（如 .csv），不是 .xlsx 工作簿，", kSaveAsXlsx);
  }
  return absl::StrCat("文件是文本（如 .csv），不是 .xlsx 工作簿，", kSaveAsXlsx);
}

}  // namespace

std::string DescribeForeignFile(absl::string_view bytes, absl::string_view file_name) {
  if (bytes.empty()) {
    return "文件是空的（0 字节），请检查后重新上传";
  }
  if (absl::StartsWith(bytes, kOleMagic)) {
    return HasEncryptedPackage(bytes)
               ? std::string("文件设了打开密码，请在 Excel 或 WPS 中取消密码后重新上传")
               : absl::StrCat("文件是旧版 .xls 或 .et 格式，", kSaveAsXlsx);
  }
  if (absl::StartsWith(bytes, "%PDF")) {
    return "文件是 PDF，请上传填写好的 .xlsx 工作簿";
  }
  if (!absl::StartsWith(bytes, "PK")) {
    return DescribeText(bytes);
  }
  const absl::string_view extension = ExtensionOf(file_name);
  if (!extension.empty() && !absl::EqualsIgnoreCase(extension, "xlsx")) {
    return absl::StrCat("文件扩展名是 .", extension, "，只接受 .xlsx，", kSaveAsXlsx);
  }
  // The first entry of an OpenDocument file says so, unpacked.
  if (absl::StrContains(bytes.substr(0, 128), "application/vnd.oasis.opendocument")) {
    return absl::StrCat("文件是 OpenDocument 格式，", kSaveAsXlsx);
  }
  return "";
}

}  // namespace chanyan::sheet
