// ReadWorkbook: from the container to the list of sheets. The cells are read in read_sheet.cc.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/sheet/number_format.h"
#include "common/sheet/package.h"
#include "common/sheet/read_sheet.h"
#include "common/sheet/workbook.h"
#include "common/sheet/xml.h"
#include "common/status/status.h"

namespace chanyan::sheet {
namespace {

struct Relation {
  std::string id;
  // Last segment of the type's URI, the same in the transitional and the strict variant.
  std::string kind;
  // Part name from the root of the package.
  std::string part;
};

// "xl/workbook.xml" + "../x/y.xml" → "x/y.xml"; absolute targets start at the root.
std::string ResolveTarget(absl::string_view source, absl::string_view target) {
  std::vector<absl::string_view> path;
  if (!absl::ConsumePrefix(&target, "/")) {
    path = absl::StrSplit(source, '/');
    path.pop_back();
  }
  for (absl::string_view segment : absl::StrSplit(target, '/')) {
    if (segment == "..") {
      if (!path.empty()) {
        path.pop_back();
      }
    } else if (segment != "." && !segment.empty()) {
      path.push_back(segment);
    }
  }
  return absl::StrJoin(path, "/");
}

absl::StatusOr<std::vector<Relation>> ReadRelations(Package& package, absl::string_view source) {
  const size_t slash = source.rfind('/');
  const size_t name = slash == absl::string_view::npos ? 0 : slash + 1;
  const std::string part =
      absl::StrCat(source.substr(0, name), "_rels/", source.substr(name), ".rels");
  CHANYAN_ASSIGN_OR_RETURN(const XmlPart xml, XmlPart::Read(package, part));
  std::vector<Relation> relations;
  for (pugi::xml_node node = Child(xml.root(), "Relationship"); node;
       node = Next(node, "Relationship")) {
    if (AttributeText(node, "TargetMode") == "External") {
      continue;
    }
    const absl::string_view type = AttributeText(node, "Type");
    relations.push_back({std::string(AttributeText(node, "Id")),
                         std::string(type.substr(type.rfind('/') + 1)),
                         ResolveTarget(source, AttributeText(node, "Target"))});
  }
  return relations;
}

const Relation* FindKind(const std::vector<Relation>& relations, absl::string_view kind) {
  for (const Relation& relation : relations) {
    if (relation.kind == kind) {
      return &relation;
    }
  }
  return nullptr;
}

absl::StatusOr<std::vector<std::string>> ReadSharedStrings(Package& package,
                                                           absl::string_view part) {
  CHANYAN_ASSIGN_OR_RETURN(const XmlPart xml, XmlPart::Read(package, part));
  std::vector<std::string> strings;
  for (pugi::xml_node item = Child(xml.root(), "si"); item; item = Next(item, "si")) {
    if (strings.size() >= package.limits().shared_strings) {
      return TooLarge(package.file_name(),
                      absl::StrCat("文件中不同的文字超过 ", package.limits().shared_strings,
                                   " 项，请拆分为几个文件后分别上传"));
    }
    strings.push_back(RichText(item));
  }
  return strings;
}

// Style index of a cell → whether its number is a date.
absl::StatusOr<std::vector<bool>> ReadDateStyles(Package& package, absl::string_view part) {
  CHANYAN_ASSIGN_OR_RETURN(const XmlPart xml, XmlPart::Read(package, part));
  absl::flat_hash_map<uint32_t, bool> custom;
  const pugi::xml_node formats = Child(xml.root(), "numFmts");
  for (pugi::xml_node node = Child(formats, "numFmt"); node; node = Next(node, "numFmt")) {
    uint32_t id;
    if (absl::SimpleAtoi(AttributeText(node, "numFmtId"), &id)) {
      custom[id] = IsDateFormat(AttributeText(node, "formatCode"));
    }
  }
  std::vector<bool> dates;
  const pugi::xml_node cells = Child(xml.root(), "cellXfs");
  for (pugi::xml_node node = Child(cells, "xf"); node; node = Next(node, "xf")) {
    uint32_t id = 0;
    if (!absl::SimpleAtoi(AttributeText(node, "numFmtId"), &id)) {
      id = 0;
    }
    const auto found = custom.find(id);
    dates.push_back(found != custom.end() ? found->second : IsBuiltinDateFormat(id));
  }
  return dates;
}

absl::Status RefuseMacros(Package& package) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string types, package.Read("[Content_Types].xml"));
  if (absl::StrContains(types, "macroEnabled") || absl::StrContains(types, "vbaProject")) {
    return BadFile(package.file_name(),
                   absl::StrCat("文件含有宏", kSaveAgain, "（另存时选择不含宏）"));
  }
  if (absl::StrContains(types, "sheet.binary")) {
    return BadFile(package.file_name(), absl::StrCat("文件是 .xlsb 格式", kSaveAgain));
  }
  return absl::OkStatus();
}

// What all sheets share, from the parts beside the workbook.
absl::StatusOr<SheetContext> ReadContext(Package& package, pugi::xml_node workbook,
                                         const std::vector<Relation>& relations) {
  SheetContext context;
  context.system_1904 = AttributeBool(Child(workbook, "workbookPr"), "date1904");
  if (const Relation* strings = FindKind(relations, "sharedStrings"); strings != nullptr) {
    CHANYAN_ASSIGN_OR_RETURN(context.shared_strings, ReadSharedStrings(package, strings->part));
  }
  // A program's file may do without styles; then it has no dates.
  if (const Relation* styles = FindKind(relations, "styles");
      styles != nullptr && package.Has(styles->part)) {
    CHANYAN_ASSIGN_OR_RETURN(context.date_styles, ReadDateStyles(package, styles->part));
  }
  return context;
}

}  // namespace

absl::StatusOr<Workbook> ReadWorkbook(absl::string_view bytes, absl::string_view file_name,
                                      const Limits& limits) {
  CHANYAN_ASSIGN_OR_RETURN(Package package, Package::Open(bytes, file_name, limits));
  CHANYAN_RETURN_IF_ERROR(RefuseMacros(package));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<Relation> roots, ReadRelations(package, ""));
  const Relation* document = FindKind(roots, "officeDocument");
  if (document == nullptr) {
    return BadFile(file_name, absl::StrCat("文件不是 Excel 工作簿", kSaveAgain));
  }
  CHANYAN_ASSIGN_OR_RETURN(const XmlPart xml, XmlPart::Read(package, document->part));
  if (LocalName(xml.root().name()) != "workbook") {
    return BadFile(file_name,
                   absl::StrCat("文件是其他 Office 文档，不是 Excel 工作簿", kSaveAgain));
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<Relation> relations,
                           ReadRelations(package, document->part));
  CHANYAN_ASSIGN_OR_RETURN(SheetContext context, ReadContext(package, xml.root(), relations));

  Workbook workbook;
  workbook.file_name = std::string(file_name);
  const pugi::xml_node list = Child(xml.root(), "sheets");
  for (pugi::xml_node node = Child(list, "sheet"); node; node = Next(node, "sheet")) {
    // The attribute is r:id; sheetId has another local name.
    const absl::string_view id = AttributeText(node, "id");
    const auto relation = std::find_if(relations.begin(), relations.end(),
                                       [&](const Relation& r) { return r.id == id; });
    if (relation == relations.end() || relation->kind != "worksheet") {
      continue;
    }
    if (workbook.sheets.size() >= limits.sheets) {
      return TooLarge(file_name,
                      absl::StrCat("工作表超过 ", limits.sheets, " 张，请拆分后分别上传"));
    }
    Sheet& sheet = workbook.sheets.emplace_back();
    sheet.name = std::string(AttributeText(node, "name"));
    const absl::string_view state = AttributeText(node, "state");
    sheet.hidden = state == "hidden" || state == "veryHidden";
    CHANYAN_RETURN_IF_ERROR(ReadSheet(package, relation->part, context, sheet));
  }
  if (workbook.FirstVisible() == nullptr) {
    return BadFile(file_name, absl::StrCat("文件中没有可见的工作表", kSaveAgain));
  }
  return workbook;
}

}  // namespace chanyan::sheet
