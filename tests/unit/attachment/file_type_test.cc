// What a file is, is read from its content: nothing that runs, and nothing that is two things.
#include "common/attachment/file_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/attachment/office_file.h"
#include "common/attachment/store.h"
#include "common/attachment/upload.h"
#include "common/status/status.h"
#include "google/protobuf/wrappers.pb.h"
#include "tests/support/sample_files.h"

namespace chanyan::attachment {
namespace {

using chanyan::testing::kDocxMain;
using chanyan::testing::kPptxMain;
using chanyan::testing::kXlsxMain;
using chanyan::testing::SampleJpeg;
using chanyan::testing::SampleOffice;
using chanyan::testing::SamplePdf;
using chanyan::testing::SamplePng;
using chanyan::testing::ZipOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What is said against the bytes; empty = they are let in.
std::string WhatIsWrong(absl::string_view bytes) {
  const auto type = TypeOf(bytes, "文件");
  if (type.ok()) return "";
  const auto violations = status::ViolationsOf(type.status());
  EXPECT_EQ(violations.size(), 1u) << type.status();
  EXPECT_FALSE(violations.empty() || violations[0].field != "文件") << type.status();
  return violations.empty() ? "?" : violations[0].description;
}

TEST(FileTypeTest, EveryKnownKindIsRecognised) {
  struct Case {
    std::string bytes;
    const char* content_type;
  };
  const Case cases[] = {
      {SamplePdf(), "application/pdf"},
      {SamplePng(), "image/png"},
      {SampleJpeg(), "image/jpeg"},
      {SampleOffice(kDocxMain),
       "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      {SampleOffice(kXlsxMain),
       "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
      {SampleOffice(kPptxMain),
       "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
  };
  std::set<std::string> seen;
  for (const Case& one : cases) {
    const auto type = TypeOf(one.bytes, "文件");
    ASSERT_TRUE(type.ok()) << one.content_type << ": " << type.status();
    EXPECT_EQ(std::string((*type)->content_type), one.content_type);
    seen.insert(one.content_type);
  }
  EXPECT_EQ(seen.size(), KnownTypes().size());
}

TEST(FileTypeTest, WhatRunsIsRefusedByName) {
  struct Case {
    std::string bytes;
    const char* says;
  };
  const std::string tail(64, 'x');
  const Case cases[] = {
      {"", "0 字节"},
      {"MZ" + tail, "可执行程序"},
      {"\x7F"
       "ELF" +
           tail,
       "可执行程序"},
      {"\xCA\xFE\xBA\xBE" + tail, "可执行程序"},
      {"\xCF\xFA\xED\xFE" + tail, "可执行程序"},
      {std::string("\0asm", 4) + tail, "可执行程序"},
      {"#!/bin/sh\n" + tail, "脚本"},
      {"<!DOCTYPE html><p>" + tail, "网页"},
      {"  \n<HTML>" + tail, "网页"},
      {"\xEF\xBB\xBF<script>alert(1)</script>", "网页"},
      {"plain text, then <iframe src=x>", "网页"},
      {"<svg onload=\"alert(1)\"/>", "SVG"},
      {"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>", "SVG"},
      {"<?xml version=\"1.0\"?><a/>", "XML"},
      {"Rar!\x1A\x07", "压缩包"},
      {"7z\xBC\xAF\x27\x1C", "压缩包"},
      {"\x1F\x8B\x08" + tail, "压缩包"},
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + tail, "旧版 Office"},
      {"GIF89a" + tail, "GIF"},
      {"{\\rtf1" + tail, "RTF"},
      {"just some text", "无法识别"},
      {std::string(100, '\0'), "无法识别"},
      {"%PD", "无法识别"},
      {"PK\3\4 not really", "损坏"},
  };
  for (const Case& one : cases) {
    EXPECT_THAT(WhatIsWrong(one.bytes), HasSubstr(one.says)) << one.bytes.substr(0, 20);
  }
}

TEST(FileTypeTest, APictureOrPdfIsNothingElseBesides) {
  const std::string zip = ZipOf({{"payload.class", "x"}});
  EXPECT_THAT(WhatIsWrong(SamplePdf() + zip), HasSubstr("末尾附有压缩包"));
  EXPECT_THAT(WhatIsWrong(SampleJpeg() + zip), HasSubstr("末尾附有压缩包"));
  EXPECT_THAT(WhatIsWrong(SamplePng() + zip), HasSubstr("另有内容"));
  EXPECT_THAT(WhatIsWrong(SamplePng() + "<script>"), HasSubstr("另有内容"));
  // The words alone, not at the end of a zip, are only words.
  EXPECT_THAT(WhatIsWrong(SamplePdf("PK\5\6 in a stream")), IsEmpty());
  // Cut short, or with a chunk that is longer than the file.
  const std::string png = SamplePng();
  for (size_t size = 8; size < png.size(); ++size) {
    EXPECT_THAT(WhatIsWrong(absl::string_view(png).substr(0, size)), HasSubstr("不完整")) << size;
  }
  std::string liar = png;
  liar[8] = '\x7F';
  EXPECT_THAT(WhatIsWrong(liar), HasSubstr("不完整"));
}

TEST(OfficeFileTest, MacrosObjectsAndForeignTemplatesAreRefused) {
  constexpr char kMacroMain[] = "application/vnd.ms-word.document.macroEnabled.main+xml";
  const auto relations = [](absl::string_view type, absl::string_view mode) {
    return absl::StrCat(
        "<Relationships><Relationship Id=\"r1\" "
        "Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/",
        type, "\" Target=\"http://example.cn/t.dotm\" TargetMode=\"", mode, "\"/></Relationships>");
  };
  const std::string template_rels = relations("attachedTemplate", "External");
  struct Case {
    std::string bytes;
    const char* says;
  };
  const Case cases[] = {
      {SampleOffice(kMacroMain), "宏"},
      {SampleOffice(kDocxMain, {{"word/vbaProject.bin", "x"}}), "宏"},
      {SampleOffice(kDocxMain, {{"WORD/VBAPROJECT.BIN", "x"}}), "宏"},
      {SampleOffice(kDocxMain, {{"word/embeddings/book.xlsm", "x"}}), "宏"},
      {SampleOffice(kDocxMain, {{"word/embeddings/oleObject1.bin", "x"}}), "内嵌有对象"},
      {SampleOffice(kDocxMain, {{"word/activeX/activeX1.xml", "x"}}), "内嵌有对象"},
      {SampleOffice(kDocxMain, {{"word/media/setup.exe", "x"}}), "内嵌有对象"},
      {SampleOffice(kDocxMain, {{"word/media/page.html", "x"}}), "内嵌有对象"},
      {SampleOffice(kDocxMain,
                    {{"word/_rels/document.xml.rels", relations("oleObject", "Internal")}}),
       "内嵌有对象"},
      {SampleOffice(kDocxMain, {{"word/_rels/settings.xml.rels", template_rels}}), "外部模板"},
      // Written so that a search for the plain words would not find them.
      {SampleOffice(kDocxMain,
                    {{"word/_rels/settings.xml.rels",
                      absl::StrReplaceAll(template_rels, {{"attached", "&#97;ttached"}})}}),
       "不规范"},
      {SampleOffice(kDocxMain, {{"word/_rels/settings.xml.rels", std::string("<\0R\0", 4)}}),
       "不规范"},
      {SampleOffice(kDocxMain, {{"word/_rels/settings.xml.rels", "<!DOCTYPE a><Relationships/>"}}),
       "不规范"},
      {SampleOffice(kDocxMain, {{"../../evil.xml", "x"}}), "不安全的路径"},
      {SampleOffice(kDocxMain, {{"/etc/passwd", "x"}}), "不安全的路径"},
      {SampleOffice(kDocxMain, {{"C:\\evil.xml", "x"}}), "不安全的路径"},
      {ZipOf({{"a.txt", "x"}}), "不是 Office 文件"},
      {SampleOffice("application/vnd.oasis.opendocument.text"), "不是 .docx"},
      {SampleOffice(absl::StrCat(kDocxMain, "\"/><Override ContentType=\"", kXlsxMain)), "损坏"},
  };
  for (const Case& one : cases) EXPECT_THAT(WhatIsWrong(one.bytes), HasSubstr(one.says));
  // A chart keeps its figures in a workbook, and a link that a reader clicks fetches nothing.
  EXPECT_THAT(WhatIsWrong(SampleOffice(
                  kDocxMain, {{"word/embeddings/Microsoft_Excel_Sheet.xlsx", "x"},
                              {"word/_rels/document.xml.rels", relations("hyperlink", "External")},
                              {"word/_rels/x.rels", relations("attachedTemplate", "Internal")}})),
              IsEmpty());
}

TEST(OfficeFileTest, LimitsAreCountedOnWhatIsThere) {
  chanyan::testing::Parts many;
  for (size_t i = 0; i <= kMaxParts; ++i) many.push_back({absl::StrCat("p/", i), ""});
  EXPECT_EQ(status::ReasonOf(TypeOf(SampleOffice(kDocxMain, many), "文件").status()),
            options::v1::ERROR_REASON_FILE_TOO_LARGE);
  // A few kilobytes that unpack to more than is read.
  const std::string bomb =
      SampleOffice(kDocxMain, {{"word/_rels/a.rels", std::string(kMaxReadBytes + 1, ' ')}});
  EXPECT_LT(bomb.size(), size_t{100'000});
  EXPECT_EQ(status::ReasonOf(TypeOf(bomb, "文件").status()),
            options::v1::ERROR_REASON_FILE_TOO_LARGE);
  // Cut anywhere it is refused, never misread.
  const std::string whole = SampleOffice(kDocxMain);
  for (size_t size = 4; size < whole.size(); size += 7) {
    EXPECT_FALSE(TypeOf(absl::string_view(whole).substr(0, size), "文件").ok()) << size;
  }
}

TEST(DeclaredTest, NameAndTypeMustAgreeWithTheContent) {
  const FileType& pdf = **TypeOf(SamplePdf(), "文件");
  struct Case {
    const char* name;
    const char* declared;
    int violations;
  };
  const Case cases[] = {
      {"报告.pdf", "", 0},
      {"报告.PDF", "application/pdf", 0},
      {"报告.pdf", "application/octet-stream", 0},
      {"报告.pdf", "Application/PDF; charset=binary", 0},
      {"报告.docx", "", 1},
      {"报告", "", 1},
      {"报告.pdf.exe", "", 1},
      {"报告.pdf", "text/html", 1},
      {"报告.pdf", "image/png", 1},
      {"报告.html", "text/html", 2},
  };
  for (const Case& one : cases) {
    const absl::Status checked = CheckDeclared(pdf, one.name, one.declared);
    EXPECT_EQ(status::ViolationsOf(checked).size(), static_cast<size_t>(one.violations))
        << one.name << " " << one.declared << ": " << checked;
  }
  const FileType& jpeg = **TypeOf(SampleJpeg(), "文件");
  EXPECT_TRUE(CheckDeclared(jpeg, "a.jpg", "image/jpeg").ok());
  EXPECT_TRUE(CheckDeclared(jpeg, "a.jpeg", "image/jpeg").ok());
}

TEST(UploadTest, WhatPassesHasNameTypeAndDigest) {
  google::api::HttpBody file;
  file.set_data(SamplePdf());
  file.set_content_type("application/pdf");
  const auto upload = CheckUpload(file, "C:\\资料\\检测报告.pdf");
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(upload->file_name, "检测报告.pdf");
  EXPECT_EQ(upload->content_type, "application/pdf");
  EXPECT_EQ(upload->sha256.size(), 64u);
  file.set_data(std::string(kMaxFileBytes + 1, 'x'));
  EXPECT_EQ(status::ReasonOf(CheckUpload(file, "a.pdf").status()),
            options::v1::ERROR_REASON_FILE_TOO_LARGE);

  const google::api::HttpBody out = AsDownload("application/pdf", "检测报告.pdf", "bytes");
  EXPECT_EQ(out.data(), "bytes");
  google::protobuf::StringValue name;
  ASSERT_EQ(out.extensions_size(), 1);
  ASSERT_TRUE(out.extensions(0).UnpackTo(&name));
  EXPECT_EQ(name.value(), "检测报告.pdf");
}

}  // namespace
}  // namespace chanyan::attachment
