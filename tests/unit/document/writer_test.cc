// Official documents as .docx: what is refused, what GB/T 9704 asks for, the same bytes.
#include "common/document/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <pugixml.hpp>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"

namespace chanyan::document {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr absl::CivilDay kDay(2025, 4, 1);

Properties Given() {
  return {.created = absl::FromUnixSeconds(1'743'469'200), .title = "周报", .creator = "成果处"};
}

// A part of the file; empty if there is none.
std::string Unzipped(const std::string& bytes, const std::string& name) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (archive == nullptr) {
    zip_source_free(source);
    return "";
  }
  std::string text;
  if (zip_file_t* file = zip_fopen(archive, name.c_str(), 0); file != nullptr) {
    char buffer[4096];
    for (zip_int64_t n = 0; (n = zip_fread(file, buffer, sizeof(buffer))) > 0;) {
      text.append(buffer, static_cast<size_t>(n));
    }
    zip_fclose(file);
  }
  zip_discard(archive);
  return text;
}

// The same, well-formed.
std::string Part(const std::string& bytes, const std::string& name) {
  std::string text = Unzipped(bytes, name);
  pugi::xml_document parsed;
  const auto result = parsed.load_buffer(text.data(), text.size());
  EXPECT_TRUE(result) << name << " " << result.description();
  return text;
}

std::string Bytes(Writer writer) {
  auto bytes = std::move(writer).Finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.ok() ? *std::move(bytes) : "";
}

std::string Body(Writer writer) { return Part(Bytes(std::move(writer)), "word/document.xml"); }

// What people read, one paragraph a line.
std::vector<std::string> Read(const std::string& bytes) {
  const std::string text = Unzipped(bytes, "word/document.xml");
  pugi::xml_document part;
  if (!part.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata)) {
    return {};
  }
  std::vector<std::string> lines;
  for (const auto& paragraph : part.select_nodes("//*[local-name()='p']")) {
    std::string line;
    for (const auto& run : paragraph.node().select_nodes(".//*[local-name()='t']")) {
      line += run.node().text().get();
    }
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

size_t Times(const std::string& text, const std::string& what) {
  return std::vector<std::string>(absl::StrSplit(text, what)).size() - 1;
}

void ExpectRefused(Writer writer, const std::string& what) {
  const auto bytes = std::move(writer).Finish();
  EXPECT_EQ(status::ReasonOf(bytes.status()), options::v1::ERROR_REASON_INVALID_FIELD);
  const auto violations = status::ViolationsOf(bytes.status());
  ASSERT_FALSE(violations.empty()) << what;
  EXPECT_THAT(violations.front().description, HasSubstr(what));
}

TEST(DocumentTest, ControlAndDirectionCharactersAreRefusedWithTheirPlace) {
  for (const auto& [text, code] :
       std::vector<std::pair<std::string, std::string>>{{std::string("甲\x07乙"), "U+0007"},
                                                        {std::string("甲\0乙", 7), "U+0000"},
                                                        {"甲\t乙", "U+0009"},
                                                        {"甲\r乙", "U+000D"},
                                                        {"甲\xC2\x85乙", "U+0085"},
                                                        {"甲\xE2\x80\xAE乙", "U+202E"},
                                                        {"甲\xE2\x80\x8B乙", "U+200B"},
                                                        {"甲\xEF\xBB\xBF乙", "U+FEFF"},
                                                        {"甲\xEF\xBF\xBF乙", "U+FFFF"}}) {
    Writer writer(Given());
    writer.Paragraph("好");
    writer.Paragraph(text);
    ExpectRefused(std::move(writer), absl::StrCat("正文第2段：有不可用的字符", code));
  }
  Writer malformed(Given());
  malformed.Title("\xC3\x28");
  ExpectRefused(std::move(malformed), "标题：有不是UTF-8的内容");
  Writer cell(Given());
  cell.Table({.columns = {{"甲"}, {"乙"}}, .rows = {{"1", "2"}, {"3", "\x1B"}}});
  ExpectRefused(std::move(cell), "第1张表第2行第2列：有不可用的字符U+001B");
  Properties properties = Given();
  properties.title = "\x01";
  ExpectRefused(Writer(properties), "文件标题");
}

TEST(DocumentTest, EveryFaultIsNamedAtOnce) {
  Writer writer(Given());
  writer.Title("\x01");
  writer.Heading(1, "\x02");
  writer.Signature("\x03", kDay);
  const auto bytes = std::move(writer).Finish();
  EXPECT_THAT(status::ViolationsOf(bytes.status()), SizeIs(3));
}

TEST(DocumentTest, ARowOfAnotherWidthThanItsTableIsOurFault) {
  Writer writer(Given());
  writer.Table({.columns = {{"甲"}, {"乙"}}, .rows = {{"1"}}});
  EXPECT_TRUE(absl::IsInternal(std::move(writer).Finish().status()));
  Writer none(Given());
  none.Table({});
  EXPECT_TRUE(absl::IsInternal(std::move(none).Finish().status()));
}

TEST(DocumentTest, MarkupIsText) {
  Writer writer(Given());
  const std::string hostile = "</w:t><w:t>&amp; \"甲\" ]]> _x0041_";
  writer.Title(hostile);
  writer.Paragraph(hostile);
  writer.Table({.caption = hostile, .columns = {{hostile}}, .rows = {{hostile}}});
  const std::string bytes = Bytes(std::move(writer));
  EXPECT_THAT(Read(bytes), ElementsAre(hostile, hostile, hostile, hostile, hostile));
  EXPECT_THAT(Part(bytes, "word/document.xml"), Not(HasSubstr("</w:t><w:t>&amp;amp;</w:t>")));
}

TEST(DocumentTest, HeadingsAreCountedAndBeginAnewBelowTheNext) {
  Writer writer(Given());
  writer.Heading(1, "总体");
  writer.Heading(2, "甲");
  writer.Heading(2, "乙");
  writer.Heading(3, "其一");
  writer.Heading(3, "其二");
  writer.Heading(1, "问题");
  writer.Heading(2, "丙");
  EXPECT_THAT(
      Read(Bytes(std::move(writer))),
      ElementsAre("一、总体", "（一）甲", "（二）乙", "1.其一", "2.其二", "二、问题", "（一）丙"));
}

TEST(DocumentTest, NumbersInChinese) {
  EXPECT_EQ(ChineseNumber(1), "一");
  EXPECT_EQ(ChineseNumber(10), "十");
  EXPECT_EQ(ChineseNumber(11), "十一");
  EXPECT_EQ(ChineseNumber(20), "二十");
  EXPECT_EQ(ChineseNumber(99), "九十九");
  EXPECT_EQ(ChineseNumber(100), "100");
  EXPECT_EQ(ChineseNumber(0), "0");
}

TEST(DocumentTest, LineBreaksBeginParagraphsAndLinesOfCells) {
  Writer writer(Given());
  writer.Paragraph("第一段\r\n\n  \n第二段\n");
  writer.Table({.columns = {{"甲"}}, .rows = {{"上\n下"}}});
  EXPECT_THAT(Read(Bytes(std::move(writer))), ElementsAre("第一段", "第二段", "甲", "上", "下"));
}

TEST(DocumentTest, APageIsAsTheStandardSays) {
  Writer writer(Given());
  writer.Paragraph("甲");
  const std::string bytes = Bytes(std::move(writer));
  const std::string body = Part(bytes, "word/document.xml");
  // 210 × 297 mm; 37, 26, 35 and 28 mm; in twentieths of a point.
  EXPECT_THAT(body, HasSubstr("<w:pgSz w:w=\"11906\" w:h=\"16838\"/>"));
  EXPECT_THAT(body, HasSubstr("<w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" "
                              "w:left=\"1588\""));
  const std::string styles = Part(bytes, "word/styles.xml");
  // Title 二号, body 三号 with two characters' indent and a fixed line of 28.95 points.
  EXPECT_THAT(styles, AllOf(HasSubstr("w:eastAsia=\"方正小标宋简体\"/><w:sz w:val=\"44\"/>"),
                            HasSubstr("w:line=\"579\" w:lineRule=\"exact\"/>"
                                      "<w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/>"),
                            HasSubstr("w:eastAsia=\"黑体\""), HasSubstr("w:eastAsia=\"楷体\""),
                            HasSubstr("w:eastAsia=\"仿宋\"")));
  EXPECT_THAT(Part(bytes, "word/settings.xml"), HasSubstr("<w:evenAndOddHeaders/>"));
  EXPECT_THAT(Part(bytes, "word/footer1.xml"),
              AllOf(HasSubstr("— <"), HasSubstr(" PAGE "), HasSubstr("<w:jc w:val=\"right\"/>")));
  EXPECT_THAT(Part(bytes, "word/footer2.xml"), HasSubstr("<w:jc w:val=\"left\"/>"));
  for (const char* part : {"[Content_Types].xml", "_rels/.rels", "docProps/core.xml",
                           "word/_rels/document.xml.rels", "word/fontTable.xml"}) {
    EXPECT_NE(Part(bytes, part), "") << part;
  }
}

TEST(DocumentTest, ALongTableRepeatsItsHeaderAndBreaksNoRow) {
  Table table{.caption = "表1　清单",
              .columns = {{"序号", 1, Align::kCentre}, {"名称", 4}, {"金额", 2, Align::kRight}}};
  for (int i = 1; i <= 3000; ++i) {
    table.rows.push_back({absl::StrCat(i), absl::StrCat("成果", i), "1,000"});
  }
  Writer writer(Given());
  writer.Table(table);
  const std::string body = Body(std::move(writer));
  EXPECT_EQ(Times(body, "<w:tblHeader/>"), 1u);
  EXPECT_EQ(Times(body, "<w:cantSplit/>"), 3001u);
  EXPECT_EQ(Times(body, "</w:tc>"), 3001u * 3);
  // Widths add up to the 156 mm between the margins.
  EXPECT_THAT(body, HasSubstr("<w:gridCol w:w=\"1263\"/><w:gridCol w:w=\"5053\"/>"
                              "<w:gridCol w:w=\"2528\"/>"));
  EXPECT_THAT(body, HasSubstr("<w:insideH w:val=\"single\""));
}

TEST(DocumentTest, TheSealHasItsPlace) {
  Writer writer(Given());
  writer.Addressee("局主要领导、局分管领导");
  writer.Attachments({"清单", "名单"});
  writer.Signature("青岛市科学技术局", kDay);
  writer.Imprint({.copies_to = "市委办公厅", .printed_by = "成果处", .print_day = kDay});
  const std::string bytes = Bytes(std::move(writer));
  EXPECT_THAT(Read(bytes),
              ElementsAre("局主要领导、局分管领导：", "附件：1.清单", "2.名单", "青岛市科学技术局",
                          "2025年4月1日", "抄送：市委办公厅。", "成果处2025年4月1日印发"));
  const std::string body = Part(bytes, "word/document.xml");
  // Four characters from the right; eight characters of name over six of date: one less.
  EXPECT_THAT(body, HasSubstr("w:rightChars=\"400\" w:right=\"1280\""));
  EXPECT_THAT(body, HasSubstr("w:rightChars=\"300\" w:right=\"960\""));
  // A name wider than the page would allow stays within it.
  Writer wide(Given());
  wide.Signature("青岛市科学技术局成果转化与创新孵化处科技成果产研对接领导小组办公室", kDay);
  EXPECT_THAT(Body(std::move(wide)), HasSubstr("w:rightChars=\"0\""));
}

TEST(DocumentTest, TheHeadOfAnIssueAndOfALetter) {
  Writer issue(Given());
  issue.Masthead(
      {.mark = "科技成果转化专报", .number = "〔2025〕第1期", .issuer = "成果处", .day = kDay});
  EXPECT_THAT(Read(Bytes(std::move(issue))),
              ElementsAre("科技成果转化专报", "〔2025〕第1期", "成果处2025年4月1日"));
  Writer letter(Given());
  letter.Masthead(
      {.mark = "青岛市科学技术局文件", .number = "青科字〔2025〕1号", .issuer = "", .day = kDay});
  EXPECT_THAT(Read(Bytes(std::move(letter))),
              ElementsAre("青岛市科学技术局文件", "青科字〔2025〕1号"));
}

TEST(DocumentTest, TheSameCallsMakeTheSameBytes) {
  const auto make = [](absl::string_view text) {
    Writer writer(Given());
    writer.Title("题");
    writer.Paragraph(text);
    writer.Table({.columns = {{"甲"}}, .rows = {{"乙"}}});
    writer.Signature("成果处", kDay);
    return Bytes(std::move(writer));
  };
  EXPECT_EQ(make("甲"), make("甲"));
  EXPECT_NE(make("甲"), make("乙"));
}

}  // namespace
}  // namespace chanyan::document
