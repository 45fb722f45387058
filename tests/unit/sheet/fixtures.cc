#include "tests/unit/sheet/fixtures.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/sheet/zip_writer.h"

namespace chanyan::sheet {
namespace {

constexpr char kRelations[] =
    R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)";
constexpr char kType[] = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
constexpr char kMain[] = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
constexpr char kDrawing[] = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing";
constexpr char kEtc[] = "http://www.wps.cn/officeDocument/2017/etCustomData";
constexpr char kXml[] = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
constexpr absl::string_view kPng("\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16);

std::string Relation(int id, absl::string_view type, absl::string_view target) {
  return absl::StrCat("<Relationship Id=\"rId", id, "\" Type=\"", type, "\" Target=\"", target,
                      "\"/>");
}

// What WPS keeps beside the workbook: properties, the list of who may edit what, the pictures that
// are shown in cells.
void AddWpsExtras(Parts& parts) {
  parts["docProps/app.xml"] = absl::StrCat(
      kXml, R"(<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/)",
      R"(extended-properties"><Application>WPS 表格</Application></Properties>)");
  parts["docProps/custom.xml"] = absl::StrCat(
      kXml, R"(<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/)",
      R"(custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/)",
      R"(docPropsVTypes"><property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" )",
      R"(name="KSOProductBuildVer"><vt:lpwstr>2052-12.1.0.17827</vt:lpwstr></property>)",
      R"(<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="3" name="ICV">)",
      R"(<vt:lpwstr>0F0E0D0C_13</vt:lpwstr></property></Properties>)");
  parts["customXml/item1.xml"] = absl::StrCat(
      kXml, R"(<allowEditUser xmlns="https://web.wps.cn/et/2018/main" xmlns:s=")", kMain,
      R"(" hasInvisiblePropRange="0"><rangeList sheetStid="1" master=""/></allowEditUser>)");
  parts["xl/cellimages.xml"] = absl::StrCat(
      kXml, R"(<etc:cellImages xmlns:xdr=")", kDrawing, R"(" xmlns:r=")", kType,
      R"(" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:etc=")", kEtc,
      R"("><etc:cellImage><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="ID_5A"/>)",
      R"(<xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="rId1"/></xdr:blipFill>)",
      R"(<xdr:spPr/></xdr:pic></etc:cellImage></etc:cellImages>)");
  parts["xl/_rels/cellimages.xml.rels"] =
      absl::StrCat(kXml, kRelations, Relation(1, absl::StrCat(kType, "image"), "media/image1.png"),
                   "</Relationships>");
  parts["xl/media/image1.png"] = std::string(kPng);
}

std::string WpsStyles() {
  std::string xml = absl::StrCat(kXml, R"(<styleSheet xmlns=")", kMain, R"("><numFmts count="8">)");
  const struct {
    int id;
    const char* code;
  } kFormats[] = {
      {41, R"(_ * #,##0_ ;_ * \-#,##0_ ;_ * &quot;-&quot;_ ;_ @_ )"},
      {44, R"(_ &quot;￥&quot;* #,##0.00_ ;_ &quot;￥&quot;* \-#,##0.00_ ;_ @_ )"},
      {176, "yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"},
      {177,
       R"([$-804]yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\ h&quot;时&quot;mm&quot;分&quot;;@)"},
      {178, "[DBNum1][$-804]yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"},
      {179, "yyyy/m/d;@"},
      {180, "[$-804]aaaa;@"},
      {181, "h&quot;时&quot;mm&quot;分&quot;;@"},
  };
  for (const auto& format : kFormats) {
    absl::StrAppend(&xml, "<numFmt numFmtId=\"", format.id, "\" formatCode=\"", format.code,
                    "\"/>");
  }
  absl::StrAppend(&xml, R"(</numFmts><cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs>)",
                  R"(<cellXfs count="10">)");
  for (const int id : {0, 176, 177, 178, 31, 179, 44, 49, 180, 181}) {
    absl::StrAppend(&xml, "<xf numFmtId=\"", id,
                    "\" fontId=\"0\" xfId=\"0\" applyNumberFormat=\"1\">",
                    R"(<alignment vertical="center"/></xf>)");
  }
  absl::StrAppend(&xml, R"(</cellXfs><cellStyles count="1"><cellStyle name="常规" xfId="0" )",
                  R"(builtinId="0"/></cellStyles><extLst><ext uri="{0bd0-4d0e}">)",
                  R"(<etc:x xmlns:etc=")", kEtc, R"("/></ext></extLst></styleSheet>)");
  return xml;
}

}  // namespace

Parts ExcelParts(absl::string_view sheet_data, absl::string_view shared_strings) {
  Parts parts;
  parts["[Content_Types].xml"] =
      R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)"
      R"(<Default Extension="xml" ContentType="application/xml"/></Types>)";
  parts["_rels/.rels"] =
      absl::StrCat(kRelations, R"(<Relationship Id="rId1" Type=")", kType,
                   R"(officeDocument" Target="xl/workbook.xml"/></Relationships>)");
  parts["xl/workbook.xml"] = absl::StrCat(
      R"(<workbook xmlns=")", kMain,
      R"(" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">)",
      R"(<workbookPr/><sheets><sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>)");
  parts["xl/_rels/workbook.xml.rels"] =
      absl::StrCat(kRelations, R"(<Relationship Id="rId1" Type=")", kType,
                   R"(worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type=")",
                   kType, R"(styles" Target="styles.xml"/><Relationship Id="rId3" Type=")", kType,
                   R"(sharedStrings" Target="sharedStrings.xml"/></Relationships>)");
  parts["xl/styles.xml"] = absl::StrCat(
      R"(<styleSheet xmlns=")", kMain,
      R"("><numFmts count="2"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;)"
      R"(d&quot;日&quot;;@"/><numFmt numFmtId="177" formatCode="[$-804]yyyy-mm-dd hh:mm"/>)"
      R"(</numFmts><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/>)"
      R"(<xf numFmtId="20"/><xf numFmtId="177"/></cellXfs></styleSheet>)");
  parts["xl/sharedStrings.xml"] =
      absl::StrCat(R"(<sst xmlns=")", kMain, R"(">)", shared_strings, "</sst>");
  parts["xl/worksheets/sheet1.xml"] = absl::StrCat(
      R"(<worksheet xmlns=")", kMain, R"("><sheetData>)", sheet_data, "</sheetData></worksheet>");
  return parts;
}

Parts WpsParts(absl::string_view sheet_data, absl::string_view shared_strings) {
  Parts parts;
  AddWpsExtras(parts);
  parts["[Content_Types].xml"] = absl::StrCat(
      kXml, R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)",
      R"(<Default Extension="xml" ContentType="application/xml"/>)",
      R"(<Default Extension="png" ContentType="image/png"/><Override PartName="/xl/workbook.xml" )",
      R"(ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>)",
      R"(<Override PartName="/xl/cellimages.xml" )",
      R"(ContentType="application/vnd.wps-officedocument.cellimage+xml"/></Types>)");
  parts["_rels/.rels"] = absl::StrCat(
      kXml, kRelations,
      Relation(3, absl::StrCat(kType, "custom-properties"), "docProps/custom.xml"),
      Relation(2, absl::StrCat(kType, "extended-properties"), "docProps/app.xml"),
      Relation(1, absl::StrCat(kType, "officeDocument"), "/xl/workbook.xml"), "</Relationships>");
  parts["xl/workbook.xml"] = absl::StrCat(
      kXml, R"(<workbook xmlns=")", kMain, R"(" xmlns:r=")",
      "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
      R"("><fileVersion appName="xl" lastEdited="3" lowestEdited="5" rupBuild="9302"/>)",
      R"(<workbookPr/><bookViews><workbookView windowWidth="27945"/></bookViews>)",
      R"(<sheets><sheet name="表" sheetId="1" r:id="rId1"/></sheets><calcPr calcId="144525"/>)",
      R"(</workbook>)");
  parts["xl/_rels/workbook.xml.rels"] =
      absl::StrCat(kXml, kRelations,
                   Relation(5, "http://www.wps.cn/officeDocument/2020/cellImage", "cellimages.xml"),
                   Relation(4, absl::StrCat(kType, "customXml"), "../customXml/item1.xml"),
                   Relation(3, absl::StrCat(kType, "sharedStrings"), "/xl/sharedStrings.xml"),
                   Relation(2, absl::StrCat(kType, "styles"), "/xl/styles.xml"),
                   Relation(1, absl::StrCat(kType, "worksheet"), "/xl/worksheets/sheet1.xml"),
                   "</Relationships>");
  parts["xl/styles.xml"] = WpsStyles();
  parts["xl/sharedStrings.xml"] =
      absl::StrCat(kXml, R"(<sst xmlns=")", kMain, R"(">)", shared_strings, "</sst>");
  parts["xl/worksheets/sheet1.xml"] = absl::StrCat(
      kXml, R"(<worksheet xmlns=")", kMain, R"(" xmlns:xdr=")", kDrawing,
      R"(" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:etc=")",
      kEtc, R"("><sheetPr><tabColor rgb="FFFF0000"/></sheetPr><dimension ref="A1:D3"/>)",
      R"(<sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews>)",
      R"(<sheetFormatPr defaultColWidth="9" defaultRowHeight="13.5"/>)",
      R"(<cols><col min="1" max="16384" width="9" style="7"/></cols><sheetData>)", sheet_data,
      R"(</sheetData><sheetProtection password="CC3D" sheet="1" objects="1"/><phoneticPr/>)",
      R"(<pageMargins left="0.75" right="0.75" top="1" bottom="1" header="0.5" footer="0.5"/>)",
      R"(<headerFooter/><extLst><ext uri="{7626C862-2A13-11E5-B345-FEFF819CDC9F}">)",
      R"(<etc:custom><etc:row r="99"><etc:c r="A99"><etc:v>9</etc:v></etc:c></etc:row>)",
      R"(</etc:custom></ext></extLst></worksheet>)");
  return parts;
}

std::string Zip(const Parts& parts) {
  ZipWriter zip;
  for (const auto& [name, bytes] : parts) {
    zip.Add(name, bytes);
  }
  return std::move(zip).Finish().value();
}

std::string ExcelFile(absl::string_view sheet_data, absl::string_view shared_strings) {
  return Zip(ExcelParts(sheet_data, shared_strings));
}

std::string Patched(std::string bytes, absl::string_view from, absl::string_view to) {
  absl::StrReplaceAll({{from, to}}, &bytes);
  return bytes;
}

}  // namespace chanyan::sheet
