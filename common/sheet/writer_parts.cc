#include "common/sheet/writer_parts.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "common/sheet/text.h"

namespace chanyan::sheet {
namespace {

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define OOXML "http://schemas.openxmlformats.org/"
// 2025年3月18日, in every locale.
#define CHINESE_DATE "yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"

struct Xf {
  uint32_t format;
  uint32_t font;
  uint32_t fill;
  uint32_t border;
  bool quoted;
  // <alignment …/> or nothing.
  absl::string_view alignment;
};

// 14 would be the date of the reader's locale; 49 is "@", text.
constexpr uint32_t kFormatDate = 164;
constexpr uint32_t kFormatDateTime = 165;
constexpr uint32_t kFormatText = 49;
constexpr absl::string_view kCentred =
    R"(<alignment horizontal="center" vertical="center" wrapText="1"/>)";
constexpr absl::string_view kTop = R"(<alignment vertical="top" wrapText="1"/>)";

// In the order of Style.
constexpr Xf kXfs[] = {
    {kFormatText, 0, 0, 1, false, ""},
    {kFormatText, 0, 0, 1, true, ""},
    {kFormatText, 1, 2, 1, false, kCentred},
    {kFormatText, 2, 0, 0, false, kCentred},
    {kFormatText, 0, 0, 1, false, kTop},
    {kFormatText, 0, 0, 1, true, kTop},
    {0, 0, 0, 1, false, ""},
    {1, 0, 0, 1, false, ""},
    {kFormatDate, 0, 0, 1, false, ""},
    {kFormatDateTime, 0, 0, 1, false, ""},
};
static_assert(std::size(kXfs) == kStyleCount);

void AppendXf(std::string& out, const Xf& xf, bool unlocked) {
  absl::SubstituteAndAppend(
      &out,
      R"(<xf numFmtId="$0" fontId="$1" fillId="$2" borderId="$3" xfId="0"$4 applyNumberFormat="1")"
      R"( applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1" applyProtection="1">)",
      xf.format, xf.font, xf.fill, xf.border, xf.quoted ? R"( quotePrefix="1")" : "");
  absl::StrAppend(&out, xf.alignment, unlocked ? R"(<protection locked="0"/>)" : "", "</xf>");
}

std::string Escaped(absl::string_view text) {
  std::string out;
  AppendXmlText(out, text);
  // Names and titles also stand in attributes.
  return absl::StrReplaceAll(out, {{"\"", "&quot;"}});
}

}  // namespace

std::string StylesXml() {
  std::string xml = XML_HEAD
      "<styleSheet xmlns=\"" OOXML
      "spreadsheetml/2006/main\">"
      "<numFmts count=\"2\"><numFmt numFmtId=\"164\" formatCode=\"" CHINESE_DATE
      "\"/><numFmt numFmtId=\"165\" formatCode=\"" CHINESE_DATE
      "\\ hh:mm\"/></numFmts>"
      "<fonts count=\"3\"><font><sz val=\"11\"/><name val=\"宋体\"/><charset val=\"134\"/></font>"
      "<font><b/><sz val=\"11\"/><name val=\"宋体\"/><charset val=\"134\"/></font>"
      "<font><b/><sz val=\"16\"/><name val=\"宋体\"/><charset val=\"134\"/></font></fonts>"
      "<fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill>"
      "<fill><patternFill patternType=\"gray125\"/></fill><fill><patternFill "
      "patternType=\"solid\"><fgColor rgb=\"FFD9E1F2\"/><bgColor indexed=\"64\"/></patternFill>"
      "</fill></fills><borders count=\"2\"><border><left/><right/><top/><bottom/><diagonal/>"
      "</border><border><left style=\"thin\"><color auto=\"1\"/></left><right style=\"thin\">"
      "<color auto=\"1\"/></right><top style=\"thin\"><color auto=\"1\"/></top>"
      "<bottom style=\"thin\"><color auto=\"1\"/></bottom><diagonal/></border></borders>"
      "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/>"
      "</cellStyleXfs>";
  absl::StrAppend(&xml, "<cellXfs count=\"", 2 * kStyleCount, "\">");
  for (bool unlocked : {false, true}) {
    for (const Xf& xf : kXfs) {
      AppendXf(xml, xf, unlocked);
    }
  }
  absl::StrAppend(&xml,
                  "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" "
                  "builtinId=\"0\"/></cellStyles></styleSheet>");
  return xml;
}

std::string ContentTypesXml(size_t sheets) {
  std::string xml =
      XML_HEAD "<Types xmlns=\"" OOXML
               "package/2006/content-types\">"
               "<Default Extension=\"rels\" "
               "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
               "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
               "<Override PartName=\"/xl/workbook.xml\" ContentType=\"application/"
               "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>"
               "<Override PartName=\"/xl/styles.xml\" ContentType=\"application/"
               "vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>"
               "<Override PartName=\"/docProps/core.xml\" "
               "ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>";
  for (size_t i = 1; i <= sheets; ++i) {
    absl::StrAppend(&xml, "<Override PartName=\"/xl/worksheets/sheet", i,
                    ".xml\" ContentType=\"application/"
                    "vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>");
  }
  absl::StrAppend(&xml, "</Types>");
  return xml;
}

std::string RootRelationsXml() {
  return XML_HEAD
      "<Relationships xmlns=\"" OOXML
      "package/2006/relationships\">"
      "<Relationship Id=\"rId1\" Type=\"" OOXML
      "officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/>"
      "<Relationship Id=\"rId2\" Type=\"" OOXML
      "package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>"
      "</Relationships>";
}

std::string WorkbookXml(const std::vector<SheetEntry>& sheets) {
  size_t active = 0;
  while (active < sheets.size() && sheets[active].hidden) {
    ++active;
  }
  std::string xml = absl::StrCat(
      XML_HEAD "<workbook xmlns=\"" OOXML "spreadsheetml/2006/main\" xmlns:r=\"" OOXML
               "officeDocument/2006/relationships\"><bookViews><workbookView activeTab=\"",
      active, "\"/></bookViews><sheets>");
  std::string names;
  for (size_t i = 0; i < sheets.size(); ++i) {
    const std::string name = Escaped(sheets[i].name);
    absl::StrAppend(&xml, "<sheet name=\"", name, "\" sheetId=\"", i + 1, "\"",
                    sheets[i].hidden ? " state=\"hidden\"" : "", " r:id=\"rId", i + 1, "\"/>");
    if (sheets[i].repeat_rows > 0) {
      absl::StrAppend(&names, "<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"", i, "\">'",
                      absl::StrReplaceAll(name, {{"'", "''"}}), "'!$1:$", sheets[i].repeat_rows,
                      "</definedName>");
    }
  }
  absl::StrAppend(&xml, "</sheets>");
  if (!names.empty()) {
    absl::StrAppend(&xml, "<definedNames>", names, "</definedNames>");
  }
  absl::StrAppend(&xml, "</workbook>");
  return xml;
}

std::string WorkbookRelationsXml(size_t sheets) {
  std::string xml = XML_HEAD "<Relationships xmlns=\"" OOXML "package/2006/relationships\">";
  for (size_t i = 1; i <= sheets; ++i) {
    absl::StrAppend(&xml, "<Relationship Id=\"rId", i,
                    "\" Type=\"" OOXML
                    "officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet",
                    i, ".xml\"/>");
  }
  absl::StrAppend(&xml, "<Relationship Id=\"rId", sheets + 1,
                  "\" Type=\"" OOXML
                  "officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/>"
                  "</Relationships>");
  return xml;
}

std::string CorePropertiesXml(absl::string_view title, absl::string_view creator,
                              absl::Time created) {
  const std::string when = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", created, absl::UTCTimeZone());
  return absl::StrCat(XML_HEAD "<cp:coreProperties xmlns:cp=\"" OOXML
                               "package/2006/metadata/core-properties\" "
                               "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
                               "xmlns:dcterms=\"http://purl.org/dc/terms/\" "
                               "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>",
                      Escaped(title), "</dc:title><dc:creator>", Escaped(creator),
                      "</dc:creator><dcterms:created xsi:type=\"dcterms:W3CDTF\">", when,
                      "</dcterms:created><dcterms:modified xsi:type=\"dcterms:W3CDTF\">", when,
                      "</dcterms:modified></cp:coreProperties>");
}

}  // namespace chanyan::sheet
