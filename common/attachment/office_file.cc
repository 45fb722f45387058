#include "common/attachment/office_file.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <zip.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"

namespace chanyan::attachment {
namespace {

constexpr char kTypesPart[] = "[content_types].xml";
constexpr char kDamaged[] = "文件不完整或已损坏，请用 Office 或 WPS 打开检查，另存后重新上传";
constexpr char kMacros[] = "文件含有宏，请另存为不含宏的格式后上传";
constexpr char kObjects[] = "文件内嵌有对象或控件，请删除后（或另存为 PDF）重新上传";

struct MainType {
  // Content type of the part that makes a file a document, a workbook or a presentation.
  absl::string_view type;
  OfficeKind kind;
};
constexpr MainType kMainTypes[] = {
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
     OfficeKind::kDocument},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
     OfficeKind::kWorkbook},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
     OfficeKind::kPresentation},
};

// Names of parts that run, or that hold what may. Charts keep their figures in embedded .xlsx
// files, and drawings may be .svg, which are let in: what has macros ends otherwise, and no browser
// opens a part by itself.
constexpr absl::string_view kMacroEnds[] = {"vbaproject.bin", "vbadata.xml", ".docm", ".xlsm",
                                            ".pptm",          ".xlsb",       ".dotm", ".xlam"};
constexpr absl::string_view kObjectEnds[] = {".exe", ".dll", ".com", ".scr", ".bat", ".cmd", ".ps1",
                                             ".vbs", ".js",  ".jar", ".msi", ".lnk", ".hta", ".ole",
                                             ".zip", ".rar", ".7z",  ".htm", ".html"};

absl::Status Bad(absl::string_view place, absl::string_view message) {
  return status::InvalidField(place, message, options::v1::ERROR_REASON_INVALID_FILE);
}

absl::Status TooLarge(absl::string_view place, absl::string_view message) {
  return status::InvalidField(place, message, options::v1::ERROR_REASON_FILE_TOO_LARGE);
}

bool EndsWithAny(absl::string_view text, absl::Span<const absl::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](absl::string_view end) { return absl::EndsWith(text, end); });
}

bool LeavesItsFolder(absl::string_view name) {
  if (name.empty() || name[0] == '/' || absl::StrContains(name, ":")) return true;
  const std::vector<absl::string_view> segments = absl::StrSplit(name, absl::ByAnyChar("/\\"));
  return std::any_of(segments.begin(), segments.end(),
                     [](absl::string_view segment) { return segment == ".."; }) ||
         std::any_of(name.begin(), name.end(), [](char c) { return absl::ascii_iscntrl(c); });
}

class OfficeFile {
 public:
  OfficeFile(absl::string_view bytes, absl::string_view place) : bytes_(bytes), place_(place) {}

  absl::StatusOr<OfficeKind> Kind() {
    CHANYAN_RETURN_IF_ERROR(Open());
    CHANYAN_RETURN_IF_ERROR(LookAtParts());
    if (types_part_ < 0) {
      return Bad(place_, "文件是压缩包，不是 Office 文件，请解压后逐个上传其中的文件");
    }
    CHANYAN_ASSIGN_OR_RETURN(const OfficeKind kind, ReadTypes());
    for (const zip_uint64_t relations : relation_parts_) {
      CHANYAN_RETURN_IF_ERROR(LookAtRelations(relations));
    }
    return kind;
  }

 private:
  struct Closer {
    void operator()(zip* archive) const { zip_discard(archive); }
  };

  absl::Status Open() {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes_.data(), bytes_.size(), 0, &error);
    if (source == nullptr) return status::Internal("libzip could not wrap a buffer");
    zip* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (archive == nullptr) {
      zip_source_free(source);
      zip_error_fini(&error);
      return Bad(place_, kDamaged);
    }
    archive_.reset(archive);
    return absl::OkStatus();
  }

  absl::Status LookAtParts() {
    const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
    if (count < 0 || static_cast<size_t>(count) > kMaxParts) {
      return TooLarge(place_, absl::StrCat("文件内部超过 ", kMaxParts, " 个部件，请拆分后上传"));
    }
    uint64_t unpacked = 0;
    for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
      zip_stat_t stat;
      if (zip_stat_index(archive_.get(), i, 0, &stat) != 0 || (stat.valid & ZIP_STAT_NAME) == 0 ||
          (stat.valid & ZIP_STAT_SIZE) == 0) {
        return Bad(place_, kDamaged);
      }
      if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
        return Bad(place_, "文件已加密，请取消密码后重新上传");
      }
      unpacked += std::min<uint64_t>(stat.size, kMaxUnpackedBytes + 1);
      if (unpacked > kMaxUnpackedBytes) {
        return TooLarge(place_, absl::StrCat("文件解压后超过 ", kMaxUnpackedBytes >> 20,
                                             " MB，请压缩其中的图片或拆分后上传"));
      }
      CHANYAN_RETURN_IF_ERROR(LookAtName(i, stat.name));
    }
    return absl::OkStatus();
  }

  absl::Status LookAtName(zip_uint64_t index, absl::string_view name) {
    if (LeavesItsFolder(name)) return Bad(place_, "文件内部含有不安全的路径，请另存后重新上传");
    const std::string part = absl::AsciiStrToLower(name);
    if (EndsWithAny(part, kMacroEnds)) return Bad(place_, kMacros);
    if (EndsWithAny(part, kObjectEnds) || absl::StrContains(part, "/activex/") ||
        absl::StrContains(part, "oleobject")) {
      return Bad(place_, kObjects);
    }
    if (part == kTypesPart) {
      if (types_part_ >= 0) return Bad(place_, kDamaged);
      types_part_ = static_cast<zip_int64_t>(index);
    } else if (absl::EndsWith(part, ".rels")) {
      relation_parts_.push_back(index);
    }
    return absl::OkStatus();
  }

  // In lower case. What is looked for must stand there in plain letters: Office writes these parts
  // so, and whoever does not could hide it.
  absl::StatusOr<std::string> Read(zip_uint64_t index) {
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(
        zip_fopen_index(archive_.get(), index, 0), &zip_fclose);
    if (file == nullptr) return Bad(place_, kDamaged);
    std::string out;
    std::array<char, 16 * 1024> piece;
    while (true) {
      const zip_int64_t got = zip_fread(file.get(), piece.data(), piece.size());
      if (got < 0) return Bad(place_, kDamaged);
      if (got == 0) break;
      out.append(piece.data(), static_cast<size_t>(got));
      read_bytes_ += static_cast<size_t>(got);
      if (read_bytes_ > kMaxReadBytes) {
        return TooLarge(place_, "文件的内部目录过大，请拆分后上传");
      }
    }
    absl::AsciiStrToLower(&out);
    for (absl::string_view odd : {absl::string_view("\0", 1), absl::string_view("&#"),
                                  absl::string_view("<!doctype"), absl::string_view("<!entity")}) {
      if (absl::StrContains(out, odd)) {
        return Bad(place_, "文件的内部目录写法不规范，请用 Office 或 WPS 另存后重新上传");
      }
    }
    return out;
  }

  absl::StatusOr<OfficeKind> ReadTypes() {
    CHANYAN_ASSIGN_OR_RETURN(const std::string types, Read(static_cast<zip_uint64_t>(types_part_)));
    if (absl::StrContains(types, "macroenabled") || absl::StrContains(types, "vbaproject")) {
      return Bad(place_, kMacros);
    }
    const MainType* found = nullptr;
    for (const MainType& main : kMainTypes) {
      if (!absl::StrContains(types, absl::StrCat("\"", main.type, "\""))) continue;
      if (found != nullptr) return Bad(place_, kDamaged);
      found = &main;
    }
    if (found == nullptr) {
      return Bad(place_, "文件不是 .docx、.xlsx 或 .pptx（如模板、OpenDocument 等），请另存后上传");
    }
    return found->kind;
  }

  absl::Status LookAtRelations(zip_uint64_t index) {
    CHANYAN_ASSIGN_OR_RETURN(const std::string relations, Read(index));
    if (absl::StrContains(relations, "/relationships/oleobject") ||
        absl::StrContains(relations, "/relationships/control")) {
      return Bad(place_, kObjects);
    }
    if (absl::StrContains(relations, "/relationships/attachedtemplate") &&
        absl::StrContains(relations, "\"external\"")) {
      return Bad(place_, "文件引用了外部模板，打开时会从别处加载内容，请改用本机模板另存后上传");
    }
    return absl::OkStatus();
  }

  const absl::string_view bytes_;
  const absl::string_view place_;
  std::unique_ptr<zip, Closer> archive_;
  zip_int64_t types_part_ = -1;
  std::vector<zip_uint64_t> relation_parts_;
  size_t read_bytes_ = 0;
};

}  // namespace

absl::StatusOr<OfficeKind> OfficeKindOf(absl::string_view bytes, absl::string_view place) {
  return OfficeFile(bytes, place).Kind();
}

}  // namespace chanyan::attachment
