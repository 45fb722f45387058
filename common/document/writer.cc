#include "common/document/writer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/api/text.h"
#include "common/document/parts.h"
#include "common/sheet/zip_writer.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::document {
namespace {

constexpr absl::string_view kDigits[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
// Faults that are spelled out.
constexpr size_t kMaxFaults = 20;

uint32_t CodePoint(absl::string_view character) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(character[i]); };
  switch (character.size()) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu);
    case 3:
      return (byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
    default:
      return (byte(0) & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 |
             (byte(3) & 0x3Fu);
  }
}

// What may not stand in a document: controls (line breaks are taken out before), characters that
// turn the direction or are not seen, and those that XML has no place for.
bool IsRefused(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c & 0xFFFE) == 0xFFFE || (c >= 0xFFF9 && c <= 0xFFFB);
}

absl::string_view EscapeOf(absl::string_view character) {
  if (character == "&") return "&amp;";
  if (character == "<") return "&lt;";
  if (character == ">") return "&gt;";
  if (character == "\"") return "&quot;";
  return character;
}

// Width in ems: what is not ASCII is as wide as it is high.
double Ems(absl::string_view text) {
  double ems = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) ems += 0.5;
    if (byte >= 0xC0) ems += 1;
  }
  return ems;
}

std::vector<std::string> Lines(absl::string_view text) {
  const std::string unified = absl::StrReplaceAll(text, {{"\r\n", "\n"}});
  return absl::StrSplit(unified, '\n');
}

std::string Run(absl::string_view escaped) {
  return absl::StrCat("<w:r><w:t xml:space=\"preserve\">", escaped, "</w:t></w:r>");
}

// Indent from the right margin in characters.
std::string RightIndent(double characters) {
  const int hundredths = static_cast<int>(std::max(0.0, characters) * 100);
  return absl::StrCat("<w:ind w:rightChars=\"", hundredths, "\" w:right=\"",
                      hundredths * kCharacter / 100, "\"/>");
}

absl::string_view AlignName(Align align) {
  switch (align) {
    case Align::kCentre:
      return "center";
    case Align::kRight:
      return "right";
    default:
      return "left";
  }
}

// Widths that add up to the page's.
std::vector<int> WidthsOf(const std::vector<Column>& columns) {
  int shares = 0;
  for (const Column& column : columns) shares += std::max(1, column.width);
  std::vector<int> widths;
  int left = kTextWidth;
  for (size_t i = 0; i < columns.size(); ++i) {
    const int width = i + 1 == columns.size()
                          ? left
                          : kTextWidth * std::max(1, columns[i].width) / std::max(1, shares);
    widths.push_back(width);
    left -= width;
  }
  return widths;
}

std::string TableHead(const std::vector<int>& widths) {
  std::string xml = absl::StrCat("<w:tbl><w:tblPr><w:tblW w:w=\"", kTextWidth,
                                 "\" w:type=\"dxa\"/><w:jc w:val=\"center\"/><w:tblBorders>");
  for (const absl::string_view side : {"top", "left", "bottom", "right", "insideH", "insideV"}) {
    absl::StrAppend(&xml, "<w:", side,
                    " w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>");
  }
  absl::StrAppend(&xml,
                  "</w:tblBorders><w:tblLayout w:type=\"fixed\"/><w:tblCellMar>"
                  "<w:left w:w=\"57\" w:type=\"dxa\"/><w:right w:w=\"57\" w:type=\"dxa\"/>"
                  "</w:tblCellMar></w:tblPr><w:tblGrid>");
  for (const int width : widths) absl::StrAppend(&xml, "<w:gridCol w:w=\"", width, "\"/>");
  return absl::StrCat(xml, "</w:tblGrid>");
}

std::string CellHead(int width) {
  return absl::StrCat("<w:tc><w:tcPr><w:tcW w:w=\"", width,
                      "\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>");
}

}  // namespace

std::string ChineseNumber(int number) {
  if (number < 1 || number > 99) return absl::StrCat(number);
  const int tens = number / 10;
  return absl::StrCat(tens > 1 ? kDigits[tens] : "", tens > 0 ? "十" : "", kDigits[number % 10]);
}

Writer::Writer(Properties properties) : properties_(std::move(properties)) {}

std::string Writer::Text(absl::string_view text, absl::string_view where) {
  std::string out;
  while (!text.empty()) {
    bool cut = false;
    const size_t length = api::CharacterBytes(text, &cut);
    const absl::string_view character = text.substr(0, length == 0 ? 1 : length);
    if (length == 0) {
      faults_.push_back(absl::StrCat(where, "：有不是UTF-8的内容"));
      return out;
    }
    if (const uint32_t c = CodePoint(character); IsRefused(c)) {
      faults_.push_back(absl::StrFormat("%s：有不可用的字符U+%04X", where, c));
      return out;
    }
    absl::StrAppend(&out, EscapeOf(character));
    text.remove_prefix(length);
  }
  return out;
}

void Writer::Line(absl::string_view style, absl::string_view text, absl::string_view where,
                  absl::string_view extra) {
  absl::StrAppend(&body_, "<w:p><w:pPr><w:pStyle w:val=\"", style, "\"/>", extra, "</w:pPr>",
                  text.empty() ? "" : Run(Text(text, where)), "</w:p>");
}

void Writer::Masthead(const document::Masthead& masthead) {
  Line(kMark, masthead.mark, "发文机关标志");
  if (masthead.issuer.empty()) {
    Line(kNumberLine, masthead.number, "发文字号", "<w:jc w:val=\"center\"/>");
    return;
  }
  if (!masthead.number.empty()) {
    Line(kAddressee, masthead.number, "期号", "<w:jc w:val=\"center\"/>");
  }
  absl::StrAppend(&body_, "<w:p><w:pPr><w:pStyle w:val=\"", kNumberLine, "\"/></w:pPr>",
                  Run(Text(masthead.issuer, "编发单位")), "<w:r><w:tab/></w:r>",
                  Run(time::FormatDateZh(masthead.day)), "</w:p>");
}

void Writer::Title(absl::string_view text) {
  const std::vector<std::string> lines = Lines(text);
  for (size_t i = 0; i < lines.size(); ++i) {
    // Lines of one title belong together.
    Line(kTitle, lines[i], "标题",
         i + 1 < lines.size()
             ? "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"660\" w:lineRule=\"exact\"/>"
             : "");
  }
}

void Writer::Addressee(absl::string_view text) {
  Line(kAddressee, absl::StrCat(text, "："), "主送机关");
}

void Writer::Heading(int level, absl::string_view text) {
  level = std::clamp(level, 1, 3);
  ++heading_[level - 1];
  std::fill(heading_ + level, heading_ + 3, 0);
  const int number = heading_[level - 1];
  const std::string mark = level == 1   ? absl::StrCat(ChineseNumber(number), "、")
                           : level == 2 ? absl::StrCat("（", ChineseNumber(number), "）")
                                        : absl::StrCat(number, ".");
  Line(absl::StrCat(kHeading, level), absl::StrCat(mark, text), absl::StrCat("标题“", mark, "”"));
}

void Writer::Paragraph(absl::string_view text) {
  for (const std::string& line : Lines(text)) {
    // An empty line between two paragraphs is how people type, not how it is printed.
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    Line(kBody, line, absl::StrCat("正文第", ++paragraphs_, "段"));
  }
}

void Writer::Table(const document::Table& table) {
  const std::string which = absl::StrCat("第", ++tables_, "张表");
  if (table.columns.empty()) {
    broken_table_ = absl::StrCat("table ", tables_, " has no columns");
    return;
  }
  if (!table.caption.empty()) Line(kCaption, table.caption, which);
  const std::vector<int> widths = WidthsOf(table.columns);
  absl::StrAppend(&body_, TableHead(widths), "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
  for (size_t i = 0; i < widths.size(); ++i) {
    absl::StrAppend(&body_, CellHead(widths[i]));
    Line(kHeaderCell, table.columns[i].header, absl::StrCat(which, "表头"));
    absl::StrAppend(&body_, "</w:tc>");
  }
  absl::StrAppend(&body_, "</w:tr>");
  for (size_t row = 0; row < table.rows.size(); ++row) {
    if (table.rows[row].size() != widths.size()) {
      broken_table_ = absl::StrCat("row ", row + 1, " of table ", tables_, " has ",
                                   table.rows[row].size(), " cells, not ", widths.size());
      return;
    }
    absl::StrAppend(&body_, "<w:tr><w:trPr><w:cantSplit/></w:trPr>");
    for (size_t i = 0; i < widths.size(); ++i) {
      absl::StrAppend(&body_, CellHead(widths[i]));
      const std::string align =
          absl::StrCat("<w:jc w:val=\"", AlignName(table.columns[i].align), "\"/>");
      for (const std::string& line : Lines(table.rows[row][i])) {
        Line(kCell, line, absl::StrCat(which, "第", row + 1, "行第", i + 1, "列"), align);
      }
      absl::StrAppend(&body_, "</w:tc>");
    }
    absl::StrAppend(&body_, "</w:tr>");
  }
  absl::StrAppend(&body_, "</w:tbl>");
  // Word wants a paragraph between a table and whatever follows.
  Line(kGap, "", "",
       "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"200\" w:lineRule=\"exact\"/>");
}

void Writer::Attachments(const std::vector<std::string>& titles) {
  for (size_t i = 0; i < titles.size(); ++i) {
    const std::string number = titles.size() > 1 ? absl::StrCat(i + 1, ".") : "";
    // Those that follow stand below the first one's title: 附件： is three characters wide.
    const absl::string_view extra =
        i == 0 ? "" : "<w:ind w:firstLineChars=\"500\" w:firstLine=\"1600\"/>";
    if (i == 0) Line(kGap, "", "");
    Line(kBody, absl::StrCat(i == 0 ? "附件：" : "", number, titles[i]),
         absl::StrCat("附件说明第", i + 1, "项"), extra);
  }
}

void Writer::Signature(absl::string_view issuer, absl::CivilDay day) {
  const std::string date = time::FormatDateZh(day);
  // The date stands four characters from the margin and the name in the middle above it.
  constexpr double kDateIndent = 4;
  const double name_indent = kDateIndent + (Ems(date) - Ems(issuer)) / 2;
  Line(kGap, "", "", "<w:keepNext/>");
  Line(kGap, "", "", "<w:keepNext/>");
  Line(kSignature, issuer, "署名", absl::StrCat("<w:keepNext/>", RightIndent(name_indent)));
  Line(kSignature, date, "成文日期", RightIndent(kDateIndent));
}

void Writer::Imprint(const document::Imprint& imprint) {
  constexpr absl::string_view kRule =
      "w:val=\"single\" w:sz=\"8\" w:space=\"1\" w:color=\"000000\"/>";
  const std::string top = absl::StrCat("<w:top ", kRule);
  const std::string bottom = absl::StrCat("<w:bottom ", kRule);
  Line(kGap, "", "", "<w:keepNext/>");
  if (!imprint.copies_to.empty()) {
    Line(kImprint, absl::StrCat("抄送：", imprint.copies_to, "。"), "抄送机关",
         absl::StrCat("<w:keepNext/><w:pBdr>", top, bottom, "</w:pBdr>"));
  }
  absl::StrAppend(&body_, "<w:p><w:pPr><w:pStyle w:val=\"", kImprint, "\"/><w:pBdr>",
                  imprint.copies_to.empty() ? top : "", bottom, "</w:pBdr></w:pPr>",
                  Run(Text(imprint.printed_by, "印发机关")), "<w:r><w:tab/></w:r>",
                  Run(absl::StrCat(time::FormatDateZh(imprint.print_day), "印发")), "</w:p>");
}

absl::StatusOr<std::string> Writer::Finish() && {
  const std::string title = Text(properties_.title, "文件标题");
  const std::string creator = Text(properties_.creator, "文件作者");
  if (!broken_table_.empty()) return status::Internal(broken_table_);
  if (!faults_.empty()) {
    std::vector<status::Violation> violations;
    for (size_t i = 0; i < faults_.size() && i < kMaxFaults; ++i) {
      violations.push_back({"document", absl::StrCat(faults_[i], "，请删除后再生成")});
    }
    return status::InvalidFields(std::move(violations));
  }
  sheet::ZipWriter zip;
  zip.Add("[Content_Types].xml", ContentTypesXml());
  zip.Add("_rels/.rels", RootRelationsXml());
  zip.Add("docProps/core.xml", CorePropertiesXml(title, creator, properties_.created));
  zip.Add("word/document.xml", DocumentXml(body_));
  zip.Add("word/_rels/document.xml.rels", DocumentRelationsXml());
  zip.Add("word/styles.xml", StylesXml());
  zip.Add("word/settings.xml", SettingsXml());
  zip.Add("word/fontTable.xml", FontTableXml());
  zip.Add("word/footer1.xml", FooterXml(/*odd=*/true));
  zip.Add("word/footer2.xml", FooterXml(/*odd=*/false));
  return std::move(zip).Finish();
}

}  // namespace chanyan::document
