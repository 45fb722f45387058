#include "common/document/parts.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"

namespace chanyan::document {
namespace {

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define OOXML "http://schemas.openxmlformats.org/"
#define WORD "xmlns:w=\"" OOXML "wordprocessingml/2006/main\""
#define RELATION OOXML "officeDocument/2006/relationships"
#define WORD_TYPE "application/vnd.openxmlformats-officedocument.wordprocessingml."

constexpr absl::string_view kSong = "方正小标宋简体";
constexpr absl::string_view kFang = "仿宋";
constexpr absl::string_view kHei = "黑体";
constexpr absl::string_view kKai = "楷体";

// One paragraph style. Sizes in half points: 二号 44, 三号 32, 四号 28, 五号 21.
struct Style {
  absl::string_view id;
  absl::string_view font;
  int half_points;
  // Of <w:pPr>.
  absl::string_view paragraph;
  // Of <w:rPr>, besides font and size.
  absl::string_view run;
  // 1 to 3, for the outline; 0 = text.
  int level = 0;
};

#define FIXED "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"579\" w:lineRule=\"exact\"/>"
#define TWO_CHARACTERS "<w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/>"

// Lines of cells are not those of the page.
#define OFF_GRID "<w:snapToGrid w:val=\"0\"/>"

// A quarter of a point less between characters: 28 of them on the 156 mm between the margins.
#define TIGHT "<w:spacing w:val=\"-5\"/>"

constexpr Style kStyles[] = {
    {kMark, kSong, 72,
     "<w:spacing w:before=\"240\" w:after=\"360\" w:line=\"900\" w:lineRule=\"exact\"/>"
     "<w:jc w:val=\"center\"/>",
     "<w:color w:val=\"FF0000\"/><w:spacing w:val=\"20\"/>"},
    {kNumberLine, kFang, 32,
     "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"18\" w:space=\"4\" w:color=\"FF0000\"/></w:pBdr>"
     "<w:tabs><w:tab w:val=\"right\" w:pos=\"8844\"/></w:tabs>"
     "<w:spacing w:before=\"0\" w:after=\"579\" w:line=\"579\" w:lineRule=\"exact\"/>",
     ""},
    {kTitle, kSong, 44,
     "<w:keepNext/><w:spacing w:before=\"0\" w:after=\"579\" w:line=\"660\" w:lineRule=\"exact\"/>"
     "<w:jc w:val=\"center\"/>",
     ""},
    {kAddressee, kFang, 32, FIXED "<w:jc w:val=\"both\"/>", TIGHT},
    {kBody, kFang, 32, FIXED TWO_CHARACTERS "<w:jc w:val=\"both\"/>", TIGHT},
    {"Heading1", kHei, 32, "<w:keepNext/>" FIXED TWO_CHARACTERS, TIGHT, 1},
    {"Heading2", kKai, 32, "<w:keepNext/>" FIXED TWO_CHARACTERS, TIGHT, 2},
    {"Heading3", kFang, 32, "<w:keepNext/>" FIXED TWO_CHARACTERS, TIGHT, 3},
    {kCaption, kHei, 28,
     "<w:keepNext/><w:spacing w:before=\"120\" w:after=\"60\" w:line=\"480\" w:lineRule=\"exact\"/>"
     "<w:jc w:val=\"center\"/>",
     ""},
    {kCell, kFang, 21,
     OFF_GRID "<w:spacing w:before=\"20\" w:after=\"20\" w:line=\"320\" w:lineRule=\"atLeast\"/>",
     ""},
    {kHeaderCell, kHei, 21,
     "<w:keepNext/>" OFF_GRID
     "<w:spacing w:before=\"20\" w:after=\"20\" w:line=\"320\" w:lineRule=\"atLeast\"/>"
     "<w:jc w:val=\"center\"/>",
     ""},
    {kSignature, kFang, 32,
     "<w:keepLines/><w:autoSpaceDE w:val=\"0\"/><w:autoSpaceDN w:val=\"0\"/>" FIXED
     "<w:jc w:val=\"right\"/>",
     ""},
    {kImprint, kFang, 28,
     "<w:keepLines/><w:tabs><w:tab w:val=\"right\" w:pos=\"8564\"/></w:tabs>"
     "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"500\" w:lineRule=\"exact\"/>"
     "<w:ind w:leftChars=\"100\" w:left=\"280\" w:rightChars=\"100\" w:right=\"280\"/>",
     ""},
    {kGap, kFang, 21, FIXED, ""},
};

std::string Fonts(absl::string_view font) {
  return absl::Substitute(
      R"(<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman")"
      R"( w:eastAsia="$0"/>)",
      font);
}

std::string StyleXml(const Style& style) {
  const std::string outline =
      style.level == 0 ? "" : absl::StrCat("<w:outlineLvl w:val=\"", style.level - 1, "\"/>");
  const std::string name =
      style.level == 0 ? std::string(style.id) : absl::StrCat("heading ", style.level);
  // The order of w:rPr's children is the schema's: fonts, colour, spacing, size.
  return absl::StrCat("<w:style w:type=\"paragraph\" w:styleId=\"", style.id, "\"><w:name w:val=\"",
                      name, "\"/><w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr>", style.paragraph,
                      outline, "</w:pPr><w:rPr>", Fonts(style.font), style.run, "<w:sz w:val=\"",
                      style.half_points, "\"/><w:szCs w:val=\"", style.half_points,
                      "\"/></w:rPr></w:style>");
}

std::string FontXml(absl::string_view name, absl::string_view other) {
  return absl::StrCat("<w:font w:name=\"", name, "\">",
                      other.empty() ? "" : absl::StrCat("<w:altName w:val=\"", other, "\"/>"),
                      "<w:charset w:val=\"86\"/><w:family w:val=\"auto\"/></w:font>");
}

}  // namespace

std::string CorePropertiesXml(absl::string_view title, absl::string_view creator,
                              absl::Time created) {
  const std::string when = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", created, absl::UTCTimeZone());
  return absl::Substitute(
      XML_HEAD "<cp:coreProperties xmlns:cp=\"" OOXML
               "package/2006/metadata/core-properties\" "
               "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
               "xmlns:dcterms=\"http://purl.org/dc/terms/\" "
               "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>$0</dc:title>"
               "<dc:creator>$1</dc:creator><dcterms:created xsi:type=\"dcterms:W3CDTF\">$2"
               "</dcterms:created><dcterms:modified xsi:type=\"dcterms:W3CDTF\">$2"
               "</dcterms:modified></cp:coreProperties>",
      title, creator, when);
}

std::string ContentTypesXml() {
  std::string xml = XML_HEAD "<Types xmlns=\"" OOXML
                             "package/2006/content-types\">"
                             "<Default Extension=\"rels\" ContentType=\""
                             "application/vnd.openxmlformats-package.relationships+xml\"/>"
                             "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
                             "<Override PartName=\"/docProps/core.xml\" ContentType=\""
                             "application/vnd.openxmlformats-package.core-properties+xml\"/>";
  const std::pair<absl::string_view, absl::string_view> parts[] = {
      {"document", "document.main"}, {"styles", "styles"},  {"settings", "settings"},
      {"fontTable", "fontTable"},    {"footer1", "footer"}, {"footer2", "footer"}};
  for (const auto& [part, type] : parts) {
    absl::StrAppend(&xml, "<Override PartName=\"/word/", part, ".xml\" ContentType=\"", WORD_TYPE,
                    type, "+xml\"/>");
  }
  return absl::StrCat(xml, "</Types>");
}

std::string RootRelationsXml() {
  return XML_HEAD "<Relationships xmlns=\"" OOXML
                  "package/2006/relationships\">"
                  "<Relationship Id=\"rId1\" Type=\"" RELATION
                  "/officeDocument\" Target=\"word/document.xml\"/>"
                  "<Relationship Id=\"rId2\" Type=\"" OOXML
                  "package/2006/relationships/metadata/core-properties\" "
                  "Target=\"docProps/core.xml\"/></Relationships>";
}

std::string DocumentRelationsXml() {
  std::string xml = XML_HEAD "<Relationships xmlns=\"" OOXML "package/2006/relationships\">";
  const std::pair<absl::string_view, absl::string_view> parts[] = {{"styles", "styles"},
                                                                   {"settings", "settings"},
                                                                   {"fontTable", "fontTable"},
                                                                   {"footer", "footer1"},
                                                                   {"footer", "footer2"}};
  int id = 0;
  for (const auto& [type, part] : parts) {
    absl::StrAppend(&xml, "<Relationship Id=\"rId", ++id, "\" Type=\"", RELATION, "/", type,
                    "\" Target=\"", part, ".xml\"/>");
  }
  return absl::StrCat(xml, "</Relationships>");
}

std::string StylesXml() {
  std::string xml = absl::StrCat(
      XML_HEAD "<w:styles " WORD "><w:docDefaults><w:rPrDefault><w:rPr>", Fonts(kFang),
      "<w:kern w:val=\"0\"/><w:sz w:val=\"32\"/><w:szCs w:val=\"32\"/>"
      "<w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault><w:pPrDefault/>"
      "</w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\">"
      "<w:name w:val=\"Normal\"/><w:pPr><w:overflowPunct/></w:pPr></w:style>");
  for (const Style& style : kStyles) absl::StrAppend(&xml, StyleXml(style));
  return absl::StrCat(xml, "</w:styles>");
}

std::string SettingsXml() {
  return XML_HEAD "<w:settings " WORD
                  "><w:zoom w:percent=\"100\"/><w:evenAndOddHeaders/>"
                  "<w:characterSpacingControl w:val=\"compressPunctuation\"/>"
                  "<w:compat><w:compatSetting w:name=\"compatibilityMode\" "
                  "w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat>"
                  "</w:settings>";
}

std::string FontTableXml() {
  return absl::StrCat(XML_HEAD "<w:fonts " WORD ">", FontXml(kSong, "宋体"),
                      FontXml(kFang, "仿宋_GB2312"), FontXml(kKai, "楷体_GB2312"),
                      FontXml(kHei, ""), "</w:fonts>");
}

std::string FooterXml(bool odd) {
  const absl::string_view side =
      odd ? R"(<w:ind w:rightChars="100" w:right="280"/><w:jc w:val="right"/>)"
          : R"(<w:ind w:leftChars="100" w:left="280"/><w:jc w:val="left"/>)";
  const std::string look =
      absl::StrCat("<w:rPr>", Fonts("宋体"), "<w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/></w:rPr>");
  return absl::Substitute(
      XML_HEAD "<w:ftr " WORD
               "><w:p><w:pPr>$0</w:pPr><w:r>$1<w:t xml:space=\"preserve\">— </w:t>"
               "</w:r><w:r>$1<w:fldChar w:fldCharType=\"begin\"/></w:r><w:r>$1"
               "<w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r><w:r>$1"
               "<w:fldChar w:fldCharType=\"separate\"/></w:r><w:r>$1<w:t>1</w:t></w:r><w:r>$1"
               "<w:fldChar w:fldCharType=\"end\"/></w:r><w:r>$1<w:t xml:space=\"preserve\"> —</w:t>"
               "</w:r></w:p></w:ftr>",
      side, look);
}

std::string DocumentXml(absl::string_view body) {
  return absl::Substitute(
      XML_HEAD "<w:document " WORD " xmlns:r=\"" RELATION
               "\"><w:body>$0<w:sectPr>"
               "<w:footerReference w:type=\"default\" r:id=\"rId4\"/>"
               "<w:footerReference w:type=\"even\" r:id=\"rId5\"/>"
               "<w:pgSz w:w=\"$1\" w:h=\"$2\"/><w:pgMar w:top=\"$3\" w:right=\"$4\" "
               "w:bottom=\"$5\" w:left=\"$6\" w:header=\"851\" w:footer=\"1304\" w:gutter=\"0\"/>"
               "<w:docGrid w:type=\"lines\" w:linePitch=\"$7\"/></w:sectPr></w:body></w:document>",
      body, kPageWidth, kPageHeight, kMarginTop, kMarginRight, kMarginBottom, kMarginLeft,
      kLinePitch);
}

}  // namespace chanyan::document
