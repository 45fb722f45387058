#include "common/attachment/file_type.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/attachment/office_file.h"
#include "common/status/status.h"

namespace chanyan::attachment {
namespace {

constexpr absl::string_view kPdfExtensions[] = {"pdf"};
constexpr absl::string_view kPngExtensions[] = {"png"};
constexpr absl::string_view kJpegExtensions[] = {"jpg", "jpeg"};
constexpr absl::string_view kDocxExtensions[] = {"docx"};
constexpr absl::string_view kXlsxExtensions[] = {"xlsx"};
constexpr absl::string_view kPptxExtensions[] = {"pptx"};

constexpr FileType kTypes[] = {
    {"application/pdf", "PDF", kPdfExtensions},
    {"image/png", "PNG 图片", kPngExtensions},
    {"image/jpeg", "JPEG 图片", kJpegExtensions},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx 文档",
     kDocxExtensions},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx 工作簿",
     kXlsxExtensions},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx 演示文稿",
     kPptxExtensions},
};
enum TypeIndex { kPdf, kPng, kJpeg, kDocx, kXlsx, kPptx };

constexpr absl::string_view kPngMagic = "\x89PNG\r\n\x1A\n";
constexpr absl::string_view kJpegMagic = "\xFF\xD8\xFF";
constexpr absl::string_view kZipMagic = "PK\3\4";
// Record at the end of a .zip, and its size without the comment.
constexpr absl::string_view kZipEnd = "PK\5\6";
constexpr size_t kZipEndBytes = 22;
constexpr size_t kMaxZipComment = 65'535;
// Enough of a text to tell whether it is a page.
constexpr size_t kSniffBytes = 4096;

// What a file begins with that is refused by name.
struct Foreign {
  absl::string_view magic;
  absl::string_view what;
};
constexpr absl::string_view kProgram = "是可执行程序，不能作为附件";
constexpr absl::string_view kArchive = "是压缩包，请解压后逐个上传其中的文件";
constexpr Foreign kForeign[] = {
    {absl::string_view("MZ", 2), kProgram},
    {absl::string_view("\x7F"
                       "ELF",
                       4),
     kProgram},
    {absl::string_view("\xFE\xED\xFA\xCE", 4), kProgram},
    {absl::string_view("\xFE\xED\xFA\xCF", 4), kProgram},
    {absl::string_view("\xCE\xFA\xED\xFE", 4), kProgram},
    {absl::string_view("\xCF\xFA\xED\xFE", 4), kProgram},
    {absl::string_view("\xCA\xFE\xBA\xBE", 4), kProgram},
    {absl::string_view("\0asm", 4), kProgram},
    {absl::string_view("#!", 2), "是脚本，不能作为附件"},
    {absl::string_view("Rar!", 4), kArchive},
    {absl::string_view("7z\xBC\xAF", 4), kArchive},
    {absl::string_view("\x1F\x8B\x08", 3), kArchive},
    {absl::string_view("BZh", 3), kArchive},
    {absl::string_view("\xFD"
                       "7zXZ",
                       5),
     kArchive},
    {absl::string_view("\xD0\xCF\x11\xE0", 4),
     "是旧版 Office 文件（.doc、.xls、.ppt）或设了打开密码，请取消密码并另存为 "
     ".docx、.xlsx、.pptx 或 PDF 后上传"},
    {absl::string_view("GIF8", 4), "是 GIF 图片，请另存为 PNG 或 JPEG 后上传"},
    {absl::string_view("{\\rtf", 5), "是 RTF 文档，请另存为 .docx 或 PDF 后上传"},
};

absl::Status Refuse(absl::string_view place, absl::string_view what) {
  return status::InvalidField(place, absl::StrCat("文件", what),
                              options::v1::ERROR_REASON_INVALID_FILE);
}

uint32_t BigEndian(absl::string_view bytes) {
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

uint32_t LittleEndian16(absl::string_view bytes) {
  return static_cast<unsigned char>(bytes[0]) | static_cast<unsigned char>(bytes[1]) << 8;
}

// A zip is read from its end, so one behind another file makes two files of one.
bool EndsAsZip(absl::string_view bytes) {
  if (bytes.size() < kZipEndBytes) return false;
  const size_t reach = std::min(bytes.size(), kZipEndBytes + kMaxZipComment);
  absl::string_view tail = bytes.substr(bytes.size() - reach);
  for (size_t at = tail.find(kZipEnd); at != absl::string_view::npos;
       at = tail.find(kZipEnd, at + 1)) {
    const absl::string_view record = tail.substr(at);
    if (record.size() < kZipEndBytes) return false;
    if (LittleEndian16(record.substr(20)) == record.size() - kZipEndBytes) return true;
  }
  return false;
}

// Chunks from IHDR to IEND, and nothing behind. Length, type, data, check: 12 bytes and the data.
bool IsWholePng(absl::string_view bytes) {
  constexpr size_t kChunkFrame = 12;
  absl::string_view rest = bytes.substr(kPngMagic.size());
  bool first = true;
  while (rest.size() >= kChunkFrame) {
    const uint32_t length = BigEndian(rest);
    const absl::string_view type = rest.substr(4, 4);
    if (first && type != "IHDR") return false;
    first = false;
    if (length > rest.size() - kChunkFrame) return false;
    rest.remove_prefix(kChunkFrame + length);
    if (type == "IEND") return rest.empty();
  }
  return false;
}

// Whether a text is a page, a drawing or a script for a browser.
std::string DescribeText(absl::string_view bytes) {
  absl::string_view head = bytes.substr(0, kSniffBytes);
  absl::ConsumePrefix(&head, "\xEF\xBB\xBF");
  const std::string text = absl::AsciiStrToLower(absl::StripLeadingAsciiWhitespace(head));
  if (absl::StrContains(text, "<svg")) return "是 SVG 图形，请另存为 PNG 或 PDF 后上传";
  for (absl::string_view tag :
       {"<!doctype html", "<html", "<script", "<head", "<body", "<iframe", "<table", "<meta"}) {
    if (absl::StrContains(text, tag)) return "是网页（HTML），请另存为 PDF 后上传";
  }
  if (absl::StartsWith(text, "<")) return "是 XML 文本，请另存为 PDF 后上传";
  return "";
}

}  // namespace

absl::Span<const FileType> KnownTypes() { return kTypes; }

std::string KnownTypesText() {
  std::string out;
  for (const FileType& type : kTypes) absl::StrAppend(&out, out.empty() ? "" : "、", type.label);
  return out;
}

absl::StatusOr<const FileType*> TypeOf(absl::string_view bytes, absl::string_view place) {
  if (bytes.empty()) return Refuse(place, "是空的（0 字节），请检查后重新上传");
  if (absl::StartsWith(bytes, kZipMagic)) {
    CHANYAN_ASSIGN_OR_RETURN(const OfficeKind kind, OfficeKindOf(bytes, place));
    return &kTypes[kind == OfficeKind::kDocument   ? kDocx
                   : kind == OfficeKind::kWorkbook ? kXlsx
                                                   : kPptx];
  }
  const FileType* type = nullptr;
  if (absl::StartsWith(bytes, "%PDF-")) {
    type = &kTypes[kPdf];
  } else if (absl::StartsWith(bytes, kPngMagic)) {
    if (!IsWholePng(bytes)) {
      return Refuse(place, "的 PNG 数据不完整，或图片之后另有内容，请重新导出后上传");
    }
    type = &kTypes[kPng];
  } else if (absl::StartsWith(bytes, kJpegMagic)) {
    type = &kTypes[kJpeg];
  }
  if (type != nullptr) {
    if (EndsAsZip(bytes)) return Refuse(place, "末尾附有压缩包，请重新导出后上传");
    return type;
  }
  for (const Foreign& foreign : kForeign) {
    if (absl::StartsWith(bytes, foreign.magic)) return Refuse(place, foreign.what);
  }
  if (std::string text = DescribeText(bytes); !text.empty()) return Refuse(place, text);
  return Refuse(place, absl::StrCat("类型无法识别，只接受 ", KnownTypesText()));
}

absl::Status CheckDeclared(const FileType& type, absl::string_view file_name,
                           absl::string_view declared_type) {
  const size_t point = file_name.rfind('.');
  const std::string extension = absl::AsciiStrToLower(
      point == absl::string_view::npos ? absl::string_view() : file_name.substr(point + 1));
  std::vector<status::Violation> violations;
  if (std::find(type.extensions.begin(), type.extensions.end(), extension) ==
      type.extensions.end()) {
    violations.push_back(
        {"file_name", absl::StrCat("“", file_name, "”的内容是 ", type.label, "，扩展名应为 .",
                                   type.extensions[0], "，请核对文件")});
  }
  const std::string declared = absl::AsciiStrToLower(
      absl::StripAsciiWhitespace(declared_type.substr(0, declared_type.find(';'))));
  const bool says_nothing = declared.empty() || declared == "application/octet-stream";
  if (!says_nothing && declared != type.content_type) {
    violations.push_back(
        {"file.content_type", absl::StrCat("声明的类型是 ", declared, "，内容是 ", type.label, "（",
                                           type.content_type, "），请核对文件")});
  }
  if (violations.empty()) return absl::OkStatus();
  return status::InvalidFields(std::move(violations), options::v1::ERROR_REASON_INVALID_FILE);
}

}  // namespace chanyan::attachment
